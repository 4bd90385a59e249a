// SPDX-License-Identifier: Apache-2.0
#include "semblance/live_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "index/known_codes.h"

namespace semblance {
namespace {

class LiveIndexTables : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Tables, LiveIndexTables, testing::Values(0, 12, 13, 14, 15, 16));

TEST_P(LiveIndexTables, FindsWhatTheObviousLoopFindsAtEveryRadius) {
  const Known known = some_codes(4000, 1);
  const auto queries = some_queries(known, 40, 2);
  const auto index = index_with(known, {.merge_in_background = false, .tables = GetParam()});
  EXPECT_EQ(index->facts().tables, GetParam());
  for (const int radius : {0, 1, 2, 7, 12, 15, 16, 20, 31, 32, 37, 38, 45, 52, 64, 65, 100, 256}) {
    expect_same(*index, known, queries, radius);
  }
}

TEST_P(LiveIndexTables, FindsWhatTheObviousLoopFindsWhereBucketsAreFat) {
  // Codes that agree but for a few bits share their buckets in most tables.
  std::mt19937_64 rng(3);
  Known known = some_codes(3000, 4);
  const Hash256 base = random_code(rng);
  for (std::int64_t i = 0; i < 5000; ++i) {
    Hash256 code = base;
    for (const std::size_t byte : {3U, 9U, 17U})
      code.bytes[byte] = static_cast<std::uint8_t>(rng());
    known.codes.push_back(altered(code, static_cast<int>(rng() % 20), rng));
    known.labels.push_back(i);
  }
  auto queries = some_queries(known, 20, 5);
  queries.push_back(base);
  queries.push_back(altered(base, 25, rng));
  const auto index = index_with(known, {.merge_in_background = false, .tables = GetParam()});
  for (const int radius : {0, 10, 31, 40, 64}) expect_same(*index, known, queries, radius);
}

TEST(LiveIndex, HoldsEveryDistanceAroundTheRadius) {
  std::mt19937_64 rng(6);
  Known known = some_codes(20'000, 7);
  std::vector<Hash256> queries;
  for (int distance = 25; distance <= 38; ++distance) {
    const Hash256 query = random_code(rng);
    for (int repeat = 0; repeat < 20; ++repeat) {  // spread over the tables in many ways
      Hash256 code = query;
      while (hamming_distance(code, query) < distance) code = altered(code, 1, rng);
      known.codes.push_back(code);
      known.labels.push_back(1'000'000 + distance);
    }
    queries.push_back(query);
  }
  const auto index = index_with(known, {.merge_in_background = false, .tables = {}});
  EXPECT_EQ(index->facts().tables, 16U);
  for (const int radius : {30, 31, 32}) expect_same(*index, known, queries, radius);
}

TEST(LiveIndex, IsEmptyAtFirst) {
  const auto index = make_live_index();
  EXPECT_EQ(index->size(), 0U);
  const Known none;
  expect_same(*index, none, some_queries(none, 3, 8), 256);
  EXPECT_TRUE(index->merge());
  EXPECT_EQ(*index->withdraw(std::vector<std::int64_t>{1, 2}), 0U);
}

TEST(LiveIndex, RefusesWhatIsOutOfRange) {
  const auto index = make_live_index();
  const std::vector<Hash256> one(1);
  EXPECT_EQ(index->range_search(one, -1).error().code, Errc::kBadArgument);
  EXPECT_EQ(index->range_search(one, 257).error().code, Errc::kBadArgument);
  EXPECT_EQ(index->add(one, {}).error().code, Errc::kBadArgument);
  EXPECT_EQ(index->add(one, std::vector<std::int64_t>{-1}).error().code, Errc::kBadArgument);
  EXPECT_EQ(index->size(), 0U);
}

TEST(LiveIndex, AddsAndWithdrawsAreSeenByTheNextSearch) {
  for (const bool background : {false, true}) {
    std::mt19937_64 rng(9);
    const auto index = make_live_index({.merge_in_background = background, .tables = {}});
    Known known;
    for (int step = 0; step < 60; ++step) {
      // One code, a few, or enough that merges follow.
      const std::size_t count = step % 5 == 4 ? 3000 : 1 + rng() % 40;
      const Known more = some_codes(count, rng());
      ASSERT_TRUE(index->add(more.codes, more.labels));
      known.codes.insert(known.codes.end(), more.codes.begin(), more.codes.end());
      known.labels.insert(known.labels.end(), more.labels.begin(), more.labels.end());
      const std::int64_t gone = known.labels[rng() % known.labels.size()];
      const auto before = known.labels.size();
      known.withdraw(gone);
      auto withdrawn = index->withdraw({&gone, 1});
      ASSERT_TRUE(withdrawn) << withdrawn.error().what;
      EXPECT_EQ(*withdrawn, before - known.labels.size());
      EXPECT_EQ(index->size(), known.labels.size());
      if (step % 6 == 0) expect_same(*index, known, some_queries(known, 8, rng()), 31);
    }
    const auto queries = some_queries(known, 30, 10);
    expect_same(*index, known, queries, 31);
    ASSERT_TRUE(index->merge());
    EXPECT_EQ(index->facts().segments, 1U);
    EXPECT_EQ(index->facts().withdrawn, 0U);
    EXPECT_EQ(index->facts().codes, known.codes.size());
    expect_same(*index, known, queries, 31);
  }
}

TEST(LiveIndex, AnotherOrderOfAddingGivesTheSameHits) {
  Known known = some_codes(30'000, 11);
  const auto queries = some_queries(known, 20, 12);
  const auto whole = index_with(known, {.merge_in_background = false, .tables = {}});
  const auto parts = make_live_index({.merge_in_background = false, .tables = {}});
  for (std::size_t end = known.codes.size(); end > 0;) {
    const std::size_t begin = end > 777 ? end - 777 : 0;
    ASSERT_TRUE(parts->add(std::span(known.codes).subspan(begin, end - begin),
                           std::span(known.labels).subspan(begin, end - begin)));
    end = begin;
  }
  EXPECT_EQ(*whole->range_search(queries, 31), *parts->range_search(queries, 31));
}

TEST(LiveIndex, SearchesRunWhileItChanges) {
  // A code is in before its adder says so, and stays until it is withdrawn.
  const auto index = make_live_index();
  std::mt19937_64 rng(13);
  const Known fixed = some_codes(20'000, 14);
  ASSERT_TRUE(index->add(fixed.codes, fixed.labels));
  const std::vector<Hash256> queries = some_queries(fixed, 10, 15);
  const auto expected = fixed.search(queries, 31);
  constexpr std::int64_t kOther = 1'000'000;  // labels of what comes and goes
  std::atomic<bool> done = false;
  std::atomic<int> searches = 0;
  std::vector<std::thread> readers;
  for (int r = 0; r < 2; ++r) {
    readers.emplace_back([&] {
      while (!done || searches < 4) {
        auto found = index->range_search(queries, 31);
        ASSERT_TRUE(found);
        std::erase_if(*found, [](const LabelledHit& hit) { return hit.label >= kOther; });
        EXPECT_EQ(*found, expected);
        ++searches;
      }
    });
  }
  for (std::int64_t step = 0; step < 30; ++step) {
    std::vector<Hash256> codes;
    for (int i = 0; i < 1000; ++i) codes.push_back(altered(queries[rng() % 10], 10, rng));
    const std::vector<std::int64_t> labels(codes.size(), kOther + step);
    ASSERT_TRUE(index->add(codes, labels));
    auto seen = index->range_search({codes.data(), 1}, 0);
    ASSERT_TRUE(seen);
    EXPECT_TRUE(std::any_of(seen->begin(), seen->end(),
                            [&](const LabelledHit& hit) { return hit.label == kOther + step; }));
    if (step % 2 == 0) {
      EXPECT_EQ(*index->withdraw({labels.data(), 1}), codes.size());
    }
  }
  done = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(index->size(), fixed.codes.size() + 15'000);
}

TEST(LiveIndex, ManyMayChangeItAtOnce) {
  // Each adds codes of its own, and takes some back; merges run in whichever add makes them due, or
  // are asked for. What is left is what all of them left.
  for (const bool background : {false, true}) {
    const auto index = make_live_index({.merge_in_background = background, .tables = {}});
    constexpr std::size_t kWriters = 4;
    std::vector<Known> known(kWriters);
    std::vector<std::thread> writers;
    for (std::size_t w = 0; w < kWriters; ++w) {
      writers.emplace_back([&, w] {
        std::mt19937_64 rng(100 + w);
        for (std::int64_t step = 0; step < 12; ++step) {
          Known more = some_codes(step % 3 == 0 ? 4000 : 200, rng());
          const auto first = static_cast<std::int64_t>(w * 1000) + step;
          std::fill(more.labels.begin(), more.labels.end(), first);
          ASSERT_TRUE(index->add(more.codes, more.labels));
          if (step % 4 == 1) {
            const std::vector<std::int64_t> gone{first};
            EXPECT_EQ(*index->withdraw(gone), more.codes.size());
            continue;
          }
          known[w].codes.insert(known[w].codes.end(), more.codes.begin(), more.codes.end());
          known[w].labels.insert(known[w].labels.end(), more.labels.begin(), more.labels.end());
          if (step % 5 != 4) continue;
          ASSERT_TRUE(index->merge());
        }
      });
    }
    for (auto& writer : writers) writer.join();
    Known all;
    for (const Known& each : known) {
      all.codes.insert(all.codes.end(), each.codes.begin(), each.codes.end());
      all.labels.insert(all.labels.end(), each.labels.begin(), each.labels.end());
    }
    EXPECT_EQ(index->size(), all.codes.size());
    const auto queries = some_queries(all, 10, 17);
    expect_same(*index, all, queries, 31);
    ASSERT_TRUE(index->merge());
    EXPECT_EQ(index->size(), all.codes.size());
    EXPECT_EQ(index->facts().segments, 1U);
    expect_same(*index, all, queries, 31);
  }
}

TEST(LiveIndex, EqualCodesAreHeldOnceAndFoundEach) {
  Known known = some_codes(3, 16);
  for (std::int64_t i = 0; i < 40'000; ++i) {
    known.codes.push_back(known.codes[0]);
    known.labels.push_back(i);
  }
  const auto index = index_with(known, {.merge_in_background = false, .tables = {}});
  EXPECT_EQ(index->facts().codes, known.codes.size());
  EXPECT_LE(index->facts().distinct, 3U);
  expect_same(*index, known, {known.codes[0]}, 31);
}

}  // namespace
}  // namespace semblance
