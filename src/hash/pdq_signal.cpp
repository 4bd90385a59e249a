// SPDX-License-Identifier: Apache-2.0
#include "hash/pdq_signal.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "bits/bits.h"
#include "dct/dct.h"
#include "gradient/gradient.h"

namespace semblance::hash {
namespace {

constexpr std::size_t kSide = 16;
using Coefficients = std::array<float, kernels::kCoefficients>;

int quality_of(const float* luma) {
  constexpr int kPerPoint = 90;
  return kernels::gradient_sum(luma, 100 * kPerPoint) / kPerPoint;
}

// +1 or -1 for each coefficient: turning and mirroring a picture negates those that are odd about
// the mirrored axis. With 0-based indices, even rows and columns hold the odd frequencies.
constexpr Coefficients make_signs(bool by_row, bool by_column) {
  Coefficients signs{};
  for (std::size_t k = 0; k < signs.size(); ++k) {
    const bool negate_row = by_row && k / kSide % 2 == 0;
    const bool negate_column = by_column && k % kSide % 2 == 0;
    signs[k] = negate_row != negate_column ? -1.0F : 1.0F;
  }
  return signs;
}
constexpr Coefficients kPlain = make_signs(false, false);
constexpr Coefficients kRows = make_signs(true, false);
constexpr Coefficients kColumns = make_signs(false, true);
constexpr Coefficients kBoth = make_signs(true, true);

Coefficients with_signs(const Coefficients& in, const Coefficients& signs) {
  Coefficients out;
  for (std::size_t k = 0; k < in.size(); ++k) out[k] = in[k] * signs[k];
  return out;
}

int count_near(const Coefficients& values, float median, float tolerance) {
  int near = 0;
  for (const float value : values) near += std::abs(value - median) < tolerance ? 1 : 0;
  return near;
}

}  // namespace

PdqSignal make_signal(std::span<const float, kReducedPixels> luma, PdqProfile profile) {
  int none_asked = 0;
  return make_signal(luma, profile, 0.0F, none_asked);
}

PdqSignal make_signal(std::span<const float, kReducedPixels> luma, PdqProfile profile,
                      float tolerance, int& unsure_bits) {
  unsure_bits = 0;
  PdqSignal signal;
  signal.profile = profile;
  signal.quality = quality_of(luma.data());
  Coefficients upright;
  kernels::dct_64_to_16(luma.data(), upright.data());

  const auto at = [&signal](Transform transform) {
    return signal.hashes[static_cast<std::size_t>(transform)].bytes.data();
  };
  // A transform and its transpose hold the same 256 values, and so have one median.
  const auto add_pair = [&](const Coefficients& signs, Transform of_upright, Transform of_turned) {
    const Coefficients values = with_signs(upright, signs);
    const float median = kernels::lower_median(values.data());
    kernels::bits_above(values.data(), median, at(of_upright));
    kernels::transpose_bits(at(of_upright), at(of_turned));
    if (tolerance > 0) unsure_bits = std::max(unsure_bits, count_near(values, median, tolerance));
  };
  add_pair(kPlain, Transform::kNone, Transform::kFlipPlus1);
  add_pair(kBoth, Transform::kRot180, Transform::kFlipMinus1);
  add_pair(kRows, Transform::kFlipX, Transform::kRot270);
  add_pair(kColumns, Transform::kFlipY, Transform::kRot90);
  return signal;
}

}  // namespace semblance::hash
