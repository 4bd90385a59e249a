// SPDX-License-Identifier: Apache-2.0
// Alterations that put a picture somewhere: parts of it, borders around it, other pictures beside
// it.
#pragma once

#include <cstdint>
#include <span>

#include "datasets/marks.h"
#include "datasets/picture.h"
#include "datasets/random.h"

namespace semblance::datasets {

/// The part of the picture inside `box`, which lies inside the picture and is not empty.
Picture cut(const Picture& picture, const Box& box);

/// Copies the picture onto the canvas; what would lie outside it is left off.
void paste(Picture& canvas, const Picture& picture, std::size_t left, std::size_t top);

/// Resizes to the largest size that fits into width x height with the picture's own shape.
Picture fitted(const Picture& picture, std::uint32_t width, std::uint32_t height);

/// Resizes and cuts away what is over on two opposite sides, so that width x height is filled.
Picture covering(const Picture& picture, std::uint32_t width, std::uint32_t height);

/// A part that keeps `keep_x` of the width and `keep_y` of the height (each in (0, 1]), at a random
/// place.
Picture cropped_anywhere(const Picture& picture, double keep_x, double keep_y, Random& random);

/// Widths of borders, as fractions of the picture's width (left, right) and height (top, bottom).
struct Edges {
  double left = 0.0;
  double top = 0.0;
  double right = 0.0;
  double bottom = 0.0;
};

/// The picture with borders of one colour around it.
Picture bordered(const Picture& picture, const Edges& edges, const Colour& colour);

/// How a collage is laid out.
struct CollageOptions {
  std::uint32_t columns = 2;
  std::uint32_t rows = 2;
  double gutter = 0.0;  // width of the space between and around the pictures, of the canvas's width
};

/// The longer side of a collage, in pixels.
inline constexpr std::uint32_t kCollageSide = 1280;

/// A grid of cells of the known picture's shape: the known picture whole in a random one, others,
/// cut to that shape, in the rest, repeated if there are too few. At least one other.
Picture collage(const Picture& known, std::span<const Picture* const> others,
                const CollageOptions& options, Random& random);

/// The known picture whole in one corner with `share` (0.25..1) of both sides of the canvas, others
/// in a row beside it and a row beneath it; at 1 in the full width, with a row beneath it alone.
Picture mosaic(const Picture& known, std::span<const Picture* const> others, double share,
               double gutter, Random& random);

}  // namespace semblance::datasets
