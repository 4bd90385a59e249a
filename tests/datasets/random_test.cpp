// SPDX-License-Identifier: Apache-2.0
#include "datasets/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

#include "datasets/cosine.h"

namespace semblance::datasets {
namespace {

// The first outputs of SplitMix64 for seed 1234567, as published with the reference algorithm
// (https://prng.di.unimi.it/splitmix64.c; values as listed at rosettacode.org).
TEST(RandomTest, FollowsThePublishedSequence) {
  Random random(1234567);
  EXPECT_EQ(random.bits(), 6457827717110365317U);
  EXPECT_EQ(random.bits(), 3203168211198807973U);
  EXPECT_EQ(random.bits(), 9817491932198370423U);
  EXPECT_EQ(random.bits(), 4593380528125082431U);
  EXPECT_EQ(random.bits(), 16408922859458223821U);
}

TEST(RandomTest, StreamsDifferBySeedAndByNumber) {
  std::set<std::uint64_t> firsts;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (std::uint64_t number = 0; number < 20; ++number) {
      firsts.insert(Random::stream(seed, number).bits());
    }
  }
  EXPECT_EQ(firsts.size(), 400U);
}

TEST(RandomTest, BelowReachesEveryValueAndNoOther) {
  Random random(1);
  std::array<int, 7> counts{};
  for (int i = 0; i < 7000; ++i) ++counts.at(random.below(7));
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);
}

TEST(RandomTest, BellHasMeanZeroAndDeviationOne) {
  Random random(2);
  constexpr int kDraws = 20000;
  double sum = 0.0;
  double squares = 0.0;
  for (int i = 0; i < kDraws; ++i) {
    const double value = random.bell();
    ASSERT_LE(std::fabs(value), 3.5);
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / kDraws, 0.0, 0.03);
  EXPECT_NEAR(squares / kDraws, 1.0, 0.03);
}

TEST(CosineTest, AgreesWithTheLibraryOverSeveralTurns) {
  constexpr double kTurn = 6.283185307179586;
  for (double turns = -3.0; turns <= 3.0; turns += 0.0137) {
    EXPECT_NEAR(cosine(turns), std::cos(kTurn * turns), 1e-11) << turns;
    EXPECT_NEAR(sine(turns), std::sin(kTurn * turns), 1e-11) << turns;
  }
}

}  // namespace
}  // namespace semblance::datasets
