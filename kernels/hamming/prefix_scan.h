// SPDX-License-Identifier: Apache-2.0
// Which of many codes can be near a query, told from the first bits alone.
#pragma once

#include <cstddef>
#include <cstdint>

namespace semblance::kernels {

/// Codes in one block: two nibbles of 128 bits of so many codes fill half of a 32 KiB L1.
inline constexpr std::size_t kPrefixBlock = 512;

/// The most bytes of a code that a prefix may have: all of it.
inline constexpr std::size_t kMaxPrefixBytes = 32;

/// Bytes of the tables that one query needs for a prefix of so many bytes.
constexpr std::size_t prefix_table_bytes(std::size_t prefix_bytes) noexcept {
  return 2 * 16 * prefix_bytes;
}

/// Lays the first bytes of up to kPrefixBlock codes out as planes: out[p * kPrefixBlock + i] is
/// byte p of code i; the places from n on are zero.
///
///   codes         n x 32 bytes, row-major, any alignment
///   prefix_bytes  1..kMaxPrefixBytes
///   out           prefix_bytes x kPrefixBlock bytes
void pack_prefix(const std::uint8_t* codes, std::size_t n, std::size_t prefix_bytes,
                 std::uint8_t* out) noexcept;

/// Fills the tables of one query: for each nibble of its prefix, how many bits each of the sixteen
/// values differs from it in.
///
///   out  prefix_table_bytes(prefix_bytes)
void make_prefix_tables(const std::uint8_t* query, std::size_t prefix_bytes,
                        std::uint8_t* out) noexcept;

/// Lists the pairs of a block's codes and several queries whose prefixes differ in at most `limit`
/// bits, as query << 16 | code, ordered by query, then code. Returns how many.
///
/// A code that is within `limit` bits of a query is always among them, since a part cannot differ
/// in more bits than the whole: what is not listed is rejected exactly.
///
///   block    planes as pack_prefix makes them, any alignment; all kPrefixBlock places are compared
///   tables   queries x prefix_table_bytes(prefix_bytes)
///   queries  at most 65,535
///   limit    0..254
///   out      room for queries x kPrefixBlock values
///
/// Sums of bits are saturating bytes, so a limit of 255 or more would not be told from less. Every
/// target gives the same list. The nibble tables follow the byte shuffle that vector units have for
/// counting bits (Mula, Kurz, Lemire: "Faster Population Counts Using AVX2 Instructions", 2018),
/// with the exclusive or folded into them, as product quantisers do with distances (Andre,
/// Kermarrec, Le Scouarnec: "Cache locality is not enough", VLDB 2015).
std::size_t prefix_scan(const std::uint8_t* block, std::size_t prefix_bytes,
                        const std::uint8_t* tables, std::size_t queries, int limit,
                        std::uint32_t* out) noexcept;

/// The obvious loop over the same planes: the oracle in tests.
std::size_t prefix_scan_reference(const std::uint8_t* block, std::size_t prefix_bytes,
                                  const std::uint8_t* tables, std::size_t queries, int limit,
                                  std::uint32_t* out) noexcept;

}  // namespace semblance::kernels
