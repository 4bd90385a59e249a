// SPDX-License-Identifier: Apache-2.0
// Luma of R, G, B: the weights that PDQ gives the channels, as integers and as float32.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace semblance::kernels {

/// Weights of R, G and B, per mille: exact integers, and within 2e-8 of the float32 ones.
inline constexpr std::array<std::uint32_t, 3> kLumaWeights = {299, 587, 114};

/// What the weights sum to.
inline constexpr std::uint32_t kLumaDivisor = 1000;

/// out[k] = 0.299 R + 0.587 G + 0.114 B of pixel `columns[k]`, in float32.
///
///   row      R, G, B interleaved, 8 bits each; readable at every column named
///   columns  `count` columns, in any order; one may come more than once
///   out      `count` values, any alignment
///
/// Rounded as the reference rounds it: three products, then the sums from left to right, without
/// fused operations: every target gives the same bits.
/// **Source:** ThreatExchange pdq/cpp/io/pdqio.cpp.
void pick_luma(const std::uint8_t* row, const std::uint32_t* columns, std::size_t count,
               float* out) noexcept;

/// out[x] = (299 R + 587 G + 114 B) / 1000 of pixel x, to the nearest, halves up; x in [0, n).
///
///   row   n pixels of R, G, B interleaved, any alignment
///   out   n bytes, any alignment; must not overlap the row
///
/// Pure integers: every target gives the same bits.
void round_luma(const std::uint8_t* row, std::size_t n, std::uint8_t* out) noexcept;

/// The obvious loops: the oracles.
void pick_luma_reference(const std::uint8_t* row, const std::uint32_t* columns, std::size_t count,
                         float* out) noexcept;
void round_luma_reference(const std::uint8_t* row, std::size_t n, std::uint8_t* out) noexcept;

}  // namespace semblance::kernels
