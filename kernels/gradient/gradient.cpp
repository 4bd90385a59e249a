// SPDX-License-Identifier: Apache-2.0
#include "gradient/gradient.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "gradient/gradient.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// |int((u - v) * 100 / 255)| in each lane.
template <class D>
HWY_INLINE hn::VFromD<hn::RebindToSigned<D>> steps(D d, const float* u, const float* v) {
  const auto difference = hn::Sub(hn::LoadU(d, u), hn::LoadU(d, v));
  const auto percent = hn::Div(hn::Mul(difference, hn::Set(d, 100.0F)), hn::Set(d, 255.0F));
  return hn::Abs(hn::ConvertTo(hn::RebindToSigned<D>(), percent));
}

int gradient_sum(const float* in, int enough) {
  constexpr std::size_t kSide = 64;
  const hn::CappedTag<float, 16> d;
  const hn::RebindToSigned<decltype(d)> di;
  const std::size_t lanes = hn::Lanes(d);
  int sum = 0;
  for (std::size_t i = 0; i < kSide && sum < enough; ++i) {
    const float* row = in + i * kSide;
    auto sums = hn::Zero(di);
    if (i + 1 < kSide) {
      for (std::size_t j = 0; j < kSide; j += lanes) {
        sums = hn::Add(sums, steps(d, row + j, row + kSide + j));
      }
    }
    for (std::size_t j = 0; j + lanes < kSide; j += lanes) {
      sums = hn::Add(sums, steps(d, row + j, row + j + 1));
    }
    // The row has 63 pairs: the last vector steps back by one, over a pair that is counted already.
    const float* last = row + kSide - 1 - lanes;
    const auto counted = hn::FirstN(di, 1);
    sums = hn::Add(sums, hn::IfThenZeroElse(counted, steps(d, last, last + 1)));
    sum += hn::GetLane(hn::SumOfLanes(di, sums));
  }
  return sum < enough ? sum : enough;
}

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(gradient_sum);

int gradient_sum(const float* in, int enough) noexcept {
  return HWY_DYNAMIC_DISPATCH(gradient_sum)(in, enough);
}

int gradient_sum_reference(const float* in, int enough) noexcept {
  int sum = 0;
  for (std::size_t i = 0; i < 64; ++i) {
    for (std::size_t j = 0; j < 64; ++j) {
      const float u = in[i * 64 + j];
      if (i < 63) sum += std::abs(static_cast<int>((u - in[(i + 1) * 64 + j]) * 100.0F / 255.0F));
      if (j < 63) sum += std::abs(static_cast<int>((u - in[i * 64 + j + 1]) * 100.0F / 255.0F));
    }
  }
  return std::min(sum, enough);
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
