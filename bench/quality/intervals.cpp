// SPDX-License-Identifier: Apache-2.0
#include "quality/intervals.h"

#include <cmath>

namespace semblance::bench {
namespace {

// The continued fraction of I_x(a, b), by Lentz's method; quick where x < (a + 1) / (a + b + 2).
// Source: NIST DLMF 8.17.22; Thompson, Barnett (1986) for guarding the denominators.
double continued_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  constexpr int kMostSteps = 200'000;
  const auto guarded = [](double value) { return std::fabs(value) < kTiny ? kTiny : value; };
  double c = 1.0;
  double d = 1.0 / guarded(1.0 - (a + b) * x / (a + 1.0));
  double value = d;
  for (int m = 1; m <= kMostSteps; ++m) {
    const double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
    d = 1.0 / guarded(1.0 + even * d);
    c = guarded(1.0 + even / c);
    value *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
    d = 1.0 / guarded(1.0 + odd * d);
    c = guarded(1.0 + odd / c);
    value *= d * c;
    if (std::fabs(d * c - 1.0) < 1e-15) break;
  }
  return value;
}

// The x at which I_x(a, b) is `wanted`, by halving.
double beta_quantile(double a, double b, double wanted) {
  double low = 0.0;
  double high = 1.0;
  for (int i = 0; i < 200 && high - low > 1e-16 * high; ++i) {
    const double middle = 0.5 * (low + high);
    (incomplete_beta(a, b, middle) < wanted ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

double as_double(std::uint64_t count) { return static_cast<double>(count); }

}  // namespace

double incomplete_beta(double a, double b, double x) {
  if (x <= 0.0) return 0.0;
  if (x >= 1.0) return 1.0;
  const double log_front =
      std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x);
  const double front = std::exp(log_front);
  if (x < (a + 1.0) / (a + b + 2.0)) return front * continued_fraction(a, b, x) / a;
  return 1.0 - front * continued_fraction(b, a, 1.0 - x) / b;
}

double upper_bound_95(std::uint64_t events, std::uint64_t trials) {
  if (events >= trials) return 1.0;
  return beta_quantile(as_double(events + 1), as_double(trials - events), 0.95);
}

Interval interval_95(std::uint64_t events, std::uint64_t trials) {
  Interval interval;
  if (trials == 0) return interval;
  if (events > 0) {
    interval.low = beta_quantile(as_double(events), as_double(trials - events + 1), 0.025);
  }
  if (events < trials) {
    interval.high = beta_quantile(as_double(events + 1), as_double(trials - events), 0.975);
  }
  return interval;
}

}  // namespace semblance::bench
