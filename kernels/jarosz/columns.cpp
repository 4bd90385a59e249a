// SPDX-License-Identifier: Apache-2.0
#include "jarosz/columns.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "jarosz/columns.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR  // whose one lane has no neighbour

// The instruction that multiplies 16-bit values and adds neighbours takes signed ones, so a sample
// v is read as v - 32768 and 32768 * sum(weights) is added back. A pair of products is then at most
// 2 * 32768 * 32767 < 2^31 in size: it never overflows. kFits: neither does the whole sum.
template <bool kFits>
HWY_INLINE std::int64_t weigh_one(const std::uint16_t* samples, const ColumnWeights& weights) {
  const hn::CappedTag<std::int16_t, kColumnPadding> d;
  const hn::RepartitionToWide<decltype(d)> wide;
  const auto flip = hn::Set(d, std::int16_t{-32768});
  const auto* in = reinterpret_cast<const std::int16_t*>(samples);
  auto low = hn::Zero(wide);
  auto high = hn::Zero(wide);
  for (std::size_t k = 0; k < weights.count; k += hn::Lanes(d)) {
    const auto sample = hn::Xor(hn::LoadU(d, in + k), flip);
    const auto weight = hn::LoadU(d, weights.values + k);
    auto second = hn::Zero(wide);
    const auto first = hn::ReorderWidenMulAccumulate(wide, sample, weight, hn::Zero(wide), second);
    const auto pair = hn::Add(first, second);
    if constexpr (kFits) {
      low = hn::Add(low, pair);
    } else {
      low = hn::Add(low, hn::And(pair, hn::Set(wide, 0xffff)));
      high = hn::Add(high, hn::ShiftRight<16>(pair));
    }
  }
  std::int64_t sum = hn::GetLane(hn::SumOfLanes(wide, low));
  if constexpr (!kFits) sum += std::int64_t{hn::GetLane(hn::SumOfLanes(wide, high))} * 65536;
  return sum + 32768 * weights.sum;
}

void weigh_columns(const std::uint16_t* samples, const std::uint32_t* starts, std::size_t taps,
                   const ColumnWeights& weights, std::int64_t* sums) {
  if (32768 * weights.sum < std::int64_t{1} << 31) {
    for (std::size_t t = 0; t < taps; ++t) sums[t] = weigh_one<true>(samples + starts[t], weights);
  } else {
    for (std::size_t t = 0; t < taps; ++t) sums[t] = weigh_one<false>(samples + starts[t], weights);
  }
}

#else

void weigh_columns(const std::uint16_t* samples, const std::uint32_t* starts, std::size_t taps,
                   const ColumnWeights& weights, std::int64_t* sums) {
  weigh_columns_reference(samples, starts, taps, weights, sums);
}

#endif

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(weigh_columns);

void weigh_columns(const std::uint16_t* samples, const std::uint32_t* starts, std::size_t taps,
                   const ColumnWeights& weights, std::int64_t* sums) noexcept {
  HWY_DYNAMIC_DISPATCH(weigh_columns)(samples, starts, taps, weights, sums);
}

void weigh_columns_reference(const std::uint16_t* samples, const std::uint32_t* starts,
                             std::size_t taps, const ColumnWeights& weights,
                             std::int64_t* sums) noexcept {
  for (std::size_t t = 0; t < taps; ++t) {
    sums[t] = 0;
    for (std::size_t k = 0; k < weights.count; ++k) {
      sums[t] += std::int64_t{weights.values[k]} * samples[starts[t] + k];
    }
  }
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
