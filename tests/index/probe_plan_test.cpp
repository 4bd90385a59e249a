// SPDX-License-Identifier: Apache-2.0
#include "index/probe_plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace semblance::index {
namespace {

int sum_of(const ProbeUnits& units) { return std::accumulate(units.begin(), units.end(), 0); }

TEST(ProbePlanTest, EvenUnitsAddUpToOneMoreThanTheRadius) {
  for (std::size_t tables = kMinTables; tables <= kMaxTables; ++tables) {
    const int widest = static_cast<int>((kMaxProbeRadius + 1) * tables) - 1;
    for (int max_distance = 0; max_distance <= 256; ++max_distance) {
      const ProbeUnits units = even_units(tables, max_distance);
      ASSERT_EQ(sum_of(units), max_distance <= widest ? max_distance + 1 : 0)
          << tables << " tables, " << max_distance;
      for (std::size_t t = 0; t < units.size(); ++t) {
        ASSERT_LE(units[t], t < tables ? kMaxProbeRadius + 1 : 0);
        if (t == 0 || t >= tables) continue;
        ASSERT_LE(std::abs(units[t] - units[t - 1]), 1);
      }
    }
  }
}

TEST(ProbePlanTest, AnAllotmentAddsUpToOneMoreThanTheRadiusWhateverTheCounts) {
  std::mt19937_64 rng(1);
  for (std::size_t tables = kMinTables; tables <= kMaxTables; ++tables) {
    const TableLayout layout(tables);
    const int widest = static_cast<int>((kMaxProbeRadius + 1) * tables) - 1;
    for (int max_distance = 0; max_distance <= widest + 3; ++max_distance) {
      std::vector<BucketCounts> counts(tables);
      for (auto& count : counts) {  // from nothing to more than there can be
        count.exact = rng() >> (rng() % 64);
        count.near = count.exact + std::min(rng() >> (rng() % 64), ~count.exact);
      }
      const Allotment allotment = allot_units(layout, counts.data(), max_distance);
      for (std::size_t t = 0; t < kMaxTables; ++t) {
        ASSERT_LE(allotment.units[t], t < tables ? kMaxProbeRadius + 1 : 0);
      }
      if (max_distance <= widest) {
        ASSERT_EQ(sum_of(allotment.units), max_distance + 1);
        ASSERT_TRUE(std::isfinite(allotment.cost));
        ASSERT_GT(allotment.cost, 0);
      } else {
        ASSERT_TRUE(std::isinf(allotment.cost)) << "no units suffice";
      }
    }
  }
}

TEST(ProbePlanTest, FatBucketsAreLeftOut) {
  for (const std::size_t tables : {10U, 13U, 16U}) {
    const TableLayout layout(tables);
    std::vector<BucketCounts> counts(tables, BucketCounts{10, 100});
    for (const std::size_t fat : {std::size_t{0}, std::size_t{4}, tables - 1}) {
      counts[fat] = {10'000'000, 12'000'000};
    }
    const Allotment allotment = allot_units(layout, counts.data(), 20);
    EXPECT_EQ(sum_of(allotment.units), 21);
    for (std::size_t t = 0; t < tables; ++t) {
      const bool is_fat = t == 0 || t == 4 || t == tables - 1;
      EXPECT_EQ(allotment.units[t] == 0, is_fat) << "table " << t << " of " << tables;
    }
  }
}

TEST(ProbePlanTest, ThinTablesAreProbedAlike) {
  const TableLayout layout(16);
  const std::vector<BucketCounts> counts(16, BucketCounts{15, 260});
  const Allotment allotment = allot_units(layout, counts.data(), 31);
  for (const auto units : allotment.units) EXPECT_EQ(units, 2);
}

}  // namespace
}  // namespace semblance::index
