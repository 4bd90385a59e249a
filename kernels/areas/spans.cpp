// SPDX-License-Identifier: Apache-2.0
#include "areas/spans.h"

#include <algorithm>
#include <bit>
#include <numeric>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "areas/spans.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef SEMBLANCE_KERNELS_SPANS_QUOTIENT
#define SEMBLANCE_KERNELS_SPANS_QUOTIENT
namespace semblance::kernels::spans {

// With 2^shift < area <= 2^(shift + 1) and factor = 2^(32 + shift) / area, rounded up, n / area is
// n * factor / 2^(32 + shift) for every n below 256 area, if area is at most 2^23.
struct Quotient {
  explicit Quotient(std::uint32_t area)
      : shift(static_cast<int>(std::bit_width(area - 1)) - 1),
        half(area / 2),
        factor(static_cast<std::uint32_t>(((std::uint64_t{1} << (32 + shift)) + area - 1) / area)) {
  }
  int shift;
  std::uint32_t half;
  std::uint32_t factor;
};

}  // namespace semblance::kernels::spans
#endif

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR  // whose one lane has no neighbours

constexpr std::size_t kMostLanes = 16;
static_assert(Spans::kPadding >= 2 * kMostLanes + 2);

// Sums of a whole block of samples, of at most three pixels each: these lie in two vectors from the
// first one's on.
template <class D>
HWY_INLINE hn::VFromD<D> sum_three(D d, const std::uint32_t* sums, const Spans& spans,
                                   std::size_t s) {
  const hn::RebindToSigned<D> di;
  const std::size_t lanes = hn::Lanes(d);
  const std::uint32_t* base = sums + spans.first[s];
  const auto at = hn::Sub(hn::LoadU(d, spans.first.data() + s), hn::Set(d, spans.first[s]));
  const auto within =
      hn::BitCast(di, hn::And(at, hn::Set(d, static_cast<std::uint32_t>(lanes - 1))));
  const auto indices = hn::IndicesFromVec(d, within);
  const auto behind =
      hn::Gt(hn::BitCast(di, at), hn::Set(di, static_cast<std::int32_t>(lanes - 1)));
  const auto weighed = [&](std::size_t k, const std::vector<std::uint32_t>& units) HWY_ATTR {
    const auto low = hn::TableLookupLanes(hn::LoadU(d, base + k), indices);
    const auto high = hn::TableLookupLanes(hn::LoadU(d, base + k + lanes), indices);
    const auto sum = hn::IfThenElse(hn::RebindMask(d, behind), high, low);
    return hn::Mul(sum, hn::LoadU(d, units.data() + s));
  };
  const auto two = hn::Add(weighed(0, spans.of_first), weighed(1, spans.of_second));
  return spans.of_third.empty() ? two : hn::Add(two, weighed(2, spans.of_third));
}

HWY_INLINE std::uint32_t sum_one(const std::uint32_t* sums, const Spans& spans, std::size_t s) {
  const std::uint32_t last = spans.last[s];
  std::uint32_t between = 0;
  for (std::uint32_t p = spans.first[s] + 1; p < last; ++p) between += sums[p];
  return spans.of_first[s] * sums[spans.first[s]] + spans.pixel_units * between +
         spans.of_last[s] * sums[last];
}

template <class D>
HWY_INLINE void store_means(D d, hn::VFromD<D> sums, const spans::Quotient& by, std::uint8_t* out) {
  const hn::RebindToSigned<D> di;
  const hn::Repartition<std::uint64_t, D> d64;
  const hn::Rebind<std::uint8_t, D> d8;
  const auto factor = hn::Set(d, by.factor);
  const auto rounding = hn::Add(sums, hn::Set(d, by.half));
  const auto odd = hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(d64, rounding)));
  const auto low = hn::ShiftRight<32>(hn::MulEven(rounding, factor));
  const auto high = hn::And(hn::MulEven(odd, factor), hn::Set(d64, 0xffffffff00000000U));
  const auto means = hn::ShiftRightSame(hn::BitCast(d, hn::Or(low, high)), by.shift);
  hn::StoreU(hn::DemoteTo(d8, hn::BitCast(di, means)), d8, out);
}

void mean_of_spans(const std::uint32_t* sums, const Spans& spans, std::uint64_t area,
                   std::uint8_t* out) {
  const hn::CappedTag<std::uint32_t, kMostLanes> d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t count = spans.samples();
  const spans::Quotient by(static_cast<std::uint32_t>(area));
  HWY_ALIGN std::uint32_t some[kMostLanes] = {};
  std::size_t s = 0;
  if (!spans.of_second.empty()) {
    for (; s + lanes <= count; s += lanes) {
      store_means(d, sum_three(d, sums, spans, s), by, out + s);
    }
  }
  for (; s + lanes <= count; s += lanes) {
    for (std::size_t k = 0; k < lanes; ++k) some[k] = sum_one(sums, spans, s + k);
    store_means(d, hn::Load(d, some), by, out + s);
  }
  if (s == count) return;
  std::uint8_t last[kMostLanes];
  for (std::size_t k = 0; s + k < count; ++k) some[k] = sum_one(sums, spans, s + k);
  store_means(d, hn::Load(d, some), by, last);
  for (std::size_t k = 0; s + k < count; ++k) out[s + k] = last[k];
}

#else

void mean_of_spans(const std::uint32_t* sums, const Spans& spans, std::uint64_t area,
                   std::uint8_t* out) {
  mean_of_spans_reference(sums, spans, area, out);
}

#endif

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(mean_of_spans);

Spans make_spans(std::uint32_t pixels, std::uint32_t samples) {
  Spans spans;
  const std::uint32_t common = std::gcd(pixels, samples);
  spans.pixels = pixels;
  spans.pixel_units = samples / common;
  spans.sample_units = pixels / common;
  const bool few = spans.sample_units <= 2 * spans.pixel_units;
  for (auto* each : {&spans.first, &spans.last, &spans.of_first, &spans.of_last}) {
    each->resize(samples);
  }
  if (few) {
    spans.of_second.resize(samples);
    spans.of_third.resize(samples);
  }
  const std::uint32_t units = spans.pixel_units;
  const std::uint32_t whole = spans.sample_units / units;
  const std::uint32_t part = spans.sample_units % units;
  std::uint32_t pixel = 0;
  std::uint32_t begin = 0;  // in units, within the pixel
  for (std::uint32_t s = 0; s < samples; ++s) {
    const bool carry = begin + part >= units;
    const std::uint32_t last = pixel + whole + (carry ? 1 : 0);
    const std::uint32_t end = carry ? begin + part - units : begin + part;
    spans.first[s] = pixel;
    spans.last[s] = last;
    spans.of_first[s] = units - begin;
    spans.of_last[s] = end;
    if (few) {
      spans.of_second[s] = last == pixel + 1 ? end : units;
      spans.of_third[s] = last == pixel + 1 ? 0 : end;
    }
    pixel = last;
    begin = end;
  }
  const auto is_zero = [](std::uint32_t covered) { return covered == 0; };
  if (std::all_of(spans.of_third.begin(), spans.of_third.end(), is_zero)) spans.of_third.clear();
  return spans;
}

void mean_of_spans(const std::uint32_t* sums, const Spans& spans, std::uint64_t area,
                   std::uint8_t* out) noexcept {
  constexpr std::uint64_t kFits = std::uint64_t{1} << 23;
  if (area < 2 || area > kFits) return mean_of_spans_reference(sums, spans, area, out);
  HWY_DYNAMIC_DISPATCH(mean_of_spans)(sums, spans, area, out);
}

void mean_of_spans_reference(const std::uint32_t* sums, const Spans& spans, std::uint64_t area,
                             std::uint8_t* out) noexcept {
  for (std::size_t s = 0; s < spans.samples(); ++s) {
    std::uint64_t sum = std::uint64_t{spans.of_first[s]} * sums[spans.first[s]];
    for (std::uint32_t p = spans.first[s] + 1; p < spans.last[s]; ++p) {
      sum += std::uint64_t{spans.pixel_units} * sums[p];
    }
    sum += std::uint64_t{spans.of_last[s]} * sums[spans.last[s]];
    out[s] = static_cast<std::uint8_t>((sum + area / 2) / area);
  }
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
