// SPDX-License-Identifier: Apache-2.0
#include "gradient/gradient.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

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

}  // namespace
}  // namespace semblance::kernels
