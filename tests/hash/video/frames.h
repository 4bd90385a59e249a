// SPDX-License-Identifier: Apache-2.0
// Luma planes made for tests, and what a video does to a picture: scaling, borders, coding.
#pragma once

#include <cstdint>
#include <vector>

#include "core/luma_plane.h"
#include "datasets/picture.h"

namespace semblance::frames {

/// An owned plane, rows `stride` bytes apart.
struct Luma {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::size_t stride = 0;
  bool limited_range = false;
  std::vector<std::uint8_t> bytes;

  /// Of one level.
  Luma(std::uint32_t columns, std::uint32_t rows, std::uint8_t level = 0, std::size_t padding = 0)
      : width(columns),
        height(rows),
        stride(columns + padding),
        bytes((columns + padding) * rows, level) {}

  std::uint8_t& at(std::size_t x, std::size_t y) { return bytes[y * stride + x]; }
  LumaPlane plane() const {
    return {bytes.data(), static_cast<std::ptrdiff_t>(stride), width, height, limited_range};
  }
};

/// The luma of a picture, rounded; of limited range it is 16..235.
Luma luma_of(const datasets::Picture& picture, bool limited_range = false);

/// The picture within borders of one gray, so many pixels wide.
datasets::Picture bordered(const datasets::Picture& picture, std::uint32_t across,
                           std::uint32_t down, std::uint8_t gray);

/// What is left of a picture after JPEG of that quality; a failure of the calling test if it fails.
datasets::Picture coded(const datasets::Picture& picture, int quality);

}  // namespace semblance::frames
