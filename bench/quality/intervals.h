// SPDX-License-Identifier: Apache-2.0
// Private to bench: what a count out of many trials says about the rate behind it.
#pragma once

#include <cstdint>

namespace semblance::bench {

/// The regularised incomplete beta function I_x(a, b); a and b above 0, x in 0..1. To about 1e-12,
/// and 1e-7 where a + b is some millions.
double incomplete_beta(double a, double b, double x);

/// The largest rate under which `events` of `trials` or fewer still happen with probability 0.05:
/// the exact (Clopper-Pearson) upper bound at 95 %, of one side. 1 where nothing was tried.
double upper_bound_95(std::uint64_t events, std::uint64_t trials);

struct Interval {
  double low = 0.0;
  double high = 1.0;
};

/// The exact (Clopper-Pearson) interval at 95 %, 2.5 % on either side.
Interval interval_95(std::uint64_t events, std::uint64_t trials);

}  // namespace semblance::bench
