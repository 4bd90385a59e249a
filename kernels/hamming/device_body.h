// SPDX-License-Identifier: Apache-2.0
// Private to kernels: what the blocks of the GPU's range scan do, written once for two machines.
//
// A body is a template over the block that runs it. `block.each(f)` calls f(thread) for all its
// threads, `block.sync()` waits for them, and a `PerThread<T>` keeps a T for each from one `each`
// to the next. On the device a PerThread is a register and `each` a plain call; on the host, in
// tests, it is an array and `each` a loop. So the same text, its bounds and its tails included,
// runs where there is no GPU. A block also has: `index()` and `count()` along the codes, `batch()`
// along the queries, `append(scan, key)`, and `multiply(form, sums, ...)`, which is one instruction
// of a tensor core for every warp.
#pragma once

#include <cstdint>

#include "hamming/device_math.h"

namespace semblance::kernels::device {

inline constexpr unsigned kBlockThreads = 256;
inline constexpr unsigned kBatchQueries = 128;  // that a block holds in shared memory

/// One launch: queries 0..query_count against rows first_row..end_row.
struct Scan {
  const Quad* code_low;  // one a row, counted from row 0
  const Quad* code_high;
  const Quad* query_low;  // one a query
  const Quad* query_high;
  std::uint64_t first_row;
  std::uint64_t end_row;  // at most 2^32 - 1
  std::uint32_t query_count;
  std::int32_t max_distance;      // 0..256
  std::uint64_t* keys;            // hits in no order; see hit_key
  std::uint64_t capacity;         // of keys
  unsigned long long* key_count;  // every hit counts, also those for which keys has no place
};

SEMBLANCE_BOTH constexpr std::uint32_t least(std::uint32_t a, std::uint32_t b) {
  return a < b ? a : b;
}

// --- Codes into planes ---

/// Deals `count` codes of 8 words each into two planes.
template <class Block>
SEMBLANCE_DEVICE void deal_codes(const Block& block, const Quad* words, std::uint64_t count,
                                 Quad* low, Quad* high) {
  block.each([&](unsigned thread) {
    const std::uint64_t stride = std::uint64_t{block.count()} * kBlockThreads;
    std::uint64_t i = std::uint64_t{block.index()} * kBlockThreads + thread;
    for (; i < count; i += stride) {
      std::uint32_t all[8];
      SEMBLANCE_UNROLL
      for (unsigned k = 0; k < 8; ++k) all[k] = words[2 * i + k / 4].word[k % 4];
      const Code code = deal(all);
      low[i] = code.low;
      high[i] = code.high;
    }
  });
}

// --- By counting bits ---

inline constexpr unsigned kRowsPerThread = 4;  // that share each read of a query
inline constexpr unsigned kCountedRows = kRowsPerThread * kBlockThreads;  // of a block's round

struct CountedQueries {  // in shared memory
  Code code[kBatchQueries];
};

/// The rows row, row + kBlockThreads, ... of one thread against the queries of its block.
template <class Block>
SEMBLANCE_DEVICE void compare_rows(const Block& block, const Scan& scan,
                                   const CountedQueries& queries, std::uint32_t first_query,
                                   std::uint32_t query_count, std::uint64_t row) {
  Code codes[kRowsPerThread];
  SEMBLANCE_UNROLL
  for (unsigned i = 0; i < kRowsPerThread; ++i) {
    const std::uint64_t at = row + i * kBlockThreads;
    codes[i] = at < scan.end_row ? Code{scan.code_low[at], scan.code_high[at]} : Code{};
  }
  for (std::uint32_t q = 0; q < query_count; ++q) {
    const Quad low = queries.code[q].low;
    int prefix[kRowsPerThread];
    int nearest = 256;
    SEMBLANCE_UNROLL
    for (unsigned i = 0; i < kRowsPerThread; ++i) {
      prefix[i] = prefix_distance(low, codes[i].low);
      nearest = nearest < prefix[i] ? nearest : prefix[i];
    }
    if (nearest > scan.max_distance) continue;  // exact: a part never differs more than the whole
    SEMBLANCE_UNROLL
    for (unsigned i = 0; i < kRowsPerThread; ++i) {
      const std::uint64_t at = row + i * kBlockThreads;
      if (prefix[i] > scan.max_distance || at >= scan.end_row) continue;
      const int distance = prefix[i] + rest_distance(queries.code[q], codes[i]);
      if (distance > scan.max_distance) continue;
      block.append(scan, hit_key(first_query + q, distance, static_cast<std::uint32_t>(at)));
    }
  }
}

/// Every thread keeps four codes in registers while the batch of queries passes.
template <class Block>
SEMBLANCE_DEVICE void scan_by_counting(const Block& block, const Scan& scan,
                                       CountedQueries& queries) {
  const std::uint32_t first = block.batch() * kBatchQueries;
  const std::uint32_t count = least(kBatchQueries, scan.query_count - first);
  block.each([&](unsigned thread) {
    for (std::uint32_t q = thread; q < count; q += kBlockThreads) {
      queries.code[q] = {scan.query_low[first + q], scan.query_high[first + q]};
    }
  });
  block.sync();
  const std::uint64_t stride = std::uint64_t{block.count()} * kCountedRows;
  std::uint64_t row = scan.first_row + std::uint64_t{block.index()} * kCountedRows;
  for (; row < scan.end_row; row += stride) {
    block.each(
        [&](unsigned thread) { compare_rows(block, scan, queries, first, count, row + thread); });
  }
}

// --- By the tensor cores ---

inline constexpr unsigned kWarpTiles = 4;  // tiles of 8 codes that a warp holds
inline constexpr unsigned kWarpRows = kWarpTiles * kTileCodes;
inline constexpr unsigned kTiledRows = kWarpRows * (kBlockThreads / kLanes);  // of a block's round
inline constexpr unsigned kBatchTiles = kBatchQueries / kTileQueries;

/// Sums of one tile that one lane holds.
struct Sums {
  std::int32_t at[4];
};

/// Bits as the signs +1 and -1, in eight steps of 32: a distance is half of what the dot product
/// lacks of 256.
struct SignForm {
  static constexpr unsigned kSteps = 8;
  static constexpr bool kCountsOnes = false;
  SEMBLANCE_BOTH static constexpr std::uint32_t operand(std::uint32_t word, unsigned step) {
    return sign_bytes(word, step);
  }
  /// A figure that is the greater the nearer, without a division: see least_score.
  SEMBLANCE_BOTH static constexpr int score(int dot, int, int) { return dot; }
  SEMBLANCE_BOTH static constexpr int least_score(int max_distance) {
    return least_dot(max_distance);
  }
  SEMBLANCE_BOTH static constexpr int distance(int score) { return distance_from_dot(score); }
};

/// Bits as they are, in one step of 256: the instruction counts the ones that two codes share.
struct OverlapForm {
  static constexpr unsigned kSteps = 1;
  static constexpr bool kCountsOnes = true;
  SEMBLANCE_BOTH static constexpr std::uint32_t operand(std::uint32_t word, unsigned) {
    return word;
  }
  SEMBLANCE_BOTH static constexpr int score(int overlap, int ones_a, int ones_b) {
    return -distance_from_overlap(ones_a, ones_b, overlap);
  }
  SEMBLANCE_BOTH static constexpr int least_score(int max_distance) { return -max_distance; }
  SEMBLANCE_BOTH static constexpr int distance(int score) { return -score; }
};

/// A batch of queries as the lanes take them, in shared memory.
template <class Form>
struct TiledQueries {
  Quad share[kBatchTiles][Form::kSteps][kLanes];
  std::int32_t ones[Form::kCountsOnes ? kBatchQueries : 1];
};

/// What one lane holds of the codes of its warp.
template <class Form>
struct TiledCodes {
  std::uint32_t half[kWarpTiles][Form::kSteps][2];
  std::int32_t ones[kWarpTiles][2];  // of the codes in the lane's two columns of sums
};

SEMBLANCE_BOTH inline std::uint32_t word_or_zero(const Quad* plane, std::uint64_t at,
                                                 std::uint64_t end, unsigned word) {
  return at < end ? plane[at].word[word] : 0;  // a place without a code is told by its number
}

template <class Form>
SEMBLANCE_BOTH inline Quad share_of_queries(const Scan& scan, std::uint32_t first_query,
                                            unsigned step, unsigned lane) {
  Quad share{};
  SEMBLANCE_UNROLL
  for (unsigned i = 0; i < 4; ++i) {
    const Quad* plane = query_half(i) == 0 ? scan.query_low : scan.query_high;
    const std::uint32_t query = first_query + query_row(lane, i);
    share.word[i] =
        Form::operand(word_or_zero(plane, query, scan.query_count, word_of(lane)), step);
  }
  return share;
}

template <class Form>
SEMBLANCE_BOTH inline void load_codes(const Scan& scan, std::uint64_t first_row, unsigned lane,
                                      TiledCodes<Form>& codes) {
  SEMBLANCE_UNROLL
  for (unsigned tile = 0; tile < kWarpTiles; ++tile) {
    const std::uint64_t row = first_row + tile * kTileCodes + code_column(lane);
    const std::uint32_t low = word_or_zero(scan.code_low, row, scan.end_row, word_of(lane));
    const std::uint32_t high = word_or_zero(scan.code_high, row, scan.end_row, word_of(lane));
    SEMBLANCE_UNROLL
    for (unsigned step = 0; step < Form::kSteps; ++step) {
      codes.half[tile][step][0] = Form::operand(low, step);
      codes.half[tile][step][1] = Form::operand(high, step);
    }
  }
}

template <class Form, class Block>
SEMBLANCE_DEVICE void load_queries(const Block& block, const Scan& scan, std::uint32_t first,
                                   TiledQueries<Form>& queries) {
  constexpr unsigned kShares = kBatchTiles * Form::kSteps * kLanes;
  block.each([&](unsigned thread) {
    for (unsigned i = thread; i < kShares; i += kBlockThreads) {
      const unsigned lane = i % kLanes;
      const unsigned step = i / kLanes % Form::kSteps;
      const unsigned tile = i / kLanes / Form::kSteps;
      queries.share[tile][step][lane] =
          share_of_queries<Form>(scan, first + tile * kTileQueries, step, lane);
    }
    if constexpr (Form::kCountsOnes) {
      for (unsigned q = thread; q < kBatchQueries; q += kBlockThreads) {
        const Quad zeros{};
        const bool there = first + q < scan.query_count;
        const Code code =
            there ? Code{scan.query_low[first + q], scan.query_high[first + q]} : Code{};
        queries.ones[q] = prefix_distance(code.low, zeros) + rest_distance(code, Code{});
      }
    }
  });
}

/// Counts the ones of a warp's codes with the instruction itself: what a code shares with a query
/// of ones alone stands in each lane at the very columns where it is needed.
template <class Block, class Kept>
SEMBLANCE_DEVICE void count_ones(const Block& block, Kept& codes) {
  typename Block::template PerThread<Quad> all_ones;
  block.each([&](unsigned thread) { all_ones[thread] = {{~0U, ~0U, ~0U, ~0U}}; });
  SEMBLANCE_UNROLL
  for (unsigned tile = 0; tile < kWarpTiles; ++tile) {
    typename Block::template PerThread<Sums> sums;
    block.each([&](unsigned thread) { sums[thread] = {}; });
    block.multiply(
        OverlapForm{}, sums,
        all_ones, [&](unsigned thread) -> auto& { return codes[thread].half[tile][0]; });
    block.each([&](unsigned thread) {
      codes[thread].ones[tile][0] = sums[thread].at[0];
      codes[thread].ones[tile][1] = sums[thread].at[1];
    });
  }
}

/// Looks through one lane's sums of one tile of queries, and appends what is near.
template <class Form, class Block>
SEMBLANCE_DEVICE void keep_near(const Block& block, const Scan& scan,
                                const TiledQueries<Form>& queries, const TiledCodes<Form>& codes,
                                const Sums* sums, std::uint32_t first_query, unsigned query_tile,
                                std::uint64_t first_row, unsigned lane) {
  int ones[2] = {0, 0};
  if constexpr (Form::kCountsOnes) {
    ones[0] = queries.ones[query_tile * kTileQueries + sum_row(lane, 0)];
    ones[1] = queries.ones[query_tile * kTileQueries + sum_row(lane, 2)];
  }
  const int least_score = Form::least_score(scan.max_distance);
  int scores[kWarpTiles][4];
  int greatest = -512;  // below any score
  SEMBLANCE_UNROLL
  for (unsigned tile = 0; tile < kWarpTiles; ++tile) {
    SEMBLANCE_UNROLL
    for (unsigned i = 0; i < 4; ++i) {
      const int ones_b = Form::kCountsOnes ? codes.ones[tile][i % 2] : 0;
      scores[tile][i] = Form::score(sums[tile].at[i], ones[i / 2], ones_b);
      greatest = greatest > scores[tile][i] ? greatest : scores[tile][i];
    }
  }
  if (greatest < least_score) return;  // nearly always: one look rules out sixteen pairs
  SEMBLANCE_UNROLL
  for (unsigned tile = 0; tile < kWarpTiles; ++tile) {
    SEMBLANCE_UNROLL
    for (unsigned i = 0; i < 4; ++i) {
      const std::uint32_t query = first_query + query_tile * kTileQueries + sum_row(lane, i);
      const std::uint64_t row = first_row + tile * kTileCodes + sum_column(lane, i);
      if (scores[tile][i] < least_score || query >= scan.query_count || row >= scan.end_row) {
        continue;
      }
      block.append(
          scan, hit_key(query, Form::distance(scores[tile][i]), static_cast<std::uint32_t>(row)));
    }
  }
}

/// Every warp keeps 32 codes as the tensor core takes them while the batch of queries passes.
template <class Form, class Block>
SEMBLANCE_DEVICE void scan_by_tiles(const Block& block, const Scan& scan,
                                    TiledQueries<Form>& queries) {
  const std::uint32_t first = block.batch() * kBatchQueries;
  const std::uint32_t count = least(kBatchQueries, scan.query_count - first);
  const unsigned query_tiles = (count + kTileQueries - 1) / kTileQueries;
  load_queries<Form>(block, scan, first, queries);
  block.sync();
  typename Block::template PerThread<TiledCodes<Form>> codes;
  typename Block::template PerThread<Quad> share;
  typename Block::template PerThread<Sums> sums[kWarpTiles];
  const std::uint64_t stride = std::uint64_t{block.count()} * kTiledRows;
  std::uint64_t row = scan.first_row + std::uint64_t{block.index()} * kTiledRows;
  for (; row < scan.end_row; row += stride) {
    const auto first_row = [&](unsigned thread) { return row + thread / kLanes * kWarpRows; };
    block.each([&](unsigned thread) {
      load_codes<Form>(scan, first_row(thread), thread % kLanes, codes[thread]);
    });
    if constexpr (Form::kCountsOnes) count_ones(block, codes);
    for (unsigned query_tile = 0; query_tile < query_tiles; ++query_tile) {
      SEMBLANCE_UNROLL
      for (auto& of_tile : sums) block.each([&](unsigned thread) { of_tile[thread] = {}; });
      SEMBLANCE_UNROLL
      for (unsigned step = 0; step < Form::kSteps; ++step) {
        block.each([&](unsigned thread) {
          share[thread] = queries.share[query_tile][step][thread % kLanes];
        });
        SEMBLANCE_UNROLL
        for (unsigned tile = 0; tile < kWarpTiles; ++tile) {
          block.multiply(
              Form{}, sums[tile],
              share, [&](unsigned thread) -> auto& { return codes[thread].half[tile][step]; });
        }
      }
      block.each([&](unsigned thread) {
        Sums own[kWarpTiles];
        SEMBLANCE_UNROLL
        for (unsigned tile = 0; tile < kWarpTiles; ++tile) own[tile] = sums[tile][thread];
        keep_near<Form>(block, scan, queries, codes[thread], own, first, query_tile,
                        first_row(thread), thread % kLanes);
      });
    }
  }
}

}  // namespace semblance::kernels::device
