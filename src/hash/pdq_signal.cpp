// SPDX-License-Identifier: Apache-2.0
#include "hash/pdq_signal.h"

#include <algorithm>
#include <array>
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

Coefficients transposed(const Coefficients& in) {
  Coefficients out;
  for (std::size_t i = 0; i < kSide; ++i) {
    for (std::size_t j = 0; j < kSide; ++j) out[j * kSide + i] = in[i * kSide + j];
  }
  return out;
}

Coefficients with_signs(const Coefficients& in, const Coefficients& signs) {
  Coefficients out;
  for (std::size_t k = 0; k < in.size(); ++k) out[k] = in[k] * signs[k];
  return out;
}

}  // namespace

PdqSignal make_signal(std::span<const float, kReducedPixels> luma, PdqProfile profile) {
  PdqSignal signal;
  signal.profile = profile;
  signal.quality = quality_of(luma.data());
  Coefficients upright;
  kernels::dct_64_to_16(luma.data(), upright.data());
  const Coefficients turned = transposed(upright);

  const auto at = [&signal](Transform transform) {
    return signal.hashes[static_cast<std::size_t>(transform)].bytes.data();
  };
  // A transform and its transpose hold the same 256 values, and so have one median.
  const auto add_pair = [&](const Coefficients& signs, Transform of_upright,
                            const Coefficients& turned_signs, Transform of_turned) {
    const Coefficients values = with_signs(upright, signs);
    const float median = kernels::lower_median(values.data());
    kernels::bits_above(values.data(), median, at(of_upright));
    kernels::bits_above(with_signs(turned, turned_signs).data(), median, at(of_turned));
  };
  add_pair(kPlain, Transform::kNone, kPlain, Transform::kFlipPlus1);
  add_pair(kBoth, Transform::kRot180, kBoth, Transform::kFlipMinus1);
  add_pair(kRows, Transform::kFlipX, kColumns, Transform::kRot270);
  add_pair(kColumns, Transform::kFlipY, kRows, Transform::kRot90);
  return signal;
}

}  // namespace semblance::hash
