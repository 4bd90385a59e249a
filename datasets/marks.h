// SPDX-License-Identifier: Apache-2.0
// Boxes and lines of text-like marks: what interfaces, captions and stamps are drawn of.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "datasets/picture.h"
#include "datasets/random.h"

namespace semblance::datasets {

/// R, G, B.
using Colour = std::array<std::uint8_t, 3>;

/// A rectangle of pixels.
struct Box {
  std::size_t left = 0;
  std::size_t top = 0;
  std::size_t width = 0;
  std::size_t height = 0;
};

/// The gray of that value.
constexpr Colour gray(std::uint8_t value) noexcept { return {value, value, value}; }

/// A colour drawn at random, each sample uniform.
Colour any_colour(Random& random) noexcept;

/// A picture of one colour.
Picture plain(std::uint32_t width, std::uint32_t height, const Colour& colour);

/// Fills the part of `box` that lies inside the picture.
void fill(Picture& picture, const Box& box, const Colour& colour);

/// Writes one line of blocks of random width, as words look from afar, centred in the height of
/// `box`, which lies inside the picture.
void write_marks(Picture& picture, const Box& box, const Colour& colour, Random& random);

}  // namespace semblance::datasets
