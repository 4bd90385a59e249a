// SPDX-License-Identifier: Apache-2.0
#include "steps/steps.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

// Runs the bodies once per target that this CPU has, with that target forced.
class StepsTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(StepsTest);

constexpr std::size_t kLengths[] = {0, 1, 15, 16, 17, 31, 32, 33, 63, 65, 127, 129, 200};
constexpr std::uint8_t kCanary = 0xa5;

std::vector<std::uint8_t> random_row(std::mt19937_64& rng, std::size_t n, unsigned below) {
  std::vector<std::uint8_t> row(n);
  for (auto& sample : row) sample = static_cast<std::uint8_t>(rng() % below);
  return row;
}

// Of few levels, so that steps are often as high as the bounds, and of all.
TEST_P(StepsTest, StepsAreTheReferences) {
  std::mt19937_64 rng(13);
  for (const std::size_t n : kLengths) {
    for (const unsigned below : {12U, 40U, 256U}) {
      std::vector<std::uint8_t> rows[6];
      for (auto& row : rows) row = random_row(rng, n, below);
      StepLines lines;
      for (std::size_t k = 0; k < lines.size(); ++k) lines[k] = rows[k].data();
      std::vector<std::uint8_t> expected(n + 1, 3);
      expected[n] = kCanary;
      std::vector<std::uint8_t> actual = expected;
      add_steps_reference(lines, n, expected.data());
      add_steps(lines, n, actual.data());
      EXPECT_EQ(actual, expected) << n << " samples below " << below;
    }
  }
}

TEST_P(StepsTest, AnEdgeCountsAndNoiseDoesNot) {
  const auto steps = [](std::initializer_list<std::uint8_t> levels) {
    std::vector<std::vector<std::uint8_t>> rows;
    for (const std::uint8_t level : levels) rows.emplace_back(40, level);
    StepLines lines;
    for (std::size_t k = 0; k < lines.size(); ++k) lines[k] = rows[k].data();
    std::vector<std::uint8_t> counts(40);
    add_steps(lines, counts.size(), counts.data());
    EXPECT_EQ(counts, std::vector<std::uint8_t>(40, counts[0]));
    return int{counts[0]};
  };
  EXPECT_EQ(steps({90, 90, 90, 120, 120, 120}), 1);
  EXPECT_EQ(steps({120, 120, 120, 90, 90, 90}), 1);
  EXPECT_EQ(steps({90, 90, 105, 120, 120, 120}), 1);  // an edge within a line
  EXPECT_EQ(steps({90, 120, 120, 120, 90, 90}), 0);   // an edge, but two lines off
  EXPECT_EQ(steps({90, 92, 94, 96, 98, 100}), 0);     // a slope
  EXPECT_EQ(steps({90, 90, 90, 94, 94, 94}), 0);      // noise
  EXPECT_EQ(steps({90, 180, 90, 180, 90, 180}), 0);
  EXPECT_EQ(steps({7, 7, 7, 7, 7, 7}), 0);
}

TEST_P(StepsTest, HalvedRowsAreTheReferences) {
  std::mt19937_64 rng(14);
  for (const std::size_t n : kLengths) {
    const std::vector<std::uint8_t> above = random_row(rng, 2 * n, 256);
    const std::vector<std::uint8_t> below = random_row(rng, 2 * n, 256);
    std::vector<std::uint8_t> expected(n + 1, kCanary);
    std::vector<std::uint8_t> actual(n + 1, kCanary);
    halve_rows_reference(above.data(), below.data(), n, expected.data());
    halve_rows(above.data(), below.data(), n, actual.data());
    EXPECT_EQ(actual, expected) << n;
  }
}

}  // namespace
}  // namespace semblance::kernels
