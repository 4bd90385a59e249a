// SPDX-License-Identifier: Apache-2.0
// A picture that was printed, or stood on something, and was photographed again.
#pragma once

#include <array>

#include "datasets/marks.h"
#include "datasets/picture.h"
#include "datasets/random.h"

namespace semblance::datasets {

/// A point, in parts of a picture's sides from its upper left corner.
struct Corner {
  double x = 0.0;
  double y = 0.0;
};

/// Shows the picture as the quadrilateral `corners` (upper left, upper right, lower right, lower
/// left of the picture; convex) of a canvas of the same size, the rest in one colour.
///
/// **Source:** Heckbert, "Fundamentals of Texture Mapping and Image Warping" (1989), for the map of
/// the unit square to a quadrilateral; bilinear samples.
Picture seen_from_aside(const Picture& picture, const std::array<Corner, 4>& corners,
                        const Colour& around);

/// The same with each corner moved inwards by up to `strength` (below 0.5) of either side.
Picture seen_from_aside(const Picture& picture, double strength, Random& random);

/// Replaces each sample by dots of ink, `cell` pixels apart on lines at 45 degrees, as large as the
/// sample is dark: `depth` (0..1) says how far the result is on the way from the picture to dots.
Picture halftoned(const Picture& picture, double cell, double depth);

/// A print that was scanned: ink that spreads, dots, paper that lies askew, light, sensor noise.
Picture printed_and_scanned(const Picture& picture, Random& random);

}  // namespace semblance::datasets
