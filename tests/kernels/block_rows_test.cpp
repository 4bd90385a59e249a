// SPDX-License-Identifier: Apache-2.0
#include "jarosz/block_rows.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

// Runs the bodies once per target that this CPU has, with that target forced.
class BlockRowsTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(BlockRowsTest);

constexpr float kCanary = -77.25F;

std::vector<float> random_floats(std::mt19937_64& rng, std::size_t count) {
  std::vector<float> values(count);
  for (float& value : values) {
    value = static_cast<float>(static_cast<double>(rng() >> 11) * 0x1p-50 - 4.0);
  }
  return values;
}

constexpr std::array<std::size_t, 16> kLengths = {0,  1,  3,  7,  8,  9,  15,  16,
                                                  17, 31, 33, 63, 64, 65, 127, 500};

TEST_P(BlockRowsTest, ScaledValuesAreTheReferences) {
  std::mt19937_64 rng(4);
  for (const std::size_t n : kLengths) {
    for (const std::uint16_t step : std::array<std::uint16_t, 5>{0, 1, 17, 255, 65535}) {
      std::vector<std::int16_t> in(1 + n);
      for (auto& value : in) value = static_cast<std::int16_t>(rng());
      in.back() = INT16_MIN;
      std::vector<float> expected(n + 1, kCanary);
      std::vector<float> actual(n + 1, kCanary);
      scale_values_reference(in.data() + 1, step, n, expected.data());
      scale_values(in.data() + 1, step, n, actual.data());
      EXPECT_EQ(actual, expected) << "n = " << n << ", step = " << step;
    }
  }
}

TEST_P(BlockRowsTest, SumsAreTheReferencesToTheBit) {
  std::mt19937_64 rng(5);
  for (const std::size_t count : {0U, 1U, 2U, 7U, 40U}) {
    for (const std::size_t n : kLengths) {
      // Rows lie at odd offsets, exactly as long as they say; the last is given twice.
      std::vector<std::vector<float>> values(count);
      std::vector<const float*> rows;
      for (auto& row : values) {
        row = random_floats(rng, 1 + n);
        rows.push_back(row.data() + 1);
      }
      if (count > 1) rows.front() = rows.back();
      const std::vector<float> weights = random_floats(rng, count);
      std::vector<float> expected(n + 1, kCanary);
      std::vector<float> actual(n + 1, kCanary);
      weigh_rows_reference(rows.data(), weights.data(), count, n, expected.data());
      weigh_rows(rows.data(), weights.data(), count, n, actual.data());
      EXPECT_EQ(actual, expected) << "n = " << n << ", rows = " << count;
    }
  }
}

TEST_P(BlockRowsTest, SumsOf64AreTheReferencesToTheBit) {
  std::mt19937_64 rng(6);
  for (const std::size_t count : {0U, 1U, 2U, 5U, 33U}) {
    const std::vector<float> weights = random_floats(rng, count);
    const std::vector<float> rows = random_floats(rng, 64 * count + 1);
    std::vector<float> expected = random_floats(rng, 65);
    expected.push_back(kCanary);
    std::vector<float> actual = expected;
    add_weighed_64_reference(rows.data() + 1, weights.data(), count, expected.data() + 1);
    add_weighed_64(rows.data() + 1, weights.data(), count, actual.data() + 1);
    EXPECT_EQ(actual, expected) << "rows = " << count;
  }
}

TEST_P(BlockRowsTest, TransposesAnyShape) {
  std::mt19937_64 rng(7);
  for (const std::size_t rows : {1U, 3U, 4U, 5U, 8U, 64U, 67U}) {
    for (const std::size_t cols : {1U, 3U, 4U, 5U, 8U, 64U, 101U}) {
      const std::vector<float> in = random_floats(rng, rows * cols + 1);
      std::vector<float> expected(rows * cols + 1, kCanary);
      std::vector<float> actual = expected;
      transpose_reference(in.data() + 1, rows, cols, expected.data());
      transpose(in.data() + 1, rows, cols, actual.data());
      EXPECT_EQ(actual, expected) << rows << " x " << cols;
    }
  }
}

}  // namespace
}  // namespace semblance::kernels
