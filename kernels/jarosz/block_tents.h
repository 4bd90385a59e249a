// SPDX-License-Identifier: Apache-2.0
// PDQ's filter and point sampling along one side, applied to the frequencies of 8-sample blocks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "jarosz/tents.h"

namespace semblance::kernels {

/// Samples of a block along a side.
inline constexpr std::uint32_t kBlockSide = 8;

/// The most orders of frequencies of a block that are ever used.
inline constexpr int kMaxBlockOrders = 4;

/// How the samples of a block are made up where only its lowest frequencies are known.
enum class BlockModel : std::uint8_t {
  kWaves,       // the known cosines alone
  kPolynomial,  // the polynomial that has the known frequencies in this block and its neighbours
};

/// The matrix of one side: what each of the 64 outputs takes of the blocks' frequencies.
///
/// out[i] = sum over o < orders, k < count[i] of weight(i, o)[k] * in[o][first[i] + k], where
/// in[o][b] is the orthonormal 8-point DCT coefficient of order o of block b.
struct BlockTents {
  std::array<std::uint32_t, kReducedSide> first{};
  std::array<std::uint32_t, kReducedSide> count{};
  std::array<std::size_t, kReducedSide> offset{};  // of an output's weights
  std::vector<float> weights;                      // of each output: orders rows of count

  const float* weight(std::size_t output, int order) const noexcept {
    return weights.data() + offset[output] + static_cast<std::size_t>(order) * count[output];
  }
};

/// The blocks to each side of a block that kPolynomial looks at, for that many orders.
constexpr std::uint32_t polynomial_reach(int orders) noexcept { return orders == 1 ? 2 : 1; }

/// The matrix of a side of `size` samples, for `orders` known frequencies.
///
/// kPolynomial takes 1 or 2 orders, and a side of at least 2 * polynomial_reach(orders) + 1 blocks.
/// Computed in double, additions and products in a fixed order, and rounded once: the same
/// everywhere.
BlockTents make_block_tents(std::uint32_t size, int orders, BlockModel model);

}  // namespace semblance::kernels
