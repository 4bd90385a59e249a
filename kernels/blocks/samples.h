// SPDX-License-Identifier: Apache-2.0
// Samples of a picture from the low frequencies of its blocks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace semblance::kernels {

inline constexpr int kMostSampledOrders = 4;
inline constexpr std::size_t kMostBlockSamples = 4;  // along a side of a block

/// A row of n blocks: the quantised coefficients (u, v), u down and v across, u + v < orders.
struct BlockRow {
  /// One coefficient of all blocks.
  struct Plane {
    const std::int16_t* values = nullptr;  // n of them, any alignment
    float step = 1.0F;                     // what they are multiplied by
    float unread = 0.0F;                   // what is added to the size of those that are not zero
  };
  using Planes = std::array<std::array<Plane, kMostSampledOrders>, kMostSampledOrders>;
  /// waves[u][s]: what wave u is at sample s of a side.
  using Waves = std::array<std::array<float, kMostBlockSamples>, kMostSampledOrders>;

  int orders = 1;          // 1..kMostSampledOrders
  std::uint32_t side = 1;  // samples along a side of a block: 1, 2 or 4
  Waves waves{};
  Planes planes{};  // [u][v]
};

/// out[y][x * side + s] = 128 + the sum over (u, v) of waves[v][s] * waves[u][y] * coefficient, to
/// the nearest of 256; y in [0, side), x in [0, n).
///
///   out  `side` rows of n * side samples, any alignment
///
/// In float32: for each v the sum over u, then the sum over v, each from 0 up, without fused
/// operations: every target gives the same bits.
void sample_block_row(const BlockRow& row, std::size_t n, std::uint8_t* const* out) noexcept;

/// The obvious loop: the oracle.
void sample_block_row_reference(const BlockRow& row, std::size_t n,
                                std::uint8_t* const* out) noexcept;

}  // namespace semblance::kernels
