// SPDX-License-Identifier: Apache-2.0
// Sums over areas of a picture: weighed rows of samples, and rows of an integral image.
#pragma once

#include <cstddef>
#include <cstdint>

namespace semblance::kernels {

/// acc[s] += weight * row[s], for s in [0, n).
///
///   row     n samples, any alignment
///   weight  below 65536
///   acc     n sums, any alignment; must not overlap the row
///
/// Precondition: acc[s] stays below 2^32. Pure integers: every target gives the same bits.
void add_weighed_row(const std::uint8_t* row, std::uint32_t weight, std::size_t n,
                     std::uint32_t* acc) noexcept;

/// out[s] = weight * row[s], for s in [0, n): the first of the rows that are added up.
void weigh_row(const std::uint8_t* row, std::uint32_t weight, std::size_t n,
               std::uint32_t* out) noexcept;

/// A row of an integral image: out[s] = above[s] + row[0] + ... + row[s], modulo 2^32, for s in
/// [0, n). Any alignment; out may be `above`. Pure integers: every target gives the same bits.
void integrate_row(const std::uint8_t* row, const std::uint32_t* above, std::size_t n,
                   std::uint32_t* out) noexcept;

/// Samples of n pixels of three channels, interleaved, to a row a channel, and back. Any alignment;
/// must not overlap.
void split_channels(const std::uint8_t* row, std::size_t n, std::uint8_t* first,
                    std::uint8_t* second, std::uint8_t* third) noexcept;
void join_channels(const std::uint8_t* first, const std::uint8_t* second, const std::uint8_t* third,
                   std::size_t n, std::uint8_t* out) noexcept;

/// Two rows of an integral image and how far between them a line lies, in 1/256.
struct SumLine {
  const std::uint32_t* above = nullptr;
  const std::uint32_t* below = nullptr;
  std::uint32_t part = 0;  // 0..256: 0 is the row above
};

/// What lies between two lines, 256-fold, left of each of n columns: with line(x) = 256 above[x] +
/// part (below[x] - above[x]), out[x] = last(x) - first(x), all modulo 2^32.
///
///   out   n sums, any alignment; must not overlap an input
///
/// Pure integers: every target gives the same bits.
void sums_between(const SumLine& first, const SumLine& last, std::size_t n,
                  std::uint32_t* out) noexcept;

/// Pairs of places along a row, each between two of its sums: before sum `at + 1`, `part` / 256
/// behind sum `at`. Both are below 2^31; a part is 0..256.
struct Stretch {
  const std::int32_t* begin_at = nullptr;
  const std::uint32_t* begin_part = nullptr;
  const std::int32_t* end_at = nullptr;
  const std::uint32_t* end_part = nullptr;
};

/// What lies between such places: with at(p) = 256 row[p.at] + p.part (row[p.at + 1] - row[p.at]),
/// modulo 2^32, out[s] = scale * (end(s) - begin(s)), in float32, for s in [0, n).
///
///   row  sums, readable at all places; any alignment
///   out  n values, any alignment
///
/// One rounding to float32, one of the product: every target gives the same bits.
void means_between(const std::uint32_t* row, const Stretch& places, float scale, std::size_t n,
                   float* out) noexcept;

/// The obvious loops: the oracles.
void add_weighed_row_reference(const std::uint8_t* row, std::uint32_t weight, std::size_t n,
                               std::uint32_t* acc) noexcept;
void weigh_row_reference(const std::uint8_t* row, std::uint32_t weight, std::size_t n,
                         std::uint32_t* out) noexcept;
void integrate_row_reference(const std::uint8_t* row, const std::uint32_t* above, std::size_t n,
                             std::uint32_t* out) noexcept;
void split_channels_reference(const std::uint8_t* row, std::size_t n, std::uint8_t* first,
                              std::uint8_t* second, std::uint8_t* third) noexcept;
void join_channels_reference(const std::uint8_t* first, const std::uint8_t* second,
                             const std::uint8_t* third, std::size_t n, std::uint8_t* out) noexcept;
void means_between_reference(const std::uint32_t* row, const Stretch& places, float scale,
                             std::size_t n, float* out) noexcept;
void sums_between_reference(const SumLine& first, const SumLine& last, std::size_t n,
                            std::uint32_t* out) noexcept;

}  // namespace semblance::kernels
