// SPDX-License-Identifier: Apache-2.0
// A picture that arrives row by row, brought to a bounded size: what probes, features and
// embeddings share, so that a picture is decoded once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/raster.h"

namespace semblance::hash {

/// The longer side, in pixels, to which a picture is brought; a smaller one keeps its size.
inline constexpr std::uint32_t kRasterSide = 1'024;

/// Brings a picture to kRasterSide by averaging areas: each sample is the mean of what it covers,
/// to the nearest of 256, halves up. Where R, G, B are given and one channel is kept, each pixel is
/// first brought to its luma by PDQ's weights, to the nearest. Depends on the pixels alone, not on
/// the portions; exact in integers.
///
/// Give exactly `height` rows, top to bottom, in any portions, then finish once. Width and height
/// are 1 to kMaxSide; channels is 3 (R, G, B interleaved) or 1 (gray); the raster has
/// `channels_kept`: 1 or 3, a gray picture giving three times the same. Holds the raster and one
/// row of sums.
class RasterReducer {
 public:
  RasterReducer(std::uint32_t width, std::uint32_t height, int channels, int channels_kept);
  RasterReducer(RasterReducer&&) noexcept;
  RasterReducer& operator=(RasterReducer&&) noexcept;
  ~RasterReducer();

  void add_rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count);
  Raster finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace semblance::hash
