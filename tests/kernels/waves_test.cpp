// SPDX-License-Identifier: Apache-2.0
#include "waves/waves.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

// Runs the bodies once per target that this CPU has, with that target forced.
class WavesTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(WavesTest);

constexpr float kCanary = -77.25F;

double random_value(std::mt19937_64& rng) { return static_cast<double>(rng() >> 11) * 0x1p-52 - 1; }

std::vector<float> random_floats(std::mt19937_64& rng, std::size_t count) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random_value(rng));
  return values;
}

TEST_P(WavesTest, SumsAreTheReferencesToTheBit) {
  std::mt19937_64 rng(11);
  for (const std::size_t count : {0U, 1U, 2U, 7U, 16U, 33U}) {
    std::vector<double> weights(count);
    for (double& weight : weights) weight = random_value(rng);
    // One off every alignment, and a canary behind.
    const std::vector<float> vectors = random_floats(rng, kWaveVector * count + 1);
    std::vector<float> expected = random_floats(rng, kWaveVector + 1);
    expected.push_back(kCanary);
    std::vector<float> actual = expected;
    add_waves_reference(vectors.data() + 1, weights.data(), count, expected.data() + 1);
    add_waves(vectors.data() + 1, weights.data(), count, actual.data() + 1);
    EXPECT_EQ(actual, expected) << "vectors = " << count;
  }
}

// Weights in float32 would lose the small part of one; sums in double would keep what is too small
// for a float32 three times, and then round it up.
TEST_P(WavesTest, ProductsAreDoubleAndSumsAreFloat) {
  const std::vector<float> vectors(3 * kWaveVector, 1.0F);
  std::vector<float> sums(kWaveVector, -1.0F);
  const double fine = 1 + 0x1p-30;
  add_waves(vectors.data(), &fine, 1, sums.data());
  EXPECT_EQ(sums, std::vector<float>(kWaveVector, 0x1p-30F));

  const std::vector<double> small = {0x1p-25, 0x1p-25, 0x1p-25};
  sums.assign(kWaveVector, 1.0F);
  add_waves(vectors.data(), small.data(), small.size(), sums.data());
  EXPECT_EQ(sums, std::vector<float>(kWaveVector, 1.0F));
}

}  // namespace
}  // namespace semblance::kernels
