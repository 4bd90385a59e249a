// SPDX-License-Identifier: Apache-2.0
// The codes that search_bench searches, the queries it looks up, and the banks made to be slow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "semblance/hash256.h"
#include "semblance/result.h"

namespace semblance::bench {

using Codes = std::vector<Hash256>;
using CodesView = std::span<const Hash256>;

/// `count` codes of independent fair bits; those of a smaller count are the first of a larger one.
Codes uniform_codes(std::uint64_t seed, std::size_t count);

/// The PDQ hashes of the first `count` generated graphics of datasets/graphic.h, drawn at 64 x 64,
/// whose quality reaches the floor of a new bank; duplicates stay, as they do in a bank.
///
/// They are drawn on every core, and kept in the folder `cache` where that is not empty: a later
/// call reads them if they still are what the generator draws. Errc::kIo if the folder cannot be
/// written.
Result<Codes> graphic_codes(std::uint64_t seed, std::size_t count, const std::string& cache);

/// `count` queries, in turns a code of `codes` with 0 to 40 bits flipped and one of `strangers`.
Codes mixed_queries(std::uint64_t seed, std::size_t count, CodesView codes, CodesView strangers);

/// How far codes are from random ones.
struct CodeFacts {
  std::size_t distinct = 0;
  double mean_distance = 0.0;  // of pairs; 128 for random codes
  double deviation = 0.0;      // 8
  double near_rows = 0.0;  // of a pair's 16 rows of 16 bits, that differ in at most one; 0.00415
};

CodeFacts facts_of(CodesView codes);

/// A bank that a sub-linear index could be made slow with, and the queries that would do it.
struct Attack {
  std::string codes_name;
  std::string queries_name;
  Codes codes;
  Codes queries;
};

inline constexpr int kAttacks = 11;

/// Attack `number` of kAttacks with `count` codes.
Attack make_attack(int number, std::uint64_t seed, std::size_t count);

}  // namespace semblance::bench
