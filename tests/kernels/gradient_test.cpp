// SPDX-License-Identifier: Apache-2.0
#include "gradient/gradient.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

// Runs the bodies once per target that this CPU has, with that target forced.
class GradientTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(GradientTest);

TEST_P(GradientTest, AgreesWithTheReference) {
  std::mt19937_64 rng(20240611);
  for (const float contrast : {0.0F, 2.5F, 2.6F, 5.1F, 40.0F, 255.0F}) {
    std::vector<float> in(1 + 64 * 64);
    for (auto& value : in) value = static_cast<float>(rng() >> 40) * (contrast / 16777215.0F);
    for (const int enough : {1, 9000, std::numeric_limits<int>::max()}) {
      EXPECT_EQ(gradient_sum(in.data() + 1, enough), gradient_sum_reference(in.data() + 1, enough))
          << "contrast " << contrast << ", enough " << enough;
    }
  }
}

TEST_P(GradientTest, CountsEachPairOnce) {
  for (const std::size_t lit : {0U, 1U, 31U, 62U, 63U, 64U, 2080U, 4032U, 4095U}) {
    std::vector<float> in(64 * 64, 0.0F);
    in[lit] = 255.0F;
    const int neighbours = (lit % 64 != 0) + (lit % 64 != 63) + (lit >= 64) + (lit < 4032);
    EXPECT_EQ(gradient_sum(in.data(), 9000), 100 * neighbours) << "at " << lit;
  }
}

// Differences within some units in the last place of each at which a step turns.
TEST_P(GradientTest, StepsTurnWhereTheReferencesDo) {
  std::vector<float> in(64 * 64, 0.0F);
  for (int n = 0; n <= 100; ++n) {
    float value = static_cast<float>(n) * 2.55F;
    for (int i = 0; i < 20; ++i) value = std::nextafter(value, 0.0F);
    for (std::size_t k = 1; k < in.size(); k += 64 * 2 + 3) {
      in[k] = value <= 255.0F ? value : 255.0F;
      value = std::nextafter(value, 256.0F);
    }
    const int most = std::numeric_limits<int>::max();
    EXPECT_EQ(gradient_sum(in.data(), most), gradient_sum_reference(in.data(), most)) << n;
  }
}

// What is beyond 0..255, as a damaged file can make it, is the same on every target.
TEST_P(GradientTest, WhatIsNoLumaCountsAsAWholeStep) {
  std::vector<float> in(64 * 64, 0.0F);
  int expected = 0;
  for (const float value : {256.0F, -300.0F, 655.4F, -1e6F, 3e9F, 3e36F, -3e38F}) {
    in[static_cast<std::size_t>(66 + 200 * (expected / 400))] = value;
    expected += 400;
  }
  EXPECT_EQ(gradient_sum_reference(in.data(), 9000), expected);
  EXPECT_EQ(gradient_sum(in.data(), 9000), expected);
}

// The largest sum there is, in every lane.
TEST_P(GradientTest, NothingOverflows) {
  std::vector<float> in(64 * 64);
  for (std::size_t k = 0; k < in.size(); ++k) in[k] = (k / 64 + k) % 2 == 0 ? 0.0F : 255.0F;
  EXPECT_EQ(gradient_sum(in.data(), std::numeric_limits<int>::max()), 2 * 63 * 64 * 100);
}

}  // namespace
}  // namespace semblance::kernels
