// SPDX-License-Identifier: Apache-2.0
#include "jarosz/columns.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <numeric>
#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

// Runs the body once per target that this CPU has, with that target forced.
class ColumnsTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(ColumnsTest);

TEST_P(ColumnsTest, AgreesWithTheReferenceUpToTheLargestValues) {
  std::mt19937_64 rng(20240611);
  for (const std::size_t count : {1U, 2U, 7U, 8U, 9U, 15U, 16U, 17U, 31U, 32U, 33U, 93U, 3069U}) {
    for (const int largest : {1, 20, 9392, 32767}) {
      std::vector<std::int16_t> values(1 + count + kColumnPadding, 0);
      for (std::size_t k = 1; k <= count; ++k) {
        values[k] = static_cast<std::int16_t>(
            rng() % 3 == 0 ? largest
                           : static_cast<int>(rng() % (static_cast<unsigned>(largest) + 1)));
      }
      const ColumnWeights weights = {
          values.data() + 1, count, std::accumulate(values.begin(), values.end(), std::int64_t{0})};
      const std::vector<std::uint32_t> starts = {0, 1, 2, 5, 5, 64};
      // Everything beyond the weights is read and must not count.
      std::vector<std::uint16_t> samples(1 + 64 + count + kColumnPadding, 65535);
      for (auto& sample : samples) {
        if (rng() % 3 != 0) sample = static_cast<std::uint16_t>(rng());
      }
      std::vector<std::int64_t> expected(starts.size());
      std::vector<std::int64_t> actual(starts.size() + 1, -1);
      weigh_columns_reference(samples.data() + 1, starts.data(), starts.size(), weights,
                              expected.data());
      weigh_columns(samples.data() + 1, starts.data(), starts.size(), weights, actual.data());
      EXPECT_EQ(actual.back(), -1) << "wrote past sums[taps)";
      actual.pop_back();
      EXPECT_EQ(actual, expected) << "count = " << count << ", largest = " << largest;
    }
  }
}

}  // namespace
}  // namespace semblance::kernels
