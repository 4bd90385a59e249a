// SPDX-License-Identifier: Apache-2.0
// Weighted sums of rows, in float32: the two halves of PDQ's filter over the blocks of a JPEG.
#pragma once

#include <cstddef>
#include <cstdint>

namespace semblance::kernels {

/// out[s] = step * in[s], for s in [0, n). Any alignment; `step` at most 65535. Rounded once, and
/// exact where the product is under 2^24.
void scale_values(const std::int16_t* in, std::uint16_t step, std::size_t n, float* out) noexcept;

/// out[s] = sum over r < count of weights[r] * rows[r][s], for s in [0, n), r rising.
///
///   rows     `count` rows of n values, any alignment
///   weights  `count` finite values
///   out      n sums, any alignment; must not overlap a row
///
/// One product and one addition a term, each rounded: every target gives the same bits.
void weigh_rows(const float* const* rows, const float* weights, std::size_t count, std::size_t n,
                float* out) noexcept;

/// Adds to 64 sums: acc[s] += sum over r < count of weights[r] * rows[64 * r + s], r rising, each
/// term added to acc[s] in turn.
void add_weighed_64(const float* rows, const float* weights, std::size_t count,
                    float* acc) noexcept;

/// out[c * rows + r] = in[r * cols + c].
void transpose(const float* in, std::size_t rows, std::size_t cols, float* out) noexcept;

/// The obvious loops: the oracles.
void scale_values_reference(const std::int16_t* in, std::uint16_t step, std::size_t n,
                            float* out) noexcept;
void weigh_rows_reference(const float* const* rows, const float* weights, std::size_t count,
                          std::size_t n, float* out) noexcept;
void add_weighed_64_reference(const float* rows, const float* weights, std::size_t count,
                              float* acc) noexcept;
void transpose_reference(const float* in, std::size_t rows, std::size_t cols, float* out) noexcept;

}  // namespace semblance::kernels
