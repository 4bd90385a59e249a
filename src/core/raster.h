// SPDX-License-Identifier: Apache-2.0
// A decoded picture of a bounded size, in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace semblance {

/// Eight-bit samples of a picture, rows top to bottom, unpadded: R, G, B interleaved, or luma.
struct Raster {
  std::uint32_t width = 0;  // pixels
  std::uint32_t height = 0;
  int channels = 1;  // 3 or 1
  std::vector<std::uint8_t> samples;

  std::size_t row_bytes() const noexcept {
    return std::size_t{width} * static_cast<std::size_t>(channels);
  }
  const std::uint8_t* row(std::size_t y) const noexcept { return samples.data() + y * row_bytes(); }
  std::uint8_t* row(std::size_t y) noexcept { return samples.data() + y * row_bytes(); }

  friend bool operator==(const Raster&, const Raster&) = default;
};

}  // namespace semblance
