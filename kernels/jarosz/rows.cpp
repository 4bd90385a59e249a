// SPDX-License-Identifier: Apache-2.0
#include "jarosz/rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "jarosz/rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Samples = const std::uint8_t* const*;

template <class Sum>
HWY_INLINE void add_tail(Samples rows, const std::uint16_t* weights, std::size_t count,
                         std::size_t s, std::size_t n, Sum* acc) {
  for (; s < n; ++s) {
    std::uint32_t sum = 0;
    for (std::size_t r = 0; r < count; ++r) sum += std::uint32_t{weights[r]} * rows[r][s];
    acc[s] = static_cast<Sum>(acc[s] + sum);
  }
}

#if HWY_TARGET != HWY_SCALAR  // whose one lane has no halves

// Four vectors of sums stay in registers while all rows pass under them.
HWY_INLINE void add_four(Samples rows, const std::uint16_t* weights, std::size_t count,
                         std::size_t s, hn::Vec<hn::ScalableTag<std::uint16_t>>& a,
                         hn::Vec<hn::ScalableTag<std::uint16_t>>& b,
                         hn::Vec<hn::ScalableTag<std::uint16_t>>& c,
                         hn::Vec<hn::ScalableTag<std::uint16_t>>& e) {
  const hn::ScalableTag<std::uint16_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t r = 0; r < count; ++r) {
    const auto weight = hn::Set(d, weights[r]);
    const std::uint8_t* in = rows[r] + s;
    a = hn::Add(a, hn::Mul(hn::PromoteTo(d, hn::LoadU(d8, in)), weight));
    b = hn::Add(b, hn::Mul(hn::PromoteTo(d, hn::LoadU(d8, in + lanes)), weight));
    c = hn::Add(c, hn::Mul(hn::PromoteTo(d, hn::LoadU(d8, in + 2 * lanes)), weight));
    e = hn::Add(e, hn::Mul(hn::PromoteTo(d, hn::LoadU(d8, in + 3 * lanes)), weight));
  }
}

// The sums of one vector.
template <class D>
HWY_INLINE hn::VFromD<D> sum_one(D d, Samples rows, const std::uint16_t* weights, std::size_t count,
                                 std::size_t s) {
  const hn::Rebind<std::uint8_t, D> d8;
  auto sum = hn::Zero(d);
  for (std::size_t r = 0; r < count; ++r) {
    const auto samples = hn::PromoteTo(d, hn::LoadU(d8, rows[r] + s));
    sum = hn::Add(sum, hn::Mul(samples, hn::Set(d, weights[r])));
  }
  return sum;
}

// What is left of a row after its fours of vectors goes by single ones, then by shorter ones: a row
// that is not much longer than them would spend most of its time here.
using Short = hn::CappedTag<std::uint16_t, 8>;

void accumulate_rows(Samples rows, const std::uint16_t* weights, std::size_t count, std::size_t n,
                     std::uint16_t* acc) {
  const hn::ScalableTag<std::uint16_t> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t s = 0;
  for (; s + 4 * lanes <= n; s += 4 * lanes) {
    auto a = hn::LoadU(d, acc + s);
    auto b = hn::LoadU(d, acc + s + lanes);
    auto c = hn::LoadU(d, acc + s + 2 * lanes);
    auto e = hn::LoadU(d, acc + s + 3 * lanes);
    add_four(rows, weights, count, s, a, b, c, e);
    hn::StoreU(a, d, acc + s);
    hn::StoreU(b, d, acc + s + lanes);
    hn::StoreU(c, d, acc + s + 2 * lanes);
    hn::StoreU(e, d, acc + s + 3 * lanes);
  }
  for (; s + lanes <= n; s += lanes) {
    const auto sum = sum_one(d, rows, weights, count, s);
    hn::StoreU(hn::Add(hn::LoadU(d, acc + s), sum), d, acc + s);
  }
  const Short few;
  for (; s + hn::Lanes(few) <= n; s += hn::Lanes(few)) {
    const auto sum = sum_one(few, rows, weights, count, s);
    hn::StoreU(hn::Add(hn::LoadU(few, acc + s), sum), few, acc + s);
  }
  add_tail(rows, weights, count, s, n, acc);
}

// Adds one vector of 16-bit sums to 32-bit ones.
template <class D>
HWY_INLINE void add_widened(D /*d*/, hn::VFromD<D> sums, std::uint32_t* acc) {
  const hn::Half<D> half;
  const hn::RepartitionToWide<D> wide;
  const auto low = hn::PromoteTo(wide, hn::LowerHalf(half, sums));
  const auto high = hn::PromoteTo(wide, hn::UpperHalf(half, sums));
  std::uint32_t* acc_high = acc + hn::Lanes(wide);
  hn::StoreU(hn::Add(hn::LoadU(wide, acc), low), wide, acc);
  hn::StoreU(hn::Add(hn::LoadU(wide, acc_high), high), wide, acc_high);
}

void accumulate_rows_wide(Samples rows, const std::uint16_t* weights, std::size_t count,
                          std::size_t n, std::uint32_t* acc) {
  const hn::ScalableTag<std::uint16_t> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t s = 0;
  for (; s + 4 * lanes <= n; s += 4 * lanes) {
    auto a = hn::Zero(d);
    auto b = hn::Zero(d);
    auto c = hn::Zero(d);
    auto e = hn::Zero(d);
    add_four(rows, weights, count, s, a, b, c, e);
    add_widened(d, a, acc + s);
    add_widened(d, b, acc + s + lanes);
    add_widened(d, c, acc + s + 2 * lanes);
    add_widened(d, e, acc + s + 3 * lanes);
  }
  for (; s + lanes <= n; s += lanes) {
    add_widened(d, sum_one(d, rows, weights, count, s), acc + s);
  }
  const Short few;
  for (; s + hn::Lanes(few) <= n; s += hn::Lanes(few)) {
    add_widened(few, sum_one(few, rows, weights, count, s), acc + s);
  }
  add_tail(rows, weights, count, s, n, acc);
}

#else

void accumulate_rows(Samples rows, const std::uint16_t* weights, std::size_t count, std::size_t n,
                     std::uint16_t* acc) {
  add_tail(rows, weights, count, 0, n, acc);
}

void accumulate_rows_wide(Samples rows, const std::uint16_t* weights, std::size_t count,
                          std::size_t n, std::uint32_t* acc) {
  add_tail(rows, weights, count, 0, n, acc);
}

#endif

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(accumulate_rows);
HWY_EXPORT(accumulate_rows_wide);

void accumulate_rows(const std::uint8_t* const* rows, const std::uint16_t* weights,
                     std::size_t count, std::size_t n, std::uint16_t* acc) noexcept {
  HWY_DYNAMIC_DISPATCH(accumulate_rows)(rows, weights, count, n, acc);
}

void accumulate_rows_wide(const std::uint8_t* const* rows, const std::uint16_t* weights,
                          std::size_t count, std::size_t n, std::uint32_t* acc) noexcept {
  HWY_DYNAMIC_DISPATCH(accumulate_rows_wide)(rows, weights, count, n, acc);
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
