// SPDX-License-Identifier: Apache-2.0
#include "dct/dct.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

// Runs the body once per target that this CPU has, with that target forced.
class DctTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(DctTest);

TEST_P(DctTest, IsTheReferenceToTheLastBit) {
  std::mt19937_64 rng(20240611);
  for (int round = 0; round < 20; ++round) {
    std::vector<float> in(1 + kDctInputs);
    for (auto& value : in) value = static_cast<float>(rng() >> 40) * (255.0F / 16777215.0F);
    std::vector<float> expected(kDctOutputs);
    std::vector<float> actual(1 + kDctOutputs + 1, -7.0F);
    dct_64_to_16_reference(in.data() + 1, expected.data());
    dct_64_to_16(in.data() + 1, actual.data() + 1);
    EXPECT_EQ(actual.front(), -7.0F);
    EXPECT_EQ(actual.back(), -7.0F) << "wrote past out";
    EXPECT_EQ(std::vector<float>(actual.begin() + 1, actual.end() - 1), expected);
  }
}

// The cosine comes from the C library, whose last bit is not the same everywhere: it must not be
// able to decide how an entry rounds.
TEST(DctMatrix, NoEntryIsNearAPointWhereRoundingTurns) {
  const double scale = static_cast<float>(std::sqrt(2.0 / 64.0));
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t k = 0; k < 64; ++k) {
      const double exact =
          scale * std::cos(std::numbers::pi / 128 * static_cast<double>((i + 1) * (2 * k + 1)));
      const float entry = dct_matrix()[i * 64 + k];
      EXPECT_EQ(entry, static_cast<float>(exact * (1 + 1e-14)));
      EXPECT_EQ(entry, static_cast<float>(exact * (1 - 1e-14)));
    }
  }
}

}  // namespace
}  // namespace semblance::kernels
