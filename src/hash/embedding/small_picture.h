// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: a picture brought to a small square, for the descriptor.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/raster.h"
#include "semblance/result.h"

namespace semblance::hash {

/// A picture as kSide x kSide samples of luma, blue and red difference, row-major, in sixteenths of
/// a gray level: luma 0..4,080, the differences within +-2,040. The square is stretched over the
/// whole picture, whatever its shape.
struct SmallPicture {
  static constexpr std::size_t kSide = 64;
  static constexpr std::int32_t kUnit = 16;
  using Plane = std::array<std::int16_t, kSide * kSide>;

  Plane luma{};
  Plane blue{};
  Plane red{};
};

/// Errc::kBadArgument if a raster holds no pixels, too few or too many samples for its size, or
/// neither one channel nor three.
Status check(const Raster& picture);

/// Averages exact areas. Integers throughout: the same bits on every machine; a gray picture gives
/// the same in one channel as in three; turned pictures give the turned squares. `picture` passes
/// check().
SmallPicture make_small(const Raster& picture);

}  // namespace semblance::hash
