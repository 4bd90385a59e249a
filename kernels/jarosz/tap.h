// SPDX-License-Identifier: Apache-2.0
// One row of PDQ's filter and point sampling as integers: the same on the CPU and on the GPU.
#pragma once

#include <cstdint>

#include "device/qualifiers.h"

namespace semblance::kernels {

/// Sides of the buffer that the filter reduces a picture to.
inline constexpr std::uint32_t kReducedSide = 64;

/// One integer row of the matrix: what it adds to an output of the side.
///
/// out[output] += sum over k < count of weight(k) * in[first + k] / divisor. The weights rise by
/// one to the plateau, stay there, and fall by one.
struct Tap {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t plateau = 0;
  std::uint32_t output = 0;   // 0..63
  std::uint64_t divisor = 1;  // at least the sum of the weights

  SEMBLANCE_BOTH constexpr std::uint32_t end() const noexcept { return first + count; }
  SEMBLANCE_BOTH constexpr std::uint32_t weight(std::uint32_t k) const noexcept {
    const std::uint32_t side = k + 1 < count - k ? k + 1 : count - k;
    return side < plateau ? side : plateau;
  }
};

/// The width of each of the two boxes that the filter passes along a side of `size` samples.
SEMBLANCE_BOTH constexpr std::uint32_t box_window(std::uint32_t size) noexcept {
  return size / 128 + (size % 128 != 0 ? 1U : 0U);
}

/// How many taps a side has: one an output, and one more where the window is even.
SEMBLANCE_BOTH constexpr std::uint32_t tap_count(std::uint32_t size) noexcept {
  return box_window(size) % 2 == 0 ? kReducedSide + 1 : kReducedSide;
}

/// Tap `t` of a side of `size` samples, at least 1. **Source:** as for make_tents.
SEMBLANCE_BOTH constexpr Tap make_tap(std::uint32_t size, std::uint32_t t) noexcept {
  const std::uint32_t window = box_window(size);
  const std::uint64_t square = std::uint64_t{window} * window;
  if (t == kReducedSide) {  // the cut box
    return {size - (window - 1), window - 1, 1, kReducedSide - 1, square - window};
  }
  const std::uint32_t left_reach = window - (window + 2) / 2;
  // floor((t + 0.5) * size / 64), the sample that the decimation picks.
  const auto centre = static_cast<std::uint32_t>((2 * std::uint64_t{t} + 1) * size / 128);
  Tap tap{centre - 2 * left_reach, 2 * window - 1, window, t, square};
  // An even window leans one sample beyond its centre, so the last tent ends one sample beyond the
  // side: the last of its `window` boxes has one sample less. The others form a trapezoid.
  if (t == kReducedSide - 1 && window % 2 == 0) {
    tap.count = 2 * window - 2;
    tap.plateau = window - 1;
  }
  return tap;
}

}  // namespace semblance::kernels
