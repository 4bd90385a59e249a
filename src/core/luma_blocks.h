// SPDX-License-Identifier: Apache-2.0
// What a JPEG file says of the low frequencies of its luma, before any pixel is made.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace semblance {

/// The low frequencies of a picture's luma, block by block of 8 x 8 pixels, as a JPEG holds them.
///
/// Kept are the coefficients (u, v), u down and v across, with u + v < orders: of one order the
/// mean of each block alone (a picture of 1/8 of the side), of two its slopes too, and so on.
/// **Source:** ITU-T T.81, A.3.3 (the transform, orthonormal over a block) and A.3.4.
struct LumaBlocks {
  static constexpr std::uint32_t kSide = 8;  // of a block, pixels
  static constexpr int kMaxOrders = 4;
  static constexpr std::size_t kMaxKept = kMaxOrders * (kMaxOrders + 1) / 2;

  std::uint32_t width = 0;   // pixels
  std::uint32_t height = 0;  // pixels
  std::uint32_t cols = 0;    // blocks across: width / 8, rounded up
  std::uint32_t rows = 0;    // blocks down: height / 8, rounded up
  int orders = 0;            // 1..kMaxOrders

  // Of the kept coefficients, as plane() numbers them: what a value is multiplied by.
  std::array<std::uint16_t, kMaxKept> steps{};

  // Of a progressive file, of the kept coefficients but the mean: bits whose scan was not read. The
  // value is a multiple of 2^unread_bits, and the true one lies less than that further from zero.
  std::array<std::uint8_t, kMaxKept> unread_bits{};

  // kept() planes of rows x cols quantised values, row-major, one after the other.
  std::vector<std::int16_t> values;

  std::size_t kept() const noexcept {
    return static_cast<std::size_t>(orders) * static_cast<std::size_t>(orders + 1) / 2;
  }

  /// The number of the plane of (u, v), which does not depend on `orders`: (0, 0), (0, 1), (1, 0),
  /// (0, 2), (1, 1), (2, 0), (0, 3), ...
  static constexpr std::size_t plane(int u, int v) noexcept {
    const int order = u + v;
    return static_cast<std::size_t>(order * (order + 1) / 2 + u);
  }

  const std::int16_t* plane_values(std::size_t plane) const noexcept {
    return values.data() + plane * rows * cols;
  }
};

}  // namespace semblance
