// SPDX-License-Identifier: Apache-2.0
#include "bits/bits.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

// Runs the bodies once per target that this CPU has, with that target forced.
class BitsTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(BitsTest);

// Values of every size and sign; `distinct` small makes ties.
std::vector<float> values(std::uint64_t seed, unsigned distinct) {
  std::mt19937_64 rng(seed);
  std::vector<float> out(1 + kCoefficients);  // offset 1: unaligned
  for (auto& value : out) {
    const auto whole =
        static_cast<float>(static_cast<int>(rng() % distinct)) - static_cast<float>(distinct / 2);
    value = whole * (distinct > 1000 ? 1e-3F : 1.0F);
  }
  return out;
}

TEST_P(BitsTest, MedianIsThe128thSmallest) {
  for (const unsigned distinct : {1U, 2U, 3U, 5U, 100U, 1000000U}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const std::vector<float> in = values(seed, distinct);
      EXPECT_EQ(lower_median(in.data() + 1), lower_median_reference(in.data() + 1))
          << "seed " << seed << ", distinct " << distinct;
    }
  }
}

TEST_P(BitsTest, MedianKnowsNegativesZerosAndTheLargestValues) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  constexpr float kSmallest = std::numeric_limits<float>::denorm_min();
  for (const auto& [low, high] : std::vector<std::array<float, 2>>{
           {-kLargest, kLargest}, {-kSmallest, kSmallest}, {-0.0F, 0.0F}, {-2, -1}, {1, 2}}) {
    for (const std::size_t lows : {0U, 127U, 128U, 129U, 256U}) {
      std::vector<float> in(kCoefficients, high);
      for (std::size_t k = 0; k < lows; ++k) in[(k * 37) % kCoefficients] = low;
      EXPECT_EQ(lower_median(in.data()), lows >= 128 ? low : high) << lows << " of " << low;
    }
  }
}

TEST_P(BitsTest, BitsAreStrictlyAboveAndMostSignificantFirst) {
  for (const unsigned distinct : {3U, 1000000U}) {
    const std::vector<float> in = values(5, distinct);
    std::array<std::uint8_t, 33> expected{};
    std::array<std::uint8_t, 33> actual{};
    actual[32] = 0x5a;
    bits_above_reference(in.data() + 1, 0.0F, expected.data());
    bits_above(in.data() + 1, 0.0F, actual.data());
    EXPECT_EQ(actual[32], 0x5a) << "wrote past the hash";
    actual[32] = 0;
    EXPECT_EQ(actual, expected);
  }
  for (const std::size_t k : {0U, 7U, 8U, 100U, 255U}) {
    std::vector<float> in(kCoefficients, 1.0F);
    in[k] = 1.5F;
    std::array<std::uint8_t, 32> bytes{};
    bits_above(in.data(), 1.0F, bytes.data());
    for (std::size_t b = 0; b < 32; ++b) {
      EXPECT_EQ(bytes[b], b == 31 - k / 8 ? 1 << (k % 8) : 0) << "bit " << k << ", byte " << b;
    }
  }
}

// The 128th value lies alone at each place that bisection passes on its way.
TEST_P(BitsTest, MedianIsFoundHoweverNearItsNeighboursAre) {
  std::mt19937_64 rng(9);
  for (int round = 0; round < 200; ++round) {
    std::vector<float> in(kCoefficients);
    float value = static_cast<float>(static_cast<int>(rng() % 2001) - 1000);
    for (auto& next : in) {
      next = value;
      const std::uint64_t steps = rng() % (round % 4 == 0 ? 2U : 300U);
      for (std::uint64_t i = 0; i < steps; ++i) value = std::nextafter(value, 2e9F);
    }
    std::shuffle(in.begin(), in.end(), rng);
    EXPECT_EQ(lower_median(in.data()), lower_median_reference(in.data())) << round;
  }
}

TEST(TransposeBits, IsTheReferenceAndItsOwnInverse) {
  std::mt19937_64 rng(11);
  for (int round = 0; round < 300; ++round) {
    std::array<std::uint8_t, 32> bits{};
    if (round < 256) {  // each bit alone, then at random
      bits[static_cast<std::size_t>(31 - round / 8)] = static_cast<std::uint8_t>(1 << round % 8);
    } else {
      for (auto& byte : bits) byte = static_cast<std::uint8_t>(rng());
    }
    std::array<std::uint8_t, 32> expected{};
    transpose_bits_reference(bits.data(), expected.data());
    std::array<std::uint8_t, 32> actual = bits;
    transpose_bits(actual.data(), actual.data());
    ASSERT_EQ(actual, expected) << round;
    transpose_bits(actual.data(), actual.data());
    ASSERT_EQ(actual, bits) << round;
  }
}

}  // namespace
}  // namespace semblance::kernels
