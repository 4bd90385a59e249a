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

TEST_P(LumaTest, RoundedLumaIsTheReferences) {
  std::mt19937_64 rng(20240612);
  for (const std::size_t n : {0U, 1U, 15U, 16U, 17U, 31U, 33U, 63U, 64U, 65U, 129U, 5000U}) {
    std::vector<std::uint8_t> row(3 * n);
    for (auto& byte : row) byte = static_cast<std::uint8_t>(rng());
    std::vector<std::uint8_t> expected(n + 1, 0xa5);
    std::vector<std::uint8_t> actual(n + 1, 0xa5);
    round_luma_reference(row.data(), n, expected.data());
    round_luma(row.data(), n, actual.data());
    EXPECT_EQ(actual, expected) << n << " pixels";
  }
}

// Gray keeps its level; and every sum is divided as it should be.
TEST_P(LumaTest, RoundedLumaOfEveryLevel) {
  std::vector<std::uint8_t> row;
  for (unsigned r = 0; r < 256; ++r) {
    for (unsigned g = 0; g < 256; ++g) {
      for (const unsigned b : {r, 255 - g, (r * 7 + g * 13) % 256}) {
        for (const unsigned value : {r, g, b}) row.push_back(static_cast<std::uint8_t>(value));
      }
    }
  }
  std::vector<std::uint8_t> expected(row.size() / 3);
  std::vector<std::uint8_t> actual(expected.size());
  round_luma_reference(row.data(), expected.size(), expected.data());
  round_luma(row.data(), actual.size(), actual.data());
  EXPECT_EQ(actual, expected);
  for (unsigned gray = 0; gray < 256; ++gray) {
    EXPECT_EQ(actual[(gray * 256 + gray) * 3], gray);
  }
}

TEST(LumaWeights, SumToTheirDivisor) {
  EXPECT_EQ(kLumaWeights[0] + kLumaWeights[1] + kLumaWeights[2], kLumaDivisor);
}

}  // namespace
}  // namespace semblance::kernels
