// SPDX-License-Identifier: Apache-2.0
// The inner products of one vector of floats with many.
#pragma once

#include <cstddef>

namespace semblance::kernels {

/// Partial sums that a product is made of.
inline constexpr std::size_t kProductLanes = 16;

/// out[r] = the inner product of `query` and row r, for r in [0, count).
///
///   query  `dimension` values, any alignment
///   rows   count x dimension values, row-major, any alignment; never read past their end
///   out    `count` values; must not overlap the others
///
/// Value i goes to partial sum i mod kProductLanes, in turn; the sums are then added in halves: l
/// and l + 8, l and l + 4, l and l + 2, the last two. Without fused operations: every target gives
/// the same bits. For finite values the result is within dimension x 2^-24 x |query| x |row| of the
/// product, up to what is below 2^-126.
/// **Source:** the bound is that of any order of adding: Higham, "Accuracy and Stability of
/// Numerical Algorithms", 2nd edition, section 3.1.
void inner_products(const float* query, const float* rows, std::size_t count, std::size_t dimension,
                    float* out) noexcept;

/// The obvious loop: the oracle in tests.
void inner_products_reference(const float* query, const float* rows, std::size_t count,
                              std::size_t dimension, float* out) noexcept;

}  // namespace semblance::kernels
