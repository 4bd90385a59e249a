// SPDX-License-Identifier: Apache-2.0
#include "blocks/samples.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

// Runs the bodies once per target that this CPU has, with that target forced.
class BlockSamplesTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(BlockSamplesTest);

TEST_P(BlockSamplesTest, AreTheReferencesToTheLastBit) {
  std::mt19937_64 rng(31);
  for (const std::size_t n : {0U, 1U, 2U, 7U, 15U, 16U, 17U, 33U, 160U}) {
    for (int orders = 1; orders <= kMostSampledOrders; ++orders) {
      for (const std::uint32_t side : {1U, 2U, 4U}) {
        for (const float unread : {0.0F, 12.0F}) {
          std::vector<std::int16_t> values(n * 16);
          for (auto& value : values) value = static_cast<std::int16_t>(rng() % 65 - 32);
          BlockRow row;
          row.orders = orders;
          row.side = side;
          std::uniform_real_distribution<float> wave(-0.5F, 0.5F);
          for (auto& waves : row.waves) {
            for (float& each : waves) each = wave(rng);
          }
          for (std::size_t k = 0; k < 16; ++k) {
            row.planes[k / 4][k % 4] = {values.data() + k * n, static_cast<float>(k + 3), unread};
          }
          std::vector<std::uint8_t> expected(4 * (n * side + 1), 7);
          std::vector<std::uint8_t> actual = expected;
          std::vector<std::uint8_t*> wanted;
          std::vector<std::uint8_t*> out;
          for (std::size_t y = 0; y < side; ++y) {
            wanted.push_back(expected.data() + y * (n * side + 1));
            out.push_back(actual.data() + y * (n * side + 1));
          }
          sample_block_row_reference(row, n, wanted.data());
          sample_block_row(row, n, out.data());
          EXPECT_EQ(actual, expected) << n << " blocks, " << orders << " orders, " << side;
        }
      }
    }
  }
}

// The mean alone: 128 and an eighth of it, at every sample; what is out of range is cut.
TEST_P(BlockSamplesTest, OfTheMeanAloneAreThatMean) {
  const std::int16_t values[] = {0, 8, -8, 32767, -32768};
  BlockRow row;
  row.side = 2;
  row.waves[0] = {0.35355339F, 0.35355339F, 0.0F, 0.0F};
  row.planes[0][0] = {values, 1.0F, 0.0F};
  std::uint8_t samples[2][10] = {};
  std::uint8_t* const out[] = {samples[0], samples[1]};
  sample_block_row(row, 5, out);
  for (const auto& line : samples) {
    const std::uint8_t expected[] = {128, 128, 129, 129, 127, 127, 255, 255, 0, 0};
    for (std::size_t k = 0; k < 10; ++k) EXPECT_EQ(line[k], expected[k]) << k;
  }
}

}  // namespace
}  // namespace semblance::kernels
