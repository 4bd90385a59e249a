// SPDX-License-Identifier: Apache-2.0
// The vertical half of PDQ's filter: weighted sums of rows of 8-bit samples, in exact integers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace semblance::kernels {

/// The most that the weights of 8-bit samples may sum to for a 16-bit sum to hold them.
inline constexpr std::uint32_t kMaxNarrowWeight = 65535 / 255;

/// acc[s] += sum over r < count of weights[r] * rows[r][s], for s in [0, n).
///
///   rows     `count` rows of n samples, any alignment; a row may come more than once
///   weights  `count` values
///   acc      n sums, any alignment; must not overlap a row
///
/// Precondition: acc[s] stays below 65536, which holds when all weights ever added to it sum to at
/// most kMaxNarrowWeight. Pure integers: every target gives the same bits.
void accumulate_rows(const std::uint8_t* const* rows, const std::uint16_t* weights,
                     std::size_t count, std::size_t n, std::uint16_t* acc) noexcept;

/// The same into 32-bit sums. Precondition: the weights of one call sum to at most
/// kMaxNarrowWeight, and acc[s] stays below 2^32.
void accumulate_rows_wide(const std::uint8_t* const* rows, const std::uint16_t* weights,
                          std::size_t count, std::size_t n, std::uint32_t* acc) noexcept;

/// The obvious loop: the oracle of both.
template <class Sum>
void accumulate_rows_reference(const std::uint8_t* const* rows, const std::uint16_t* weights,
                               std::size_t count, std::size_t n, Sum* acc) noexcept {
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t s = 0; s < n; ++s) {
      acc[s] = static_cast<Sum>(acc[s] + Sum{weights[r]} * rows[r][s]);
    }
  }
}

}  // namespace semblance::kernels
