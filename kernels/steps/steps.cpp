// SPDX-License-Identifier: Apache-2.0
#include "steps/steps.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "steps/steps.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

HWY_INLINE std::uint8_t step_at(const StepLines& lines, std::size_t x) {
  const auto between = [&](std::size_t a, std::size_t b) {
    return static_cast<unsigned>(std::max(lines[a][x], lines[b][x]) -
                                 std::min(lines[a][x], lines[b][x]));
  };
  const unsigned here = std::max(between(3, 1), between(4, 2));
  const unsigned beside = std::max({between(1, 0), between(5, 4), unsigned{kLeastStep}});
  return (here + (here + 1) / 2 + 1) / 2 > beside ? 1 : 0;
}

HWY_INLINE std::uint8_t mean_of_four(const std::uint8_t* above, const std::uint8_t* below) {
  return static_cast<std::uint8_t>((above[0] + above[1] + below[0] + below[1] + 2) / 4);
}

void add_steps(const StepLines& lines, std::size_t n, std::uint8_t* counts) {
  std::size_t x = 0;
#if HWY_TARGET != HWY_SCALAR  // which has no such means
  const hn::ScalableTag<std::uint8_t> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto one = hn::Set(d, std::uint8_t{1});
  const auto least = hn::Set(d, kLeastStep);
  const auto between = [](auto a, auto b) { return hn::Sub(hn::Max(a, b), hn::Min(a, b)); };
  const auto found_at = [&](std::size_t at) HWY_ATTR {
    const auto line1 = hn::LoadU(d, lines[1] + at);
    const auto line4 = hn::LoadU(d, lines[4] + at);
    const auto before = between(line1, hn::LoadU(d, lines[0] + at));
    const auto behind = between(line4, hn::LoadU(d, lines[5] + at));
    const auto here = hn::Max(between(line1, hn::LoadU(d, lines[3] + at)),
                              between(line4, hn::LoadU(d, lines[2] + at)));
    const auto beside = hn::Max(hn::Max(before, behind), least);
    const auto most = hn::AverageRound(here, hn::AverageRound(here, hn::Zero(d)));
    return hn::IfThenElseZero(hn::Gt(most, beside), one);
  };
  for (; x + lanes <= n; x += lanes) {
    hn::StoreU(hn::Add(hn::LoadU(d, counts + x), found_at(x)), d, counts + x);
  }
  if (x < n && n >= lanes) {  // the last ones, with some that were looked at
    const std::size_t at = n - lanes;
    const auto known = hn::FirstN(d, x - at);
    const auto found = hn::IfThenZeroElse(known, found_at(at));
    hn::StoreU(hn::Add(hn::LoadU(d, counts + at), found), d, counts + at);
    x = n;
  }
#endif
  for (; x < n; ++x) counts[x] = static_cast<std::uint8_t>(counts[x] + step_at(lines, x));
}

void halve_rows(const std::uint8_t* above, const std::uint8_t* below, std::size_t n,
                std::uint8_t* out) {
  std::size_t x = 0;
#if HWY_TARGET != HWY_SCALAR  // whose one lane has no halves
  const hn::ScalableTag<std::uint8_t> d;
  const hn::Repartition<std::int16_t, decltype(d)> d16;
  const hn::Rebind<std::uint8_t, decltype(d16)> half;
  const std::size_t outputs = hn::Lanes(d16);
  const auto bytes = hn::Set(d16, std::int16_t{0xff});
  const auto halve_at = [&](std::size_t at) HWY_ATTR {
    const auto first = hn::BitCast(d16, hn::LoadU(d, above + 2 * at));
    const auto second = hn::BitCast(d16, hn::LoadU(d, below + 2 * at));
    const auto pairs = [&](auto v) HWY_ATTR {
      return hn::Add(hn::And(v, bytes), hn::And(hn::ShiftRight<8>(v), bytes));
    };
    const auto sum = hn::Add(hn::Add(pairs(first), pairs(second)), hn::Set(d16, std::int16_t{2}));
    hn::StoreU(hn::DemoteTo(half, hn::ShiftRight<2>(sum)), half, out + at);
  };
  for (; x + outputs <= n; x += outputs) halve_at(x);
  if (x < n && n >= outputs) {  // the last ones, with some that are there
    halve_at(n - outputs);
    x = n;
  }
#endif
  for (; x < n; ++x) out[x] = mean_of_four(above + 2 * x, below + 2 * x);
}

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(add_steps);
HWY_EXPORT(halve_rows);

void add_steps(const StepLines& lines, std::size_t n, std::uint8_t* counts) noexcept {
  HWY_DYNAMIC_DISPATCH(add_steps)(lines, n, counts);
}

void halve_rows(const std::uint8_t* above, const std::uint8_t* below, std::size_t n,
                std::uint8_t* out) noexcept {
  HWY_DYNAMIC_DISPATCH(halve_rows)(above, below, n, out);
}

void add_steps_reference(const StepLines& lines, std::size_t n, std::uint8_t* counts) noexcept {
  for (std::size_t x = 0; x < n; ++x) {
    const auto between = [&](std::size_t a, std::size_t b) {
      const int apart = int{lines[a][x]} - int{lines[b][x]};
      return apart < 0 ? -apart : apart;
    };
    const int here = std::max(between(3, 1), between(4, 2));
    const int three_quarters = (here + (here + 1) / 2 + 1) / 2;
    const bool high = three_quarters > int{kLeastStep};
    if (high && three_quarters > between(1, 0) && three_quarters > between(5, 4)) ++counts[x];
  }
}

void halve_rows_reference(const std::uint8_t* above, const std::uint8_t* below, std::size_t n,
                          std::uint8_t* out) noexcept {
  for (std::size_t x = 0; x < n; ++x) {
    int sum = 2;
    for (std::size_t k = 2 * x; k < 2 * x + 2; ++k) sum += above[k] + below[k];
    out[x] = static_cast<std::uint8_t>(sum / 4);
  }
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
