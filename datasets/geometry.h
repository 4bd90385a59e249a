// SPDX-License-Identifier: Apache-2.0
// Alterations that move pixels: size, symmetry, cutting and framing.
#pragma once

#include <cstdint>

#include "datasets/picture.h"
#include "semblance/signal.h"

namespace semblance::datasets {

/// Resamples to width x height (each at least 1): bilinear when enlarging, a tent over the covered
/// area when shrinking.
Picture resize(const Picture& picture, std::uint32_t width, std::uint32_t height);

/// Resamples both sides by `scale`, rounded, at least one pixel.
Picture rescale(const Picture& picture, double scale);

/// Applies one of the eight symmetries, named as a matcher names them; no pixel value changes.
Picture transformed(const Picture& picture, Transform transform);

/// Turns about the centre by a fraction of a full turn, counter-clockwise; corners become black.
Picture turned(const Picture& picture, double turns);

/// Removes `fraction` of the width or height from each of the four sides; below 0.5.
Picture cropped(const Picture& picture, double fraction);

/// Adds a frame of one gray on all sides, `fraction` of the shorter side wide.
Picture framed(const Picture& picture, double fraction, std::uint8_t gray);

/// Adds black bars above and below, each `fraction` of the height.
Picture letterboxed(const Picture& picture, double fraction);

/// Puts the picture, reduced to half its size, into the middle of a gray page of the same size.
Picture on_a_page(const Picture& picture);

}  // namespace semblance::datasets
