// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: places of a picture that are found again in a copy of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/luma_plane.h"

namespace semblance::hash {

/// A corner of a plane. Its direction is that from the corner to the centroid of the light around
/// it, which turns with the picture.
struct Corner {
  std::uint16_t x = 0;  // pixels
  std::uint16_t y = 0;
  std::uint8_t turn = 0;      // direction, in 1/256 of a turn, clockwise from the right
  std::uint8_t rank = 0;      // 0 for the strongest of its part of the plane
  std::int64_t strength = 0;  // Harris's measure, as a whole number
};

/// Pixels from the edges of the plane within which there are no corners.
inline constexpr int kCornerMargin = 20;

/// The corners of the plane, at most `most`: the strongest of each square of as many as are asked
/// for, by their strength, then the second of each, and the third. So no part of the picture is
/// without, as long as it has any: a copy may show that part alone, or the picture may be a small
/// part of a page that has stronger ones everywhere. Whole numbers decide, so that every CPU finds
/// the same.
///
/// **Source:** Rosten, Drummond: Machine learning for high-speed corner detection (ECCV 2006), as
/// OpenCV has it; Harris, Stephens: A combined corner and edge detector (1988); Rosin: Measuring
/// corner properties (1999) for the direction.
std::vector<Corner> find_corners(const LumaPlane& plane, std::size_t most);

}  // namespace semblance::hash
