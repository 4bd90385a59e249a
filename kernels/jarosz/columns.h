// SPDX-License-Identifier: Apache-2.0
// The horizontal half of PDQ's filter: weighted sums along one row of 16-bit values, exact.
#pragma once

#include <cstddef>
#include <cstdint>

namespace semblance::kernels {

/// Values beyond the last one that weigh_columns may read, of a row and of the weights.
inline constexpr std::size_t kColumnPadding = 32;

/// Weights that every output of a row shares, laid over its interleaved samples.
struct ColumnWeights {
  const std::int16_t* values = nullptr;  // `count`, none negative, then kColumnPadding zeros
  std::size_t count = 0;                 // at most 65535
  std::int64_t sum = 0;                  // of the values
};

/// sums[t] = sum over k < weights.count of weights.values[k] * samples[starts[t] + k].
///
///   samples  readable for kColumnPadding values beyond starts[t] + weights.count
///   starts   `taps` offsets into samples
///   sums     `taps` values, exact
///
/// Any alignment. Pure integers: every target gives the same bits.
void weigh_columns(const std::uint16_t* samples, const std::uint32_t* starts, std::size_t taps,
                   const ColumnWeights& weights, std::int64_t* sums) noexcept;

/// The obvious loop: the oracle.
void weigh_columns_reference(const std::uint16_t* samples, const std::uint32_t* starts,
                             std::size_t taps, const ColumnWeights& weights,
                             std::int64_t* sums) noexcept;

}  // namespace semblance::kernels
