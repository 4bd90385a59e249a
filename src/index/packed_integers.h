// SPDX-License-Identifier: Apache-2.0
// Private to src/index: unsigned integers of a fixed number of bits, one behind the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace semblance::index {

/// The most bits of one integer: with seven that stand before it, they fill one 64-bit load.
inline constexpr unsigned kMaxPackedBits = 57;

/// Bits that hold every value up to `largest`; at least 1.
constexpr unsigned bits_for(std::uint64_t largest) noexcept {
  unsigned bits = 1;
  while (bits < 64 && largest >> bits != 0) ++bits;
  return bits;
}

/// Bytes of `count` integers, with what one load reads beyond the last.
constexpr std::size_t packed_bytes(std::size_t count, unsigned bits) noexcept {
  return (count * bits + 7) / 8 + 8;
}

/// Packed integers that lie elsewhere, little-endian.
struct PackedView {
  const std::uint8_t* bytes = nullptr;
  unsigned bits = 0;  // 1..kMaxPackedBits

  std::uint64_t at(std::size_t i) const noexcept {
    const std::size_t bit = i * bits;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + bit / 8, 8);
    return word >> (bit % 8) & ((std::uint64_t{1} << bits) - 1);
  }

  const std::uint8_t* address(std::size_t i) const noexcept { return bytes + i * bits / 8; }
};

/// Writes value i of packed integers whose bytes were zero.
inline void pack(std::uint8_t* bytes, unsigned bits, std::size_t i, std::uint64_t value) noexcept {
  const std::size_t bit = i * bits;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes + bit / 8, 8);
  word |= value << (bit % 8);
  std::memcpy(bytes + bit / 8, &word, 8);
}

}  // namespace semblance::index
