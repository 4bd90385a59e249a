// SPDX-License-Identifier: Apache-2.0
// Private to kernels: PDQ's filter and sampling on the GPU, from a gray picture to 64 x 64 luma.
//
// A body is a template over the block that runs it, as hamming/device_body.h has it.
//
// One block makes one row of the buffer: the tents of neighbouring rows hardly overlap, so every
// pixel is read about once, and no two blocks write to one place. Down first, in integers, then
// across, in integers, then one product and one rounding: the operations of src/hash/reducer.cpp.
#pragma once

#include <cstdint>

#include "device/arithmetic.h"
#include "jarosz/tap.h"
#include "pdq/device_pdq.h"

namespace semblance::kernels::device {

inline constexpr unsigned kPdqThreads = 128;
inline constexpr unsigned kHeldColumns = 2048;  // whose sums a block holds at once

/// The bytes of a batch as the GPU reads them: word by word, the first byte lowest.
struct PackedBytes {
  const std::uint32_t* words;
  std::uint64_t word_count;
};

/// One launch: kReducedSide blocks a picture.
struct Reduction {
  PackedBytes bytes;
  const DevicePicture* pictures;
  float* luma;  // 64 x 64 a picture
};

/// In shared memory.
struct ReductionMemory {
  std::uint32_t sums[kHeldColumns + 4];         // down each column; four are written at once
  std::uint64_t parts[2 * (kReducedSide + 1)];  // of each tap across, two
};
static_assert(2 * box_window(kMaxDeviceSide) + 3 < kHeldColumns, "one tap always fits");

/// Bytes at..at + 3, the first lowest. `at` is that of a byte of the batch; what follows its last
/// word reads as zero.
SEMBLANCE_BOTH inline std::uint32_t four_bytes(const PackedBytes& bytes, std::uint64_t at) {
  const std::uint64_t word = at / 4;
  const auto shift = static_cast<unsigned>(8 * (at % 4));
  const std::uint32_t low = bytes.words[word];
  if (shift == 0) return low;
  const std::uint32_t high = word + 1 < bytes.word_count ? bytes.words[word + 1] : 0;
  return static_cast<std::uint32_t>((std::uint64_t{high} << 32 | low) >> shift);
}

/// Where to begin so that column `first` is among those read, on a whole word if it can be.
SEMBLANCE_BOTH inline std::uint32_t aligned_start(const DevicePicture& picture,
                                                  std::uint32_t first) {
  const auto skew = static_cast<std::uint32_t>((picture.offset + first) % 4);
  return skew <= first ? first - skew : first;
}

/// The end of the taps from `tap` on that lie before column `limit`, as the first one does.
SEMBLANCE_BOTH inline std::uint32_t taps_before(std::uint32_t width, std::uint32_t tap,
                                                std::uint32_t limit) {
  const std::uint32_t all = tap_count(width);
  if (make_tap(width, all - 1).end() <= limit) return all;
  std::uint32_t low = tap + 1;
  for (std::uint32_t high = all - 1; low < high;) {
    const std::uint32_t middle = (low + high + 1) / 2;
    if (make_tap(width, middle - 1).end() <= limit) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

/// Weighted sums down columns begin..end of the rows of `down`.
template <class Block>
SEMBLANCE_DEVICE void sum_columns(const Block& block, const PackedBytes& bytes,
                                  const DevicePicture& picture, const Tap& down,
                                  std::uint32_t begin, std::uint32_t end, ReductionMemory& memory) {
  block.each([&](unsigned thread) {
    for (std::uint32_t c = begin + 4 * thread; c < end; c += 4 * kPdqThreads) {
      std::uint32_t sums[4] = {};
      std::uint64_t at = picture.offset + down.first * picture.stride + c;
      SEMBLANCE_UNROLL_BY_8
      for (std::uint32_t k = 0; k < down.count; ++k) {
        const std::uint32_t weight = down.weight(k);
        const std::uint32_t pixels = four_bytes(bytes, at);
        at += picture.stride;
        SEMBLANCE_UNROLL
        for (unsigned i = 0; i < 4; ++i) sums[i] += weight * (pixels >> (8 * i) & 0xff);
      }
      SEMBLANCE_UNROLL
      for (unsigned i = 0; i < 4; ++i) memory.sums[c - begin + i] = sums[i];
    }
  });
}

/// Weighted sums across of the taps first_tap..end_tap, in two parts each: even and odd columns.
template <class Block>
SEMBLANCE_DEVICE void sum_taps(const Block& block, std::uint32_t width, std::uint32_t begin,
                               std::uint32_t first_tap, std::uint32_t end_tap,
                               ReductionMemory& memory) {
  block.each([&](unsigned thread) {
    for (std::uint32_t part = thread; part < 2 * (end_tap - first_tap); part += kPdqThreads) {
      const Tap tap = make_tap(width, first_tap + part / 2);
      const std::uint32_t* sums = memory.sums + (tap.first - begin);
      std::uint64_t total = 0;
      for (std::uint32_t k = part % 2; k < tap.count; k += 2) {
        total += std::uint64_t{tap.weight(k)} * sums[k];
      }
      memory.parts[part] = total;
    }
  });
}

/// Adds to each output of a row what its taps among first_tap..end_tap give.
template <class Block, class Row>
SEMBLANCE_DEVICE void add_taps(const Block& block, std::uint32_t width, std::uint64_t down_divisor,
                               std::uint32_t first_tap, std::uint32_t end_tap,
                               const ReductionMemory& memory, Row& row) {
  block.each([&](unsigned thread) {
    if (thread >= kReducedSide) return;
    // The last output may have a second tap, which is added after the first.
    const std::uint32_t last = thread + 1 == kReducedSide ? tap_count(width) : thread + 1;
    for (std::uint32_t t = thread; t < last; ++t) {
      if (t < first_tap || t >= end_tap) continue;
      const std::uint64_t* parts = memory.parts + 2 * (t - first_tap);
      const double divisor = product(static_cast<double>(down_divisor),
                                     static_cast<double>(make_tap(width, t).divisor));
      const double value =
          product(static_cast<double>(parts[0] + parts[1]), quotient(1.0, divisor));
      row[thread] = sum(row[thread], value);
    }
  });
}

/// Row index() % 64 of the buffer of picture index() / 64.
template <class Block>
SEMBLANCE_DEVICE void reduce_row(const Block& block, const Reduction& what,
                                 ReductionMemory& memory) {
  const DevicePicture picture = what.pictures[block.index() / kReducedSide];
  const unsigned output = block.index() % kReducedSide;
  const std::uint32_t taps = tap_count(picture.width);
  const std::uint32_t last_down =
      output + 1 == kReducedSide ? tap_count(picture.height) : output + 1;
  typename Block::template PerThread<double> row;
  block.each([&](unsigned thread) { row[thread] = 0; });
  for (std::uint32_t t = output; t < last_down; ++t) {
    const Tap down = make_tap(picture.height, t);
    for (std::uint32_t first = 0; first < taps;) {
      const std::uint32_t begin = aligned_start(picture, make_tap(picture.width, first).first);
      const std::uint32_t end = taps_before(picture.width, first, begin + kHeldColumns);
      sum_columns(block, what.bytes, picture, down, begin, make_tap(picture.width, end - 1).end(),
                  memory);
      block.sync();  // all have also left the parts of the round before
      sum_taps(block, picture.width, begin, first, end, memory);
      block.sync();
      add_taps(block, picture.width, down.divisor, first, end, memory, row);
      first = end;
    }
  }
  block.each([&](unsigned thread) {
    if (thread < kReducedSide) {
      what.luma[std::uint64_t{block.index()} * kReducedSide + thread] =
          static_cast<float>(row[thread]);
    }
  });
}

}  // namespace semblance::kernels::device
