// SPDX-License-Identifier: Apache-2.0
#include "quality/intervals.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace semblance::bench {
namespace {

// P(X <= events) of a binomial, by its sum.
double binomial_at_most(std::uint64_t events, std::uint64_t trials, double rate) {
  const auto n = static_cast<double>(trials);
  double sum = 0.0;
  for (std::uint64_t i = 0; i <= events; ++i) {
    const auto k = static_cast<double>(i);
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) +
                    k * std::log(rate) + (n - k) * std::log1p(-rate));
  }
  return sum;
}

TEST(IncompleteBetaTest, AgreesWithWhatIsKnownInClosedForm) {
  for (const double x : {0.01, 0.3, 0.5, 0.77, 0.999}) {
    EXPECT_NEAR(incomplete_beta(1.0, 1.0, x), x, 1e-13);
    EXPECT_NEAR(incomplete_beta(3.0, 1.0, x), x * x * x, 1e-13);
    EXPECT_NEAR(incomplete_beta(1.0, 4.0, x), 1.0 - std::pow(1.0 - x, 4.0), 1e-13);
    EXPECT_NEAR(incomplete_beta(7.5, 2.25, x), 1.0 - incomplete_beta(2.25, 7.5, 1.0 - x), 1e-12);
  }
  EXPECT_EQ(incomplete_beta(2.0, 3.0, 0.0), 0.0);
  EXPECT_EQ(incomplete_beta(2.0, 3.0, 1.0), 1.0);
  EXPECT_NEAR(incomplete_beta(50.0, 50.0, 0.5), 0.5, 1e-12);
}

TEST(UpperBoundTest, NoEventIsTheRuleOfThree) {
  for (const std::uint64_t trials : {100U, 3'000'000U, 30'000'000U}) {
    const double exact = -std::expm1(std::log(0.05) / static_cast<double>(trials));
    EXPECT_NEAR(upper_bound_95(0, trials) / exact, 1.0, 1e-6);
  }
  EXPECT_LE(upper_bound_95(0, 3'000'000), 1e-6);
  EXPECT_GT(upper_bound_95(0, 2'900'000), 1e-6);
}

TEST(UpperBoundTest, SoFewWouldBeSeenOneTimeInTwenty) {
  for (const std::uint64_t events : {1U, 2U, 10U, 90U}) {
    for (const std::uint64_t trials : {100U, 5'000U, 1'000'000U}) {
      const double bound = upper_bound_95(events, trials);
      EXPECT_NEAR(binomial_at_most(events, trials, bound), 0.05, 1e-7) << events << " " << trials;
    }
  }
}

TEST(UpperBoundTest, AllOrNothingTriedIsOne) {
  EXPECT_EQ(upper_bound_95(0, 0), 1.0);
  EXPECT_EQ(upper_bound_95(7, 7), 1.0);
}

TEST(IntervalTest, LeavesOneInFortyOnEitherSide) {
  for (const std::uint64_t events : {1U, 60U, 130U, 136U}) {
    const Interval interval = interval_95(events, 137);
    EXPECT_NEAR(binomial_at_most(events, 137, interval.high), 0.025, 1e-9);
    EXPECT_NEAR(1.0 - binomial_at_most(events - 1, 137, interval.low), 0.025, 1e-9);
  }
}

TEST(IntervalTest, EndsAreExact) {
  EXPECT_EQ(interval_95(0, 50).low, 0.0);
  EXPECT_NEAR(interval_95(0, 50).high, 1.0 - std::pow(0.025, 1.0 / 50), 1e-12);
  EXPECT_EQ(interval_95(50, 50).high, 1.0);
  EXPECT_NEAR(interval_95(50, 50).low, std::pow(0.025, 1.0 / 50), 1e-12);
  EXPECT_EQ(interval_95(0, 0).low, 0.0);
  EXPECT_EQ(interval_95(0, 0).high, 1.0);
}

}  // namespace
}  // namespace semblance::bench
