// SPDX-License-Identifier: Apache-2.0
// A cosine with the same bits everywhere: libm's last digit differs between versions.
#pragma once

#include <cmath>

namespace semblance::datasets {

/// The cosine of a full turn times `turns`, to about 1e-12.
///
/// Only additions, multiplications and floor, which IEEE 754 defines to the bit.
/// **Source:** the Taylor series, after folding the argument into a quarter turn.
inline double cosine(double turns) noexcept {
  const double folded = std::fabs(turns - std::floor(turns + 0.5));  // [0, 0.5]
  const bool far = folded > 0.25;
  const double angle = 6.283185307179586 * (far ? 0.5 - folded : folded);  // [0, pi/2]
  const double square = angle * angle;
  double sum = 1.0;
  for (int n = 16; n >= 2; n -= 2) sum = 1.0 - sum * square / (n * (n - 1));
  return far ? -sum : sum;
}

/// The sine of a full turn times `turns`, to about 1e-12.
inline double sine(double turns) noexcept { return cosine(turns - 0.25); }

}  // namespace semblance::datasets
