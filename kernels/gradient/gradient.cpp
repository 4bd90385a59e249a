// SPDX-License-Identifier: Apache-2.0
#include "gradient/gradient.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "gradient/gradient.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR  // whose one lane has no neighbour

// min(|int((u - v) * 100 / 255)|, 100) of two vectors of pairs, in 16-bit lanes of some order; of
// the last vector's first pair zero, where it is counted already.
//
// The division is one of integers. Let p be the product, a float of at most 25,500 in size. A p
// below 255 n lies at least ulp(p) below it, which is more of 255 n than half an ulp is of n, so
// that the quotient as a float never rounds up to n: truncating it and dividing the truncated p
// give the same. And (x * 32897) >> 23 is x / 255 for every x of 16 bits.
//
// A whole number below 2^16 plus 2^23 has the number itself as its low 16 bits: two vectors of such
// sums lie in each other's gaps, and no conversion, which would have to mind overflow, is needed.
template <class D>
HWY_INLINE hn::VFromD<hn::Repartition<std::uint16_t, D>> steps(D d, const float* u, const float* v,
                                                               std::size_t next, bool counted) {
  const hn::RebindToUnsigned<D> wide;
  const hn::Repartition<std::uint16_t, D> narrow;
  const auto whole_percents = [d, wide](hn::VFromD<D> difference) HWY_ATTR {
    const auto percents =
        hn::Min(hn::Mul(hn::Abs(difference), hn::Set(d, 100.0F)), hn::Set(d, 25500.0F));
    return hn::BitCast(wide, hn::Add(hn::Floor(percents), hn::Set(d, 0x1p23F)));
  };
  auto difference = hn::Sub(hn::LoadU(d, u + next), hn::LoadU(d, v + next));
  if (counted) difference = hn::IfThenZeroElse(hn::FirstN(d, 1), difference);
  const auto second = hn::ShiftLeft<16>(whole_percents(difference));
  const auto first = whole_percents(hn::Sub(hn::LoadU(d, u), hn::LoadU(d, v)));
  const auto both = hn::OddEven(hn::BitCast(narrow, second), hn::BitCast(narrow, first));
  return hn::ShiftRight<7>(hn::MulHigh(both, hn::Set(narrow, std::uint16_t{32897})));
}

int gradient_sum(const float* in, int enough) {
  constexpr std::size_t kSide = 64;
  constexpr std::size_t kRows = 8;  // of at most 16 additions of at most 100: a sum fits 16 bits
  const hn::CappedTag<float, 16> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Repartition<std::int16_t, decltype(d)> narrow;
  const std::size_t lanes = hn::Lanes(d);
  int sum = 0;
  for (std::size_t start = 0; start < kSide && sum < enough; start += kRows) {
    auto sums = hn::Zero(hn::Repartition<std::uint16_t, decltype(d)>());
    for (const float* row = in + start * kSide; row < in + (start + kRows) * kSide; row += kSide) {
      if (row != in + (kSide - 1) * kSide) {
        for (std::size_t j = 0; j < kSide; j += 2 * lanes) {
          sums = hn::Add(sums, steps(d, row + j, row + kSide + j, lanes, false));
        }
      }
      for (std::size_t j = 0; j + 2 * lanes < kSide; j += 2 * lanes) {
        sums = hn::Add(sums, steps(d, row + j, row + j + 1, lanes, false));
      }
      // The row has 63 pairs: its last vector steps back by one, over a pair counted already.
      const float* last = row + kSide - 2 * lanes;
      sums = hn::Add(sums, steps(d, last, last + 1, lanes - 1, true));
    }
    auto high = hn::Zero(di);
    const auto low = hn::ReorderWidenMulAccumulate(
        di, hn::BitCast(narrow, sums), hn::Set(narrow, std::int16_t{1}), hn::Zero(di), high);
    sum += hn::GetLane(hn::SumOfLanes(di, hn::Add(low, high)));
  }
  return sum < enough ? sum : enough;
}

#else

int gradient_sum(const float* in, int enough) { return gradient_sum_reference(in, enough); }

#endif

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(gradient_sum);

int gradient_sum(const float* in, int enough) noexcept {
  return HWY_DYNAMIC_DISPATCH(gradient_sum)(in, enough);
}

int gradient_sum_reference(const float* in, int enough) noexcept {
  const auto step = [](float u, float v) {
    return static_cast<int>(std::min(std::abs((u - v) * 100.0F / 255.0F), 100.0F));
  };
  int sum = 0;
  for (std::size_t i = 0; i < 64; ++i) {
    for (std::size_t j = 0; j < 64; ++j) {
      const float u = in[i * 64 + j];
      if (i < 63) sum += step(u, in[(i + 1) * 64 + j]);
      if (j < 63) sum += step(u, in[i * 64 + j + 1]);
    }
  }
  return std::min(sum, enough);
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
