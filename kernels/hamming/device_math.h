// SPDX-License-Identifier: Apache-2.0
// Private to kernels: the arithmetic of the GPU's range scan, the same on the device and on the
// host.
//
// Nothing here needs a GPU: nvcc compiles it into the kernels, and the host's compiler into the
// tests, where a machine without a GPU checks it against the plain loop.
#pragma once

#include <bit>
#include <cstdint>

#include "device/qualifiers.h"

namespace semblance::kernels::device {

/// Four words that one thread loads and stores at once: half a code, or one lane's share of a tile.
struct alignas(16) Quad {
  std::uint32_t word[4];
};

/// One code: words 0..3 and words 4..7, which lie in two planes of device memory.
struct Code {
  Quad low;
  Quad high;
};

SEMBLANCE_BOTH inline int count_bits(std::uint32_t word) {
#if defined(__CUDA_ARCH__)
  return __popc(word);
#else
  return std::popcount(word);
#endif
}

// --- The order of the bits ---

/// Which bit of a code as it is hashed becomes bit `bit` of a code as it is scanned, 0..255.
///
/// Any permutation leaves a distance as it is. This one reads the 16 x 16 bits along diagonals, so
/// that the first words, which the early reject looks at, hold as many bits of every row as of
/// every column: a picture of few shapes has rows that are all alike, and would pass on its first
/// rows.
SEMBLANCE_BOTH constexpr unsigned dealt_from(unsigned bit) {
  const unsigned diagonal = bit / 16;
  const unsigned row = bit % 16;
  return 16 * row + (diagonal + 5 * row) % 16;
}

/// The code whose 8 words stand at `words`, in the order in which it is scanned.
SEMBLANCE_BOTH inline Code deal(const std::uint32_t* words) {
  Code code{};
  SEMBLANCE_UNROLL
  for (unsigned bit = 0; bit < 256; ++bit) {
    const unsigned from = dealt_from(bit);
    const std::uint32_t one = words[from / 32] >> (from % 32) & 1U;
    Quad& half = bit < 128 ? code.low : code.high;
    half.word[bit / 32 % 4] |= one << (bit % 32);
  }
  return code;
}

// --- Distances by counting ---

/// Differing bits among the first 96. A full adder turns three words into the word of their sums
/// and the word of their carries, so that two counts do for three: counting is what a GPU is slow
/// at.
SEMBLANCE_BOTH inline int prefix_distance(const Quad& a, const Quad& b) {
  const std::uint32_t x = a.word[0] ^ b.word[0];
  const std::uint32_t y = a.word[1] ^ b.word[1];
  const std::uint32_t z = a.word[2] ^ b.word[2];
  return count_bits(x ^ y ^ z) + 2 * count_bits((x & y) | (x & z) | (y & z));
}

/// Differing bits among the other 160.
SEMBLANCE_BOTH inline int rest_distance(const Code& a, const Code& b) {
  int distance = count_bits(a.low.word[3] ^ b.low.word[3]);
  SEMBLANCE_UNROLL
  for (int i = 0; i < 4; ++i) distance += count_bits(a.high.word[i] ^ b.high.word[i]);
  return distance;
}

// --- Hits ---

/// A hit as one number, whose order is that of results: by query, then distance, then row.
///
///   query     below 2^23, counted within its launch
///   distance  0..256
SEMBLANCE_BOTH constexpr std::uint64_t hit_key(std::uint32_t query, int distance,
                                               std::uint32_t row) {
  return std::uint64_t{query} << 41 | static_cast<std::uint64_t>(distance) << 32 | row;
}

/// How many lanes of `active` come before `lane`: its place among those that append together.
SEMBLANCE_BOTH inline unsigned rank_of(std::uint32_t active, unsigned lane) {
  return static_cast<unsigned>(count_bits(active & ((1U << lane) - 1)));
}

/// The lane that takes slots for all lanes of `active`, which holds one at least: the first.
SEMBLANCE_BOTH inline unsigned leader_of(std::uint32_t active) {
  return static_cast<unsigned>(count_bits((active & (~active + 1)) - 1));
}

// --- Tiles of the tensor cores ---
//
// One instruction multiplies 16 queries (A, row by row) with 8 codes (B, column by column) along k
// and adds to 16 x 8 sums; each of the 32 lanes of a warp holds a share of all three. The maps
// below say which. **Source:** PTX ISA, "Matrix Fragments for mma.m16n8k32" (s8) and "for
// mma.m16n8k256" (b1), which agree in rows, columns and lanes.
//
// Which bits stand at which k is ours to choose, if both sides choose alike. For the four registers
// of A and the two of B, lane l takes words l % 4 (the low half) and 4 + l % 4 (the high half).

inline constexpr unsigned kTileQueries = 16;
inline constexpr unsigned kTileCodes = 8;
inline constexpr unsigned kLanes = 32;

/// Row of A, 0..15, in register `i` (0..3) of a lane.
SEMBLANCE_BOTH constexpr unsigned query_row(unsigned lane, unsigned i) {
  return lane / 4 + 8 * (i % 2);
}

/// Half of the code, 0 or 1, that register `i` of A holds. Of B, register i holds half i.
SEMBLANCE_BOTH constexpr unsigned query_half(unsigned i) { return i / 2; }

/// Column of B, 0..7, in both registers of a lane.
SEMBLANCE_BOTH constexpr unsigned code_column(unsigned lane) { return lane / 4; }

/// Word of its half, 0..3, that a lane holds of A and of B.
SEMBLANCE_BOTH constexpr unsigned word_of(unsigned lane) { return lane % 4; }

/// Row, 0..15, of sum `i` (0..3) of a lane.
SEMBLANCE_BOTH constexpr unsigned sum_row(unsigned lane, unsigned i) {
  return lane / 4 + 8 * (i / 2);
}

/// Column, 0..7, of sum `i` of a lane.
SEMBLANCE_BOTH constexpr unsigned sum_column(unsigned lane, unsigned i) {
  return 2 * (lane % 4) + i % 2;
}

/// Bits step, step + 8, step + 16 and step + 24 of `word` as four signed bytes: 0 is +1, 1 is -1.
/// The eight steps 0..7 give each bit once.
SEMBLANCE_BOTH constexpr std::uint32_t sign_bytes(std::uint32_t word, unsigned step) {
  return (word >> step & 0x01010101U) * 0xffU | 0x01010101U;
}

/// The distance of two codes whose bits, as signs, have the dot product `dot`, -256..256: each
/// differing bit takes two from 256.
SEMBLANCE_BOTH constexpr int distance_from_dot(int dot) { return (256 - dot) / 2; }

/// The dot product that codes within `max_distance` reach: dot >= least_dot(max_distance).
SEMBLANCE_BOTH constexpr int least_dot(int max_distance) { return 256 - 2 * max_distance; }

/// The distance of two codes of so many ones, `overlap` of which they share.
SEMBLANCE_BOTH constexpr int distance_from_overlap(int ones_a, int ones_b, int overlap) {
  return ones_a + ones_b - 2 * overlap;
}

}  // namespace semblance::kernels::device
