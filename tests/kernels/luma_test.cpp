// SPDX-License-Identifier: Apache-2.0
#include "luma/luma.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

// Runs the bodies once per target that this CPU has, with that target forced.
class LumaTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(LumaTest);

void expect_reference(const std::vector<std::uint8_t>& row,
                      const std::vector<std::uint32_t>& columns) {
  std::vector<float> expected(columns.size());
  std::vector<float> actual(columns.size() + 1, -7.0F);
  pick_luma_reference(row.data(), columns.data(), columns.size(), expected.data());
  pick_luma(row.data(), columns.data(), columns.size(), actual.data());
  EXPECT_EQ(actual.back(), -7.0F) << "wrote past out";
  actual.pop_back();
  EXPECT_EQ(actual, expected) << columns.size() << " columns";
}

// The row ends with its last pixel: with AddressSanitizer, a byte more read ends the test.
TEST_P(LumaTest, IsTheReferenceToTheLastBit) {
  std::mt19937_64 rng(20240611);
  for (const std::size_t count : {0U, 1U, 3U, 4U, 7U, 8U, 9U, 15U, 16U, 17U, 31U, 64U, 65U}) {
    std::vector<std::uint8_t> row(3 * (count + 5));
    for (auto& byte : row) byte = static_cast<std::uint8_t>(rng());
    std::vector<std::uint32_t> columns(count);
    for (auto& column : columns) column = static_cast<std::uint32_t>(rng() % (count + 5));
    if (count > 0) columns.back() = static_cast<std::uint32_t>(count + 4);
    expect_reference(row, columns);
  }
}

TEST_P(LumaTest, EveryValueOfEveryChannel) {
  std::vector<std::uint8_t> row;
  for (unsigned value = 0; value < 256; ++value) {
    for (const unsigned neighbour : {0U, 127U, 255U}) {
      const auto own = static_cast<std::uint8_t>(value);
      const auto other = static_cast<std::uint8_t>(neighbour);
      row.insert(row.end(), {own, other, 9, other, own, 200, 255, other, own});
    }
  }
  std::vector<std::uint32_t> columns(row.size() / 3);
  for (std::uint32_t k = 0; k < columns.size(); ++k) columns[k] = k;
  expect_reference(row, columns);
}

TEST(LumaWeights, SumToTheirDivisor) {
  EXPECT_EQ(kLumaWeights[0] + kLumaWeights[1] + kLumaWeights[2], kLumaDivisor);
}

}  // namespace
}  // namespace semblance::kernels
