// SPDX-License-Identifier: Apache-2.0
// Sums of vectors times the waves of time: what TMK's features are made of.
#pragma once

#include <cstddef>

namespace semblance::kernels {

/// Values of a vector that is summed.
inline constexpr std::size_t kWaveVector = 256;

/// acc[s] = float(acc[s] + weights[r] * vectors[r][s]), for r from 0 to count - 1 in turn.
///
///   vectors  `count` vectors of kWaveVector values, one after the other, any alignment
///   weights  `count` finite values
///   acc      kWaveVector sums, any alignment; must not overlap a vector
///
/// Product and addition in double, without fused operations, and each sum rounded to float32: the
/// reference's arithmetic, the same bits on every target.
/// **Source:** ThreatExchange tmk/cpp, the accumulation of its Fourier features.
void add_waves(const float* vectors, const double* weights, std::size_t count, float* acc) noexcept;

/// The obvious loop: the oracle.
void add_waves_reference(const float* vectors, const double* weights, std::size_t count,
                         float* acc) noexcept;

}  // namespace semblance::kernels
