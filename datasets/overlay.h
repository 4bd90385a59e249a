// SPDX-License-Identifier: Apache-2.0
// Things laid over a picture: stickers, text without a bar, another picture that shines through.
#pragma once

#include <cstdint>

#include "datasets/picture.h"
#include "datasets/random.h"

namespace semblance::datasets {

/// Lays `count` round faces of random colours at random places, each of so large a `diameter`, as a
/// fraction (below 1) of the shorter side.
Picture stickered(const Picture& picture, std::uint32_t count, double diameter, Random& random);

/// Writes `lines` lines of light text with a dark rim over the middle of the picture, each `height`
/// (below 0.5) of the picture's height.
Picture written_over(const Picture& picture, std::uint32_t lines, double height, Random& random);

/// Lays another picture, brought to the same size, over this one with so much `opacity`, 0..1.
Picture blended(const Picture& picture, const Picture& other, double opacity);

}  // namespace semblance::datasets
