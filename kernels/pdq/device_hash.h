// SPDX-License-Identifier: Apache-2.0
// Private to kernels: PDQ on the GPU, from 64 x 64 luma to quality and eight hashes.
//
// A body is a template over the block that runs it, as hamming/device_body.h has it. This one asks
// three more things of a block, each across the lanes of every warp or of all: `add`, `warp_sum`
// and `vote`.
//
// One block hashes one buffer, with the CPU's float32 operations in the CPU's order: dct/dct.cpp,
// gradient/gradient.cpp, bits/bits.cpp and src/hash/pdq_signal.cpp.
#pragma once

#include <cstdint>

#include "device/arithmetic.h"
#include "pdq/device_reduce.h"

namespace semblance::kernels::device {

inline constexpr unsigned kWarpLanes = 32;
inline constexpr unsigned kFrequencies = 16;               // of a side
inline constexpr unsigned kHeldValues = 256 / kWarpLanes;  // coefficients of a lane
inline constexpr unsigned kBufferPixels = kReducedSide * kReducedSide;
static_assert(kPdqThreads == 4 * kWarpLanes, "each pattern of signs has a warp");

/// What a block writes: a DevicePdq, hash by hash as words whose lowest byte comes first.
struct HashWords {
  std::int32_t quality;
  std::uint32_t hashes[8][8];
};
static_assert(sizeof(HashWords) == sizeof(DevicePdq));

/// One launch: a block a buffer.
struct Hashing {
  const float* luma;    // 64 x 64 a buffer
  const float* matrix;  // 64 x 16: of the DCT's matrix the transpose
  HashWords* results;
};

/// In shared memory.
struct HashingMemory {
  float luma[kBufferPixels];
  float matrix[kReducedSide * kFrequencies];
  float half_done[kFrequencies][kReducedSide + 1];  // rows that start in different banks
  float coefficients[kFrequencies * kFrequencies];
  std::int32_t steps;  // the sum of the gradient
};

// --- Quality ---

/// min(|int((u - v) * 100 / 255)|, 100). The division is one of integers, which gives the same:
/// gradient/gradient.cpp says why.
SEMBLANCE_BOTH inline std::int32_t gradient_step(float u, float v) {
  const float percents = product(sum(u, -v), 100.0F);
  const float size = percents < 0 ? -percents : percents;
  return static_cast<std::int32_t>(size < 25500.0F ? size : 25500.0F) / 255;
}

template <class Block>
SEMBLANCE_DEVICE void sum_gradient(const Block& block, HashingMemory& memory) {
  typename Block::template PerThread<std::int32_t> steps;
  block.each([&](unsigned thread) {
    std::int32_t own = 0;
    for (unsigned at = thread; at < kBufferPixels; at += kPdqThreads) {
      const float u = memory.luma[at];
      if (at / kReducedSide + 1 < kReducedSide) {
        own += gradient_step(u, memory.luma[at + kReducedSide]);
      }
      if (at % kReducedSide + 1 < kReducedSide) own += gradient_step(u, memory.luma[at + 1]);
    }
    steps[thread] = own;
  });
  block.add(&memory.steps, steps);
}

/// The sum may be cut at 9,000, where the quality is full: no term is negative.
SEMBLANCE_BOTH inline std::int32_t quality_of(std::int32_t steps) {
  return steps < 9000 ? steps / 90 : 100;
}

// --- The DCT ---

/// half_done = D luma: a thread makes eight rows of one column.
template <class Block>
SEMBLANCE_DEVICE void multiply_down(const Block& block, HashingMemory& memory) {
  constexpr unsigned kRows = kFrequencies * kReducedSide / kPdqThreads;
  block.each([&](unsigned thread) {
    const unsigned column = thread % kReducedSide;
    const unsigned first = thread / kReducedSide * kRows;
    float sums[kRows] = {};
    SEMBLANCE_UNROLL_BY_8
    for (unsigned k = 0; k < kReducedSide; ++k) {
      const float value = memory.luma[k * kReducedSide + column];
      const float* weights = memory.matrix + k * kFrequencies + first;
      SEMBLANCE_UNROLL
      for (unsigned i = 0; i < kRows; ++i) sums[i] = sum(sums[i], product(weights[i], value));
    }
    SEMBLANCE_UNROLL
    for (unsigned i = 0; i < kRows; ++i) memory.half_done[first + i][column] = sums[i];
  });
}

/// coefficients = half_done D^T: a thread makes two of a column.
template <class Block>
SEMBLANCE_DEVICE void multiply_across(const Block& block, HashingMemory& memory) {
  constexpr unsigned kApart = kPdqThreads / kFrequencies;
  block.each([&](unsigned thread) {
    const unsigned row = thread / kFrequencies;
    const unsigned column = thread % kFrequencies;
    float upper = 0;
    float lower = 0;
    SEMBLANCE_UNROLL_BY_8
    for (unsigned k = 0; k < kReducedSide; ++k) {
      const float weight = memory.matrix[k * kFrequencies + column];
      upper = sum(upper, product(memory.half_done[row][k], weight));
      lower = sum(lower, product(memory.half_done[row + kApart][k], weight));
    }
    memory.coefficients[thread] = upper;
    memory.coefficients[thread + kPdqThreads] = lower;
  });
}

// --- The eight hashes ---

/// The four patterns of signs, by the warp that holds them: negated are the odd frequencies along
/// the rows, along the columns, along both. The transpose of a pattern is a pattern, so each gives
/// two hashes of one median.
SEMBLANCE_BOTH constexpr bool negates_rows(unsigned warp) { return warp == 1 || warp == 2; }
SEMBLANCE_BOTH constexpr bool negates_columns(unsigned warp) { return warp == 1 || warp == 3; }

/// Which hash, by the number of its Transform in semblance/signal.h.
SEMBLANCE_BOTH constexpr unsigned upright_hash(unsigned warp) {
  return warp == 0 ? 0U : warp == 1 ? 2U : warp + 2;  // none, rot180, flipx, flipy
}
SEMBLANCE_BOTH constexpr unsigned turned_hash(unsigned warp) {
  return warp < 2 ? warp + 6 : warp == 2 ? 3U : 1U;  // flipplus1, flipminus1, rot270, rot90
}

/// Coefficient `k` under the signs of a warp. With indices from 0, even ones are odd frequencies.
SEMBLANCE_BOTH inline float with_sign(const float* coefficients, unsigned k, unsigned warp) {
  const bool row = negates_rows(warp) && k / kFrequencies % 2 == 0;
  const bool column = negates_columns(warp) && k % kFrequencies % 2 == 0;
  return row != column ? -coefficients[k] : coefficients[k];
}

/// An unsigned number whose order is that of the floats.
SEMBLANCE_BOTH inline std::uint32_t ordered_key(float value) {
  const std::uint32_t bits = pattern(value);
  return bits >> 31 != 0 ? ~bits : bits | 0x80000000U;
}
SEMBLANCE_BOTH inline float from_ordered_key(std::uint32_t key) {
  return from_pattern(key >> 31 != 0 ? key ^ 0x80000000U : ~key);
}

/// A hash is written from its most significant byte, a word from its least.
SEMBLANCE_BOTH constexpr std::uint32_t bytes_reversed(std::uint32_t word) {
  return word >> 24 | (word >> 8 & 0xff00U) | (word << 8 & 0xff0000U) | word << 24;
}

/// What one lane holds: bits k = 32 * m + lane of the two hashes of its warp.
struct HeldCoefficients {
  float upright[kHeldValues];
  float turned[kHeldValues];
};

/// What is left of the range in which the median's key lies.
struct KeyRange {
  std::uint32_t low;
  std::uint32_t high;
  SEMBLANCE_BOTH std::uint32_t middle() const { return low + (high - low) / 2; }
};

/// The lower median of each warp's 256 values: the smallest key that has at most 128 above it.
template <class Block, class Held, class Range>
SEMBLANCE_DEVICE void find_medians(const Block& block, Held& held, Range& range) {
  block.each([&](unsigned thread) { range[thread] = {0, 0xffffffffU}; });
  for (unsigned step = 0; step < 32; ++step) {  // each halves 2^32 keys
    typename Block::template PerThread<std::int32_t> above;
    block.each([&](unsigned thread) {
      const std::uint32_t middle = range[thread].middle();
      std::int32_t own = 0;
      SEMBLANCE_UNROLL
      for (unsigned m = 0; m < kHeldValues; ++m) {
        own += ordered_key(held[thread].upright[m]) > middle ? 1 : 0;
      }
      above[thread] = own;
    });
    block.warp_sum(above);
    block.each([&](unsigned thread) {
      const std::uint32_t middle = range[thread].middle();
      if (above[thread] <= 128) {
        range[thread].high = middle;
      } else {
        range[thread].low = middle + 1;
      }
    });
  }
}

template <class Block>
SEMBLANCE_DEVICE void write_hashes(const Block& block, const HashingMemory& memory,
                                   HashWords& result) {
  typename Block::template PerThread<HeldCoefficients> held;
  typename Block::template PerThread<KeyRange> range;
  block.each([&](unsigned thread) {
    const unsigned warp = thread / kWarpLanes;
    SEMBLANCE_UNROLL
    for (unsigned m = 0; m < kHeldValues; ++m) {
      const unsigned k = kWarpLanes * m + thread % kWarpLanes;
      const unsigned turned = k % kFrequencies * kFrequencies + k / kFrequencies;
      held[thread].upright[m] = with_sign(memory.coefficients, k, warp);
      held[thread].turned[m] = with_sign(memory.coefficients, turned, warp);
    }
  });
  find_medians(block, held, range);
  SEMBLANCE_UNROLL
  for (unsigned m = 0; m < kHeldValues; ++m) {
    typename Block::template PerThread<std::uint32_t> upright;
    typename Block::template PerThread<std::uint32_t> turned;
    const auto median = [&](unsigned thread) { return from_ordered_key(range[thread].low); };
    block.vote(upright, [&](unsigned thread) { return held[thread].upright[m] > median(thread); });
    block.vote(turned, [&](unsigned thread) { return held[thread].turned[m] > median(thread); });
    block.each([&](unsigned thread) {
      if (thread % kWarpLanes != 0) return;
      const unsigned warp = thread / kWarpLanes;
      result.hashes[upright_hash(warp)][kHeldValues - 1 - m] = bytes_reversed(upright[thread]);
      result.hashes[turned_hash(warp)][kHeldValues - 1 - m] = bytes_reversed(turned[thread]);
    });
  }
}

/// Hashes buffer index().
template <class Block>
SEMBLANCE_DEVICE void hash_buffer(const Block& block, const Hashing& what, HashingMemory& memory) {
  const float* luma = what.luma + std::uint64_t{block.index()} * kBufferPixels;
  HashWords& result = what.results[block.index()];
  block.each([&](unsigned thread) {
    SEMBLANCE_UNROLL_BY_8
    for (unsigned at = thread; at < kBufferPixels; at += kPdqThreads) memory.luma[at] = luma[at];
    for (unsigned at = thread; at < kReducedSide * kFrequencies; at += kPdqThreads) {
      memory.matrix[at] = what.matrix[at];
    }
    if (thread == 0) memory.steps = 0;
  });
  block.sync();
  sum_gradient(block, memory);
  multiply_down(block, memory);
  block.sync();
  multiply_across(block, memory);
  block.sync();
  write_hashes(block, memory, result);
  block.each([&](unsigned thread) {
    if (thread == 0) result.quality = quality_of(memory.steps);
  });
}

}  // namespace semblance::kernels::device
