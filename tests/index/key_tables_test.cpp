// SPDX-License-Identifier: Apache-2.0
#include "index/key_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <thread>

#include "index/known_codes.h"

namespace semblance::index {
namespace {

using ::testing::IsEmpty;

constexpr int kNear = 20;

// As those of local features are: each bit is mostly the one or mostly the other.
class UnevenCodes {
 public:
  explicit UnevenCodes(std::uint64_t seed) : rng_(seed) {
    std::mt19937_64 fixed(1);
    for (auto& odds : odds_) odds = std::uniform_real_distribution<>(0.15, 0.85)(fixed);
  }
  Hash256 next() {
    Hash256 code;
    for (std::size_t bit = 0; bit < odds_.size(); ++bit) {
      const bool set = std::uniform_real_distribution<>()(rng_) < odds_[bit];
      code.bytes[bit / 8] = static_cast<std::uint8_t>(code.bytes[bit / 8] | set << (bit % 8));
    }
    return code;
  }
  Known some(std::size_t n, std::int64_t first_label = 0) {
    Known known;
    for (std::size_t i = 0; i < n; ++i) {
      known.codes.push_back(next());
      known.labels.push_back(first_label + static_cast<std::int64_t>(i));
    }
    return known;
  }

 private:
  std::mt19937_64 rng_;
  std::array<double, 256> odds_{};
};

std::vector<Hash256> queries_near(const Known& known, std::size_t n, int bits) {
  std::mt19937_64 rng(77);
  std::vector<Hash256> queries;
  for (std::size_t i = 0; i < n; ++i) {
    queries.push_back(altered(known.codes[rng() % known.codes.size()], bits, rng));
  }
  return queries;
}

TEST(KeyTables, FindsMostOfWhatIsNearAndNothingElse) {
  const Known known = UnevenCodes(3).some(30'000);
  KeyTables tables;
  ASSERT_TRUE(tables.add(known.codes, known.labels));
  EXPECT_EQ(tables.size(), known.codes.size());
  for (const auto& [bits, least] : std::map<int, double>{{0, 1.0}, {5, 0.99}, {12, 0.9}}) {
    const auto queries = queries_near(known, 300, bits);
    const auto all = known.search(queries, kNear);
    const auto found = tables.search(queries, kNear);
    EXPECT_TRUE(std::includes(all.begin(), all.end(), found.begin(), found.end())) << bits;
    EXPECT_GE(static_cast<double>(found.size()), least * static_cast<double>(all.size())) << bits;
  }
}

TEST(KeyTables, WhatIsFoundDoesNotDependOnTheOrderNorOnThePortions) {
  const Known known = UnevenCodes(4).some(2'000);
  const auto queries = queries_near(known, 200, 8);
  KeyTables whole;
  ASSERT_TRUE(whole.add(known.codes, known.labels));
  KeyTables backwards;
  for (std::size_t i = known.codes.size(); i-- > 0;) {
    ASSERT_TRUE(backwards.add({&known.codes[i], 1}, {&known.labels[i], 1}));
  }
  EXPECT_EQ(whole.search(queries, kNear), backwards.search(queries, kNear));
  EXPECT_FALSE(whole.search(queries, kNear).empty());
}

TEST(KeyTables, WhatIsWithdrawnIsNotFoundAndTheRestIsAsIfItHadNeverBeen) {
  UnevenCodes codes(5);
  const Known kept = codes.some(1'000);
  const Known gone = codes.some(800, 5'000);
  KeyTables tables;
  KeyTables without;
  ASSERT_TRUE(tables.add(gone.codes, gone.labels));
  ASSERT_TRUE(tables.add(kept.codes, kept.labels));
  ASSERT_TRUE(without.add(kept.codes, kept.labels));
  // In portions: of some nothing is built anew.
  for (std::size_t i = 0; i < gone.labels.size(); i += 100) {
    EXPECT_EQ(tables.withdraw({&gone.labels[i], 100}), 100U);
    EXPECT_EQ(tables.withdraw({&gone.labels[i], 100}), 0U);
  }
  EXPECT_EQ(tables.size(), kept.codes.size());
  EXPECT_THAT(tables.search(gone.codes, 0), IsEmpty());
  const auto queries = queries_near(kept, 200, 8);
  EXPECT_EQ(tables.search(queries, kNear), without.search(queries, kNear));
}

TEST(KeyTables, ALabelOfManyCodesIsWithdrawnWhole) {
  const Known known = UnevenCodes(6).some(300);
  const std::vector<std::int64_t> one(known.codes.size(), 7);
  KeyTables tables;
  ASSERT_TRUE(tables.add(known.codes, one));
  EXPECT_EQ(tables.search({&known.codes[9], 1}, 0), (std::vector<LabelledHit>{{0, 7, 0}}));
  const std::int64_t label = 7;
  EXPECT_EQ(tables.withdraw({&label, 1}), 300U);
  EXPECT_EQ(tables.size(), 0U);
}

TEST(KeyTables, WhatIsReadAgainIsHereOnce) {
  const Known known = UnevenCodes(11).some(200);
  KeyTables tables;
  ASSERT_TRUE(tables.add(known.codes, known.labels));
  for (std::uint32_t again = 0; again < KeyTables::kCrowd + 10; ++again) {
    ASSERT_TRUE(tables.add_new(known.codes, known.labels));
  }
  EXPECT_EQ(tables.size(), known.codes.size());
  EXPECT_EQ(tables.search({&known.codes[9], 1}, 0), (std::vector<LabelledHit>{{0, 9, 0}}));
  const std::int64_t other = 700;
  ASSERT_TRUE(tables.add_new({&known.codes[9], 1}, {&other, 1}));
  EXPECT_EQ(tables.search({&known.codes[9], 1}, 0).size(), 2U) << "under another label it is new";
}

TEST(KeyTables, OfACrowdTheFirstAreFound) {
  std::mt19937_64 rng(8);
  const Hash256 common = random_code(rng);
  std::vector<Hash256> codes(KeyTables::kCrowd + 50, common);
  std::vector<std::int64_t> labels(codes.size());
  std::iota(labels.begin(), labels.end(), 0);
  KeyTables tables;
  ASSERT_TRUE(tables.add(codes, labels));
  const auto expect_found = [&](std::int64_t first, std::uint32_t found) {
    const auto hits = tables.search({&common, 1}, 256);
    ASSERT_EQ(hits.size(), found);
    EXPECT_EQ(hits.front().label, first);
    EXPECT_EQ(hits.back().label, first + found - 1);
  };
  expect_found(0, KeyTables::kOfCrowd);
  // Those that are withdrawn take nobody's place, whether the tables were built anew or not.
  EXPECT_EQ(tables.withdraw({labels.data(), 10}), 10U);
  expect_found(10, KeyTables::kOfCrowd);
  EXPECT_EQ(tables.withdraw({labels.data(), 50}), 40U);
  expect_found(50, KeyTables::kCrowd);
}

TEST(KeyTables, KeysGrowWithTheCodes) {
  // More than eight a bucket of 16 bits: longer keys, under which as much is found.
  const Known known = UnevenCodes(9).some((std::size_t{8} << 16) + 1);
  KeyTables tables;
  ASSERT_TRUE(tables.add(known.codes, known.labels));
  for (std::size_t i = 0; i < known.codes.size(); i += 5'003) {
    const auto hits = tables.search({&known.codes[i], 1}, 0);
    ASSERT_FALSE(hits.empty());
    EXPECT_EQ(hits.front().label, known.labels[i]);
  }
}

TEST(KeyTables, WhatMakesNoSenseIsRefused) {
  const Hash256 code{};
  const std::int64_t negative = -1;
  KeyTables tables;
  EXPECT_EQ(tables.add({&code, 1}, {}).error().code, Errc::kBadArgument);
  EXPECT_EQ(tables.add({&code, 1}, {&negative, 1}).error().code, Errc::kBadArgument);
  EXPECT_EQ(tables.size(), 0U);
  EXPECT_EQ(tables.withdraw({&negative, 1}), 0U);
}

TEST(KeyTables, IsSearchedWhileItChanges) {
  UnevenCodes codes(10);
  const Known stays = codes.some(500);
  const Known comes = codes.some(500, 1'000);
  KeyTables tables;
  ASSERT_TRUE(tables.add(stays.codes, stays.labels));
  const auto expected = tables.search(stays.codes, 0);
  std::thread writer([&] {
    for (int round = 0; round < 20; ++round) {
      EXPECT_TRUE(tables.add(comes.codes, comes.labels));
      EXPECT_EQ(tables.withdraw(comes.labels), comes.labels.size());
    }
  });
  for (int round = 0; round < 20; ++round) EXPECT_EQ(tables.search(stays.codes, 0), expected);
  writer.join();
}

}  // namespace
}  // namespace semblance::index
