// SPDX-License-Identifier: Apache-2.0
// The planes of a decoded frame, where the decoder left them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace semblance {

/// Eight-bit luma, not owned: rows top to bottom, `stride` bytes apart.
struct LumaPlane {
  const std::uint8_t* data = nullptr;
  std::ptrdiff_t stride = 0;
  std::uint32_t width = 0;  // pixels
  std::uint32_t height = 0;
  // Black is 16 and white 235, as most video has it; else 0 and 255.
  bool limited_range = false;
};

/// Eight-bit 4:2:0 video as the decoder left it, not owned: luma, and chroma of half its width and
/// height. Of limited range, BT.601.
struct YuvPlanes {
  const std::uint8_t* y = nullptr;
  const std::uint8_t* u = nullptr;
  const std::uint8_t* v = nullptr;
  std::ptrdiff_t y_stride = 0;  // bytes from a row to the next
  std::ptrdiff_t u_stride = 0;
  std::ptrdiff_t v_stride = 0;
  std::uint32_t width = 0;  // pixels; even
  std::uint32_t height = 0;
};

}  // namespace semblance
