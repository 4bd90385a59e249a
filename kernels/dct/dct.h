// SPDX-License-Identifier: Apache-2.0
// The 16 x 16 lowest frequencies, without the constant ones, of a 64 x 64 buffer.
#pragma once

#include <cstddef>

namespace semblance::kernels {

inline constexpr std::size_t kDctInputs = 64 * 64;
inline constexpr std::size_t kDctOutputs = 16 * 16;

/// The 16 x 64 matrix D: D[i][k] = sqrt(2/64) cos(pi / 128 (i + 1) (2 k + 1)), row-major.
///
/// float32, rounded once from the double product of the cosine with the float32 scale factor.
const float* dct_matrix() noexcept;

/// out = D in D^T: frequencies 1..16, row = vertical frequency.
///
///   in   64 x 64 float32, row-major, any alignment
///   out  16 x 16 float32, row-major, any alignment; must not overlap in
///
/// D in first, then the product with D^T; each sum runs over k = 0..63 in order from zero, in
/// float32 and without fused operations, as in the reference, so that every target, and the
/// reference, give the same bits for the same buffer.
/// **Source:** ThreatExchange pdq/cpp/hashing/pdqhashing.cpp, dct64To16.
void dct_64_to_16(const float* in, float* out) noexcept;

/// The obvious loops: the oracle.
void dct_64_to_16_reference(const float* in, float* out) noexcept;

}  // namespace semblance::kernels
