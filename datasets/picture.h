// SPDX-License-Identifier: Apache-2.0
// A colour picture in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "semblance/pdq.h"

namespace semblance::datasets {

/// An owned picture: width x height pixels of R, G, B, 8 bits each, rows top to bottom, unpadded.
struct Picture {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<std::uint8_t> rgb;

  Picture() = default;
  /// A black picture.
  Picture(std::uint32_t columns, std::uint32_t rows)
      : width(columns), height(rows), rgb(std::size_t{3} * columns * rows) {}

  std::size_t row_bytes() const noexcept { return std::size_t{3} * width; }
  std::uint8_t* row(std::size_t y) noexcept { return rgb.data() + y * row_bytes(); }
  const std::uint8_t* row(std::size_t y) const noexcept { return rgb.data() + y * row_bytes(); }
  std::uint8_t* at(std::size_t x, std::size_t y) noexcept { return row(y) + 3 * x; }
  const std::uint8_t* at(std::size_t x, std::size_t y) const noexcept { return row(y) + 3 * x; }

  /// The pixels as the hasher takes them; valid while this lives and is not resized.
  PictureView view() const noexcept {
    return {rgb.data(), width, height, static_cast<std::ptrdiff_t>(row_bytes()), 3};
  }

  friend bool operator==(const Picture&, const Picture&) = default;
};

/// Rounds to the nearest sample value and clamps to 0..255.
inline std::uint8_t to_sample(float value) noexcept {
  if (!(value > 0.0F)) return 0;
  return value >= 254.5F ? std::uint8_t{255} : static_cast<std::uint8_t>(value + 0.5F);
}

}  // namespace semblance::datasets
