// SPDX-License-Identifier: Apache-2.0
#include "jarosz/rows.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

// Runs the bodies once per target that this CPU has, with that target forced.
class RowsTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(RowsTest);

template <class Sum, class Kernel>
void check_against_reference(Kernel kernel, const std::vector<std::uint16_t>& weights, Sum start) {
  std::mt19937_64 rng(20240611);
  for (const std::size_t n :
       {0U, 1U, 7U, 8U, 15U, 16U, 17U, 31U, 32U, 33U, 63U, 64U, 65U, 127U, 128U, 129U, 1000U}) {
    // Rows lie at odd offsets, exactly as long as they say; the last is given twice.
    std::vector<std::vector<std::uint8_t>> bytes(weights.size());
    std::vector<const std::uint8_t*> rows;
    for (auto& row : bytes) {
      row.resize(1 + n);
      for (auto& sample : row) sample = static_cast<std::uint8_t>(rng() % 4 == 0 ? 255 : rng());
      rows.push_back(row.data() + 1);
    }
    if (rows.size() > 1) rows.front() = rows.back();
    std::vector<Sum> expected(n, start);
    std::vector<Sum> actual(n + 1, start);
    actual[n] = 0xbeef;
    accumulate_rows_reference(rows.data(), weights.data(), rows.size(), n, expected.data());
    kernel(rows.data(), weights.data(), rows.size(), n, actual.data());
    EXPECT_EQ(actual[n], 0xbeef) << "wrote past acc[n)";
    actual.pop_back();
    EXPECT_EQ(actual, expected) << "n = " << n << ", rows = " << rows.size();
  }
}

const std::vector<std::vector<std::uint16_t>> kWeights = {
    {}, {1}, {257}, {1, 2, 3, 2, 1}, {128, 129}, std::vector<std::uint16_t>(16, 16)};

TEST_P(RowsTest, NarrowSumsAreTheReferences) {
  for (const auto& weights : kWeights) {
    check_against_reference<std::uint16_t>(accumulate_rows, weights, 0);
  }
  check_against_reference<std::uint16_t>(accumulate_rows, {1, 3, 4}, 60000);
}

TEST_P(RowsTest, WideSumsAreTheReferences) {
  for (const auto& weights : kWeights) {
    check_against_reference<std::uint32_t>(accumulate_rows_wide, weights, 0);
  }
  check_against_reference<std::uint32_t>(accumulate_rows_wide, {100, 157}, 4'000'000'000U);
}

}  // namespace
}  // namespace semblance::kernels
