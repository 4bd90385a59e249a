// SPDX-License-Identifier: Apache-2.0
// From 256 coefficients to 256 bits: the median, and what lies above it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace semblance::kernels {

inline constexpr std::size_t kCoefficients = 256;

/// The lower median: the 128th smallest of 256 finite float32 values, any alignment.
///
/// A zero may come back with either sign. **Source:** the value that Torben's method gives in
/// ThreatExchange pdq/cpp/hashing/torben.cpp; found here by bisection of the ordered bit patterns.
float lower_median(const float* values) noexcept;

/// Sets bit k of the 256-bit number to values[k] > threshold, strictly.
///
///   bytes  32, most significant first: bit k is bit k % 8 of bytes[31 - k / 8]
void bits_above(const float* values, float threshold, std::uint8_t* bytes) noexcept;

/// Transposes a number of 16 x 16 bits: bit 16 i + j of the one is bit 16 j + i of the other.
///
/// Both of 32 bytes as bits_above writes them; they may be the same.
void transpose_bits(const std::uint8_t* bytes, std::uint8_t* transposed) noexcept;

/// The obvious ways: the oracles.
float lower_median_reference(const float* values) noexcept;
void bits_above_reference(const float* values, float threshold, std::uint8_t* bytes) noexcept;
void transpose_bits_reference(const std::uint8_t* bytes, std::uint8_t* transposed) noexcept;

}  // namespace semblance::kernels
