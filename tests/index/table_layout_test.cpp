// SPDX-License-Identifier: Apache-2.0
#include "index/table_layout.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <set>

#include "index/known_codes.h"

namespace semblance::index {
namespace {

unsigned bit_at(const Hash256& code, std::size_t bit) {
  return code.bytes[bit / 8] >> (bit % 8) & 1U;
}

TEST(TableLayoutTest, FieldsTakeEveryBitOnce) {
  for (std::size_t tables = kMinTables; tables <= kMaxTables; ++tables) {
    const TableLayout layout(tables);
    ASSERT_EQ(layout.tables(), tables);
    unsigned next = 0;
    for (const TableLayout::Field& field : layout.fields) {
      EXPECT_EQ(field.first_bit, next) << tables << " tables";
      EXPECT_GE(field.bits, 16U) << "room for a sketch";
      EXPECT_LE(field.bits, 26U) << "what a directory has places for";
      next += field.bits;
    }
    EXPECT_EQ(next, 256U) << tables << " tables";
  }
}

TEST(TableLayoutTest, KeysAreTheBitsOfTheirFields) {
  std::mt19937_64 rng(1);
  for (std::size_t tables = kMinTables; tables <= kMaxTables; ++tables) {
    const TableLayout layout(tables);
    for (int repeat = 0; repeat < 50; ++repeat) {
      const Hash256 code = random_code(rng);
      for (std::size_t t = 0; t < tables; ++t) {
        const auto [first, bits] = layout.fields[t];
        std::uint32_t key = 0;
        for (unsigned bit = 0; bit < bits; ++bit) key |= bit_at(code, first + bit) << bit;
        ASSERT_EQ(layout.key(code, t), key) << "table " << t << " of " << tables;
        const std::size_t next = (t + 1) % tables;
        ASSERT_EQ(layout.sketch(code, t), layout.key(code, next) & 0xffffU);
      }
    }
  }
}

TEST(TableLayoutTest, TheNumberOfTablesIsOneThatThereIs) {
  for (const std::size_t codes :
       {std::size_t{0}, std::size_t{1}, std::size_t{16'383}, std::size_t{16'384},
        std::size_t{1'000'000}, std::size_t{30'000'000}, std::size_t{0xffffffff}}) {
    const std::size_t tables = tables_for(codes);
    EXPECT_TRUE(tables == 0 || (tables >= kMinTables && tables <= kMaxTables)) << codes;
  }
  EXPECT_EQ(tables_for(0), 0U);
}

std::size_t binomial(std::size_t n, std::size_t k) {
  std::size_t value = 1;
  for (std::size_t i = 1; i <= k; ++i) value = value * (n - i + 1) / i;
  return value;
}

TEST(ProbePatternsTest, AreAllOfEachNumberOfOnesAndNoneTwice) {
  for (const unsigned bits : {16U, 17U, 19U, 23U, 26U}) {
    const ProbePatterns patterns(bits);
    ASSERT_EQ(patterns.begin[0], 0U);
    for (std::size_t ones = 0; ones <= kMaxProbeRadius; ++ones) {
      const std::size_t begin = patterns.begin[ones];
      const std::size_t end = patterns.begin[ones + 1];
      EXPECT_EQ(end - begin, binomial(bits, ones)) << bits << " bits, " << ones << " ones";
      for (std::size_t i = begin; i < end; ++i) {
        ASSERT_EQ(std::popcount(patterns.flips[i]), static_cast<int>(ones));
        ASSERT_LT(patterns.flips[i], std::uint32_t{1} << bits);
      }
    }
    EXPECT_EQ(patterns.begin[kMaxProbeRadius + 1], patterns.flips.size());
    const std::set<std::uint32_t> distinct(patterns.flips.begin(), patterns.flips.end());
    EXPECT_EQ(distinct.size(), patterns.flips.size());
  }
}

}  // namespace
}  // namespace semblance::index
