// SPDX-License-Identifier: Apache-2.0
// The flat index against the plain loop, at every boundary of its contract.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>
#include <vector>

#include "semblance/index.h"

namespace semblance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Hash256 random_hash(std::mt19937_64& rng) {
  Hash256 hash;
  for (auto& byte : hash.bytes) byte = static_cast<std::uint8_t>(rng());
  return hash;
}

std::vector<Hash256> random_hashes(std::mt19937_64& rng, std::size_t count) {
  std::vector<Hash256> hashes(count);
  for (auto& hash : hashes) hash = random_hash(rng);
  return hashes;
}

// `hash` with its first `bits` bits flipped: exactly that far away.
Hash256 flipped(Hash256 hash, int bits) {
  for (int bit = 0; bit < bits; ++bit) {
    hash.bytes[static_cast<std::size_t>(bit / 8)] ^= static_cast<std::uint8_t>(0x80 >> (bit % 8));
  }
  return hash;
}

// The contract, as the obvious loop.
std::vector<Hit> expected_hits(const std::vector<Hash256>& codes,
                               const std::vector<Hash256>& queries, int max_distance) {
  std::vector<Hit> hits;
  for (std::uint32_t q = 0; q < queries.size(); ++q) {
    std::vector<Hit> of_query;
    for (std::uint32_t row = 0; row < codes.size(); ++row) {
      const int distance = hamming_distance(queries[q], codes[row]);
      if (distance <= max_distance) of_query.push_back({q, row, distance});
    }
    std::stable_sort(of_query.begin(), of_query.end(),
                     [](const Hit& a, const Hit& b) { return a.distance < b.distance; });
    hits.insert(hits.end(), of_query.begin(), of_query.end());
  }
  return hits;
}

std::unique_ptr<Index> index_of(const std::vector<Hash256>& codes) {
  auto index = make_flat_index();
  EXPECT_TRUE(index->add(codes));
  return index;
}

std::vector<Hit> search(const Index& index, const std::vector<Hash256>& queries, int max_distance) {
  auto hits = index.range_search(queries, max_distance);
  EXPECT_TRUE(hits) << hits.error().what;
  return hits ? *hits : std::vector<Hit>{};
}

TEST(FlatIndexTest, AgreesWithThePlainLoopAtEveryDistance) {
  std::mt19937_64 rng(20260611);
  std::vector<Hash256> queries = random_hashes(rng, 3);
  std::vector<Hash256> codes = random_hashes(rng, 200);
  for (int bits = 0; bits <= Hash256::kBits; ++bits) {  // one code at every distance of queries[0]
    codes.push_back(flipped(queries[0], bits));
  }
  std::shuffle(codes.begin(), codes.end(), rng);
  const auto index = index_of(codes);
  for (int max_distance = 0; max_distance <= Hash256::kBits; ++max_distance) {
    ASSERT_EQ(search(*index, queries, max_distance), expected_hits(codes, queries, max_distance))
        << "max_distance " << max_distance;
  }
}

TEST(FlatIndexTest, MaxDistanceIsInclusive) {
  std::mt19937_64 rng(1);
  const Hash256 query = random_hash(rng);
  const auto index = index_of({flipped(query, 32), flipped(query, 31), flipped(query, 256)});
  EXPECT_THAT(search(*index, {query}, 31), ElementsAre(Hit{0, 1, 31}));
  EXPECT_THAT(search(*index, {query}, 32), ElementsAre(Hit{0, 1, 31}, Hit{0, 0, 32}));
  EXPECT_THAT(search(*index, {query}, 255), ElementsAre(Hit{0, 1, 31}, Hit{0, 0, 32}));
  EXPECT_THAT(search(*index, {query}, 256),
              ElementsAre(Hit{0, 1, 31}, Hit{0, 0, 32}, Hit{0, 2, 256}));
}

TEST(FlatIndexTest, DistanceZeroFindsEqualCodesOnly) {
  std::mt19937_64 rng(2);
  const Hash256 code = random_hash(rng);
  const auto index = index_of({flipped(code, 1), code});
  EXPECT_THAT(search(*index, {code}, 0), ElementsAre(Hit{0, 1, 0}));
}

TEST(FlatIndexTest, AnIndexOfOneCodeMatches) {
  std::mt19937_64 rng(3);
  const Hash256 code = random_hash(rng);
  const auto index = index_of({code});
  EXPECT_EQ(index->size(), 1U);
  EXPECT_THAT(search(*index, {flipped(code, 31)}, 31), ElementsAre(Hit{0, 0, 31}));
  EXPECT_THAT(search(*index, {flipped(code, 32)}, 31), IsEmpty());
}

TEST(FlatIndexTest, AnEmptyIndexAndAnEmptyQueryGiveNothing) {
  std::mt19937_64 rng(4);
  const auto empty = make_flat_index();
  EXPECT_EQ(empty->size(), 0U);
  EXPECT_THAT(search(*empty, random_hashes(rng, 3), 256), IsEmpty());
  EXPECT_TRUE(empty->add({}));
  EXPECT_EQ(empty->size(), 0U);
  EXPECT_THAT(search(*index_of(random_hashes(rng, 3)), {}, 256), IsEmpty());
}

TEST(FlatIndexTest, EqualCodesAreSeparateRowsInOrder) {
  std::mt19937_64 rng(5);
  const Hash256 code = random_hash(rng);
  const auto index = index_of({code, flipped(code, 4), code, code});
  EXPECT_THAT(search(*index, {code, code}, 4),
              ElementsAre(Hit{0, 0, 0}, Hit{0, 2, 0}, Hit{0, 3, 0}, Hit{0, 1, 4}, Hit{1, 0, 0},
                          Hit{1, 2, 0}, Hit{1, 3, 0}, Hit{1, 1, 4}));
}

TEST(FlatIndexTest, LaterCodesContinueTheRows) {
  std::mt19937_64 rng(6);
  const std::vector<Hash256> codes = random_hashes(rng, 10'000);
  auto index = make_flat_index();
  for (std::size_t at = 0; at < codes.size(); at += 999) {
    const std::size_t count = std::min<std::size_t>(999, codes.size() - at);
    ASSERT_TRUE(index->add(std::span(codes).subspan(at, count)));
  }
  ASSERT_EQ(index->size(), codes.size());
  EXPECT_THAT(search(*index, {codes[9'998]}, 0), ElementsAre(Hit{0, 9'998, 0}));
}

TEST(FlatIndexTest, MoreHitsThanOneBlockOfResults) {
  std::mt19937_64 rng(7);
  const std::vector<Hash256> codes = random_hashes(rng, 3'000);
  const std::vector<Hash256> queries = random_hashes(rng, 3);
  EXPECT_EQ(search(*index_of(codes), queries, 256), expected_hits(codes, queries, 256));
}

TEST(FlatIndexTest, ADistanceOutOfRangeIsRefused) {
  std::mt19937_64 rng(8);
  const auto index = index_of(random_hashes(rng, 2));
  for (const int max_distance : {-1, 257, 1 << 30}) {
    auto hits = index->range_search(random_hashes(rng, 1), max_distance);
    ASSERT_FALSE(hits);
    EXPECT_EQ(hits.error().code, Errc::kBadArgument);
    EXPECT_NE(hits.error().what.find(std::to_string(max_distance)), std::string::npos);
  }
}

TEST(FlatIndexTest, ConcurrentSearchesAgree) {
  std::mt19937_64 rng(9);
  std::vector<Hash256> queries = random_hashes(rng, 8);
  std::vector<Hash256> codes = random_hashes(rng, 2'000);
  for (const Hash256& query : queries) codes.push_back(flipped(query, 20));
  const auto index = index_of(codes);
  const std::vector<Hit> expected = expected_hits(codes, queries, 110);
  std::vector<int> wrong(4);
  {
    std::vector<std::jthread> threads;
    for (int& count : wrong) {
      threads.emplace_back([&] {
        for (int i = 0; i < 25; ++i) {
          auto hits = index->range_search(queries, 110);
          if (!hits || *hits != expected) ++count;
        }
      });
    }
  }
  EXPECT_THAT(wrong, ::testing::Each(0));
}

}  // namespace
}  // namespace semblance
