// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: what the next bits of a sequential block say, looked up several symbols at
// a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "decode/jpeg/huffman.h"

namespace semblance::decode::jpeg {

inline constexpr int kWindowBits = 11;
inline constexpr std::size_t kWindows = std::size_t{1} << kWindowBits;

/// How far a window of the next kWindowBits leads: past every symbol whose code lies in it, with
/// the extra bits of each, of which the last one's may lie behind it. Fields, from the lowest:
///
///   0-5    bits to go on
///   6-11   coefficients to go on, 0..63
///   12     kStuck: no symbol's code lies in the window, or none of the usual ones
///   13     kEnters: the window starts with a DC symbol; behind it the block's inside goes on
///   15     kEnds: the block ends
namespace skip {
inline constexpr std::uint32_t kBits = 63;
inline constexpr int kAdvanceShift = 6;
inline constexpr std::uint32_t kMaxAdvance = 63;
inline constexpr std::uint32_t kStuck = 1u << 12;
inline constexpr std::uint32_t kEnters = 1u << 13;
inline constexpr std::uint32_t kEnds = 1u << 15;
// The longest way: a code that ends with the window and its extra bits.
inline constexpr int kMaxBits = kWindowBits + static_cast<int>(kMaxDcSize);
}  // namespace skip

/// The windows of the blocks of one pair of tables, by which they are walked past.
struct Windows {
  std::array<std::uint16_t, kWindows> start;  // skip: at a block's beginning
  std::array<std::uint16_t, kWindows> no_start;
  std::array<std::uint16_t, kWindows> inside;  // skip: behind the DC symbol
  std::array<std::uint16_t, kWindows> no_inside;

  void build(const HuffmanCode& dc, const HuffmanCode& ac) noexcept;
};
// The fields of `skip` add up to an offset: kEnters leads to `inside`, kStuck to nothing.
static_assert(offsetof(Windows, inside) - offsetof(Windows, start) == skip::kEnters);
static_assert(offsetof(Windows, no_start) - offsetof(Windows, start) == skip::kStuck);

/// One symbol and its value. 0 where the window is too short for the code and its sign, or it is
/// not a usual one. Fields, from the lowest:
///
///   0-5    bits of the code and the extra bits
///   8-12   AC: coefficients to go on, 1..16; for the end of the block 16, which is past all kept
///   16-31  what to add to those bits so that the sum's low 16 bits are the value
namespace one {
inline constexpr std::uint32_t kBits = 63;
inline constexpr int kAdvanceShift = 8;
inline constexpr std::uint32_t kAdvance = 31;
inline constexpr std::uint32_t kMaxAdvance = 16;
inline constexpr int kBiasShift = 16;
}  // namespace one

/// The windows of one pair of tables by which values are read.
struct ValueWindows {
  std::array<std::uint32_t, kWindows> dc;
  std::array<std::uint32_t, kWindows> ac;

  void build(const HuffmanCode& dc_code, const HuffmanCode& ac_code) noexcept;
};

}  // namespace semblance::decode::jpeg
