// SPDX-License-Identifier: Apache-2.0
// Hamming distance of one 256-bit code to many.
#pragma once

#include <cstddef>
#include <cstdint>

namespace semblance::kernels {

/// Computes out[i] = popcount(query ^ codes[i]), 0..256, for i in [0, n).
///
///   query  32 bytes, any alignment
///   codes  n x 32 bytes, row-major, any alignment; never read past n * 32
///   out    n values; must not overlap codes
///
/// Pure and total; n == 0 writes nothing. Every target gives the same values.
void hamming_scan(const std::uint8_t* query, const std::uint8_t* codes, std::size_t n,
                  std::uint16_t* out) noexcept;

/// Computes out[i] = popcount(query ^ codes[rows[i]]), 0..256, for i in [0, n).
///
/// As hamming_scan, but for the codes that are named, wherever they lie.
void hamming_gather(const std::uint8_t* query, const std::uint8_t* codes, const std::uint32_t* rows,
                    std::size_t n, std::uint16_t* out) noexcept;

/// The obvious loop: the oracle in tests, and the floor in benchmarks.
void hamming_scan_reference(const std::uint8_t* query, const std::uint8_t* codes, std::size_t n,
                            std::uint16_t* out) noexcept;

}  // namespace semblance::kernels
