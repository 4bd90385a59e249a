// SPDX-License-Identifier: Apache-2.0
// What the tests of the index share: codes like a bank's, queries near them, and the obvious loop.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <tuple>
#include <vector>

#include "semblance/live_index.h"

namespace semblance {

inline Hash256 random_code(std::mt19937_64& rng) {
  Hash256 code;
  for (auto& byte : code.bytes) byte = static_cast<std::uint8_t>(rng());
  return code;
}

inline Hash256 altered(Hash256 code, int bits, std::mt19937_64& rng) {
  for (int i = 0; i < bits; ++i) {
    const auto bit = rng() % 256;
    code.bytes[bit / 8] = static_cast<std::uint8_t>(code.bytes[bit / 8] ^ (1U << (bit % 8)));
  }
  return code;
}

// Codes with labels, and the obvious loop over them.
struct Known {
  std::vector<Hash256> codes;
  std::vector<std::int64_t> labels;

  std::vector<LabelledHit> search(const std::vector<Hash256>& queries, int max_distance) const {
    std::vector<LabelledHit> hits;
    for (std::uint32_t q = 0; q < queries.size(); ++q) {
      for (std::size_t i = 0; i < codes.size(); ++i) {
        const int distance = hamming_distance(queries[q], codes[i]);
        if (distance <= max_distance) hits.push_back({q, labels[i], distance});
      }
    }
    std::sort(hits.begin(), hits.end(), [](const LabelledHit& a, const LabelledHit& b) {
      return std::tie(a.query, a.distance, a.label) < std::tie(b.query, b.distance, b.label);
    });
    return hits;
  }

  void withdraw(std::int64_t label) {
    for (std::size_t i = labels.size(); i-- > 0;) {
      if (labels[i] != label) continue;
      labels.erase(labels.begin() + static_cast<std::ptrdiff_t>(i));
      codes.erase(codes.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
};

// A third unrelated, a third near others, a third equal to others: what a bank holds.
inline Known some_codes(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  Known known;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 3 == 0 || i < 3) {
      known.codes.push_back(random_code(rng));
    } else {
      const Hash256& other = known.codes[rng() % i];
      known.codes.push_back(i % 3 == 1 ? other : altered(other, static_cast<int>(rng() % 80), rng));
    }
    known.labels.push_back(static_cast<std::int64_t>(rng() % (2 * count)));
  }
  return known;
}

inline std::vector<Hash256> some_queries(const Known& known, std::size_t count,
                                         std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::vector<Hash256> queries;
  for (std::size_t i = 0; i < count; ++i) {
    queries.push_back(
        i % 4 == 0 || known.codes.empty()
            ? random_code(rng)
            : altered(known.codes[rng() % known.codes.size()], static_cast<int>(rng() % 50), rng));
  }
  return queries;
}

inline void expect_same(const LiveIndex& index, const Known& known,
                        const std::vector<Hash256>& queries, int max_distance) {
  auto found = index.range_search(queries, max_distance);
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(*found, known.search(queries, max_distance)) << "max_distance " << max_distance;
}

inline std::unique_ptr<LiveIndex> index_with(const Known& known, LiveIndexOptions options) {
  auto index = make_live_index(options);
  EXPECT_TRUE(index->add(known.codes, known.labels));
  return index;
}

}  // namespace semblance
