// SPDX-License-Identifier: Apache-2.0
#include "areas/areas.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "areas/areas.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef SEMBLANCE_KERNELS_AREAS_LANES
#define SEMBLANCE_KERNELS_AREAS_LANES
namespace semblance::kernels::areas {

constexpr std::size_t kMostLanes = 16;

// For prefix sums from four lanes to four, or from eight to eight: every second group adds the last
// lane before it.
struct LanesBefore {
  constexpr explicit LanesBefore(std::size_t group) {
    for (std::size_t k = 0; k < kMostLanes; ++k) {
      if (k / group % 2 == 0) continue;
      lane[k] = static_cast<std::int32_t>(k / group * group - 1);
      where[k] = ~std::uint32_t{0};
    }
  }
  std::int32_t lane[kMostLanes] = {};
  std::uint32_t where[kMostLanes] = {};
};
inline constexpr LanesBefore kFour(4);
inline constexpr LanesBefore kEight(8);

}  // namespace semblance::kernels::areas
#endif

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void add_weighed_row(const std::uint8_t* row, std::uint32_t weight, std::size_t n,
                     std::uint32_t* acc) {
  const hn::ScalableTag<std::uint32_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const std::size_t lanes = hn::Lanes(d);
  const auto factor = hn::Set(d, weight);
  std::size_t s = 0;
  for (; s + lanes <= n; s += lanes) {
    const auto samples = hn::PromoteTo(d, hn::LoadU(d8, row + s));
    hn::StoreU(hn::Add(hn::LoadU(d, acc + s), hn::Mul(samples, factor)), d, acc + s);
  }
  for (; s < n; ++s) acc[s] += weight * row[s];
}

void weigh_row(const std::uint8_t* row, std::uint32_t weight, std::size_t n, std::uint32_t* out) {
  const hn::ScalableTag<std::uint32_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const std::size_t lanes = hn::Lanes(d);
  const auto factor = hn::Set(d, weight);
  std::size_t s = 0;
  for (; s + lanes <= n; s += lanes) {
    hn::StoreU(hn::Mul(hn::PromoteTo(d, hn::LoadU(d8, row + s)), factor), d, out + s);
  }
  for (; s < n; ++s) out[s] = weight * row[s];
}

#if HWY_TARGET != HWY_SCALAR  // whose one lane has no neighbours

// The lanes that `add` names are added where `where` says so.
template <class D>
HWY_INLINE hn::VFromD<D> add_lanes(D d, hn::VFromD<D> v, const std::int32_t* add,
                                   const std::uint32_t* where) {
  const hn::RebindToSigned<D> di;
  const auto from = hn::TableLookupLanes(v, hn::IndicesFromVec(d, hn::LoadU(di, add)));
  return hn::Add(v, hn::And(from, hn::LoadU(d, where)));
}

void integrate_row(const std::uint8_t* row, const std::uint32_t* above, std::size_t n,
                   std::uint32_t* out) {
  const hn::CappedTag<std::uint32_t, areas::kMostLanes> d;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const hn::RebindToSigned<decltype(d)> di;
  const std::size_t lanes = hn::Lanes(d);
  const auto last = hn::IndicesFromVec(d, hn::Set(di, static_cast<std::int32_t>(lanes - 1)));
  auto before = hn::Zero(d);
  std::size_t s = 0;
  for (; s + lanes <= n; s += lanes) {
    auto sums = hn::PromoteTo(d, hn::LoadU(d8, row + s));
    // Within fours, then from four to four.
    sums = hn::Add(sums, hn::ShiftLeftLanes<1>(d, sums));
    sums = hn::Add(sums, hn::ShiftLeftLanes<2>(d, sums));
    if (lanes > 4) sums = add_lanes(d, sums, areas::kFour.lane, areas::kFour.where);
    if (lanes > 8) sums = add_lanes(d, sums, areas::kEight.lane, areas::kEight.where);
    sums = hn::Add(sums, before);
    before = hn::TableLookupLanes(sums, last);
    hn::StoreU(hn::Add(sums, hn::LoadU(d, above + s)), d, out + s);
  }
  std::uint32_t sum = hn::GetLane(before);
  for (; s < n; ++s) {
    sum += row[s];
    out[s] = above[s] + sum;
  }
}

void split_channels(const std::uint8_t* row, std::size_t n, std::uint8_t* first,
                    std::uint8_t* second, std::uint8_t* third) {
  const hn::ScalableTag<std::uint8_t> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t x = 0;
  for (; x + lanes <= n; x += lanes) {
    hn::VFromD<decltype(d)> a, b, c;
    hn::LoadInterleaved3(d, row + 3 * x, a, b, c);
    hn::StoreU(a, d, first + x);
    hn::StoreU(b, d, second + x);
    hn::StoreU(c, d, third + x);
  }
  split_channels_reference(row + 3 * x, n - x, first + x, second + x, third + x);
}

void join_channels(const std::uint8_t* first, const std::uint8_t* second, const std::uint8_t* third,
                   std::size_t n, std::uint8_t* out) {
  const hn::ScalableTag<std::uint8_t> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t x = 0;
  for (; x + lanes <= n; x += lanes) {
    hn::StoreInterleaved3(hn::LoadU(d, first + x), hn::LoadU(d, second + x),
                          hn::LoadU(d, third + x), d, out + 3 * x);
  }
  join_channels_reference(first + x, second + x, third + x, n - x, out + 3 * x);
}

#else

void integrate_row(const std::uint8_t* row, const std::uint32_t* above, std::size_t n,
                   std::uint32_t* out) {
  integrate_row_reference(row, above, n, out);
}

void split_channels(const std::uint8_t* row, std::size_t n, std::uint8_t* first,
                    std::uint8_t* second, std::uint8_t* third) {
  split_channels_reference(row, n, first, second, third);
}

void join_channels(const std::uint8_t* first, const std::uint8_t* second, const std::uint8_t* third,
                   std::size_t n, std::uint8_t* out) {
  join_channels_reference(first, second, third, n, out);
}

#endif

void sums_between(const SumLine& first, const SumLine& last, std::size_t n, std::uint32_t* out) {
  const hn::ScalableTag<std::uint32_t> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto first_part = hn::Set(d, first.part);
  const auto last_part = hn::Set(d, last.part);
  std::size_t s = 0;
  for (; s + lanes <= n; s += lanes) {
    const auto above_first = hn::LoadU(d, first.above + s);
    const auto above_last = hn::LoadU(d, last.above + s);
    const auto in_first = hn::Sub(hn::LoadU(d, first.below + s), above_first);
    const auto in_last = hn::Sub(hn::LoadU(d, last.below + s), above_last);
    const auto between = hn::ShiftLeft<8>(hn::Sub(above_last, above_first));
    const auto parts = hn::Sub(hn::Mul(in_last, last_part), hn::Mul(in_first, first_part));
    hn::StoreU(hn::Add(between, parts), d, out + s);
  }
  for (; s < n; ++s) {
    out[s] = 256 * (last.above[s] - first.above[s]) + last.part * (last.below[s] - last.above[s]) -
             first.part * (first.below[s] - first.above[s]);
  }
}

void means_between(const std::uint32_t* row, const Stretch& places, float scale, std::size_t n,
                   float* out) {
  const hn::CappedTag<std::uint32_t, areas::kMostLanes> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::RebindToFloat<decltype(d)> df;
  const std::size_t lanes = hn::Lanes(d);
  const auto at = [&](const std::int32_t* where, const std::uint32_t* part) HWY_ATTR {
    const auto index = hn::LoadU(di, where);
    const auto here = hn::GatherIndex(d, row, index);
    const auto step = hn::Sub(hn::GatherIndex(d, row + 1, index), here);
    return hn::Add(hn::ShiftLeft<8>(here), hn::Mul(step, hn::LoadU(d, part)));
  };
  std::size_t s = 0;
  for (; s + lanes <= n; s += lanes) {
    const auto between = hn::Sub(at(places.end_at + s, places.end_part + s),
                                 at(places.begin_at + s, places.begin_part + s));
    // In halves, which are exact, so that the only rounding is that of their sum.
    const auto high = hn::ConvertTo(df, hn::BitCast(di, hn::ShiftRight<16>(between)));
    const auto low = hn::ConvertTo(df, hn::BitCast(di, hn::And(between, hn::Set(d, 0xffffU))));
    const auto sum = hn::Add(hn::Mul(high, hn::Set(df, 65536.0F)), low);
    hn::StoreU(hn::Mul(sum, hn::Set(df, scale)), df, out + s);
  }
  const Stretch rest{places.begin_at + s, places.begin_part + s, places.end_at + s,
                     places.end_part + s};
  means_between_reference(row, rest, scale, n - s, out + s);
}

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(add_weighed_row);
HWY_EXPORT(weigh_row);
HWY_EXPORT(integrate_row);
HWY_EXPORT(split_channels);
HWY_EXPORT(join_channels);
HWY_EXPORT(sums_between);
HWY_EXPORT(means_between);

void add_weighed_row(const std::uint8_t* row, std::uint32_t weight, std::size_t n,
                     std::uint32_t* acc) noexcept {
  HWY_DYNAMIC_DISPATCH(add_weighed_row)(row, weight, n, acc);
}

void weigh_row(const std::uint8_t* row, std::uint32_t weight, std::size_t n,
               std::uint32_t* out) noexcept {
  HWY_DYNAMIC_DISPATCH(weigh_row)(row, weight, n, out);
}

void integrate_row(const std::uint8_t* row, const std::uint32_t* above, std::size_t n,
                   std::uint32_t* out) noexcept {
  HWY_DYNAMIC_DISPATCH(integrate_row)(row, above, n, out);
}

void split_channels(const std::uint8_t* row, std::size_t n, std::uint8_t* first,
                    std::uint8_t* second, std::uint8_t* third) noexcept {
  HWY_DYNAMIC_DISPATCH(split_channels)(row, n, first, second, third);
}

void join_channels(const std::uint8_t* first, const std::uint8_t* second, const std::uint8_t* third,
                   std::size_t n, std::uint8_t* out) noexcept {
  HWY_DYNAMIC_DISPATCH(join_channels)(first, second, third, n, out);
}

void sums_between(const SumLine& first, const SumLine& last, std::size_t n,
                  std::uint32_t* out) noexcept {
  HWY_DYNAMIC_DISPATCH(sums_between)(first, last, n, out);
}

void add_weighed_row_reference(const std::uint8_t* row, std::uint32_t weight, std::size_t n,
                               std::uint32_t* acc) noexcept {
  for (std::size_t s = 0; s < n; ++s) acc[s] += weight * row[s];
}

void means_between(const std::uint32_t* row, const Stretch& places, float scale, std::size_t n,
                   float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(means_between)(row, places, scale, n, out);
}

void means_between_reference(const std::uint32_t* row, const Stretch& places, float scale,
                             std::size_t n, float* out) noexcept {
  const auto at = [row](std::int32_t place, std::uint32_t part) {
    const std::uint32_t* sum = row + place;
    return 256 * sum[0] + part * (sum[1] - sum[0]);
  };
  for (std::size_t s = 0; s < n; ++s) {
    const std::uint32_t between =
        at(places.end_at[s], places.end_part[s]) - at(places.begin_at[s], places.begin_part[s]);
    out[s] = static_cast<float>(between) * scale;
  }
}

void weigh_row_reference(const std::uint8_t* row, std::uint32_t weight, std::size_t n,
                         std::uint32_t* out) noexcept {
  for (std::size_t s = 0; s < n; ++s) out[s] = weight * row[s];
}

void integrate_row_reference(const std::uint8_t* row, const std::uint32_t* above, std::size_t n,
                             std::uint32_t* out) noexcept {
  std::uint32_t sum = 0;
  for (std::size_t s = 0; s < n; ++s) {
    sum += row[s];
    out[s] = above[s] + sum;
  }
}

void split_channels_reference(const std::uint8_t* row, std::size_t n, std::uint8_t* first,
                              std::uint8_t* second, std::uint8_t* third) noexcept {
  for (std::size_t x = 0; x < n; ++x) {
    first[x] = row[3 * x];
    second[x] = row[3 * x + 1];
    third[x] = row[3 * x + 2];
  }
}

void join_channels_reference(const std::uint8_t* first, const std::uint8_t* second,
                             const std::uint8_t* third, std::size_t n, std::uint8_t* out) noexcept {
  for (std::size_t x = 0; x < n; ++x) {
    out[3 * x] = first[x];
    out[3 * x + 1] = second[x];
    out[3 * x + 2] = third[x];
  }
}

void sums_between_reference(const SumLine& first, const SumLine& last, std::size_t n,
                            std::uint32_t* out) noexcept {
  const auto at = [](const SumLine& line, std::size_t s) {
    return 256 * line.above[s] + line.part * (line.below[s] - line.above[s]);
  };
  for (std::size_t s = 0; s < n; ++s) out[s] = at(last, s) - at(first, s);
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
