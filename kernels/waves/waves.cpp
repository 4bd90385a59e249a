// SPDX-License-Identifier: Apache-2.0
#include "waves/waves.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "waves/waves.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Four vectors of sums stay in registers while all vectors pass under them: side by side they hide
// the latency of each one's chain of rounded sums.
void add_waves(const float* vectors, const double* weights, std::size_t count, float* acc) {
  const hn::CappedTag<double, 8> d;
  const hn::Rebind<float, decltype(d)> narrow;
  const std::size_t lanes = hn::Lanes(d);
  const auto step = [d, narrow](auto sum, auto weight, const float* in) HWY_ATTR {
    const auto product = hn::Mul(hn::PromoteTo(d, hn::LoadU(narrow, in)), weight);
    return hn::DemoteTo(narrow, hn::Add(hn::PromoteTo(d, sum), product));
  };
  for (std::size_t s = 0; s < kWaveVector; s += 4 * lanes) {
    auto a = hn::LoadU(narrow, acc + s);
    auto b = hn::LoadU(narrow, acc + s + lanes);
    auto c = hn::LoadU(narrow, acc + s + 2 * lanes);
    auto e = hn::LoadU(narrow, acc + s + 3 * lanes);
    for (std::size_t r = 0; r < count; ++r) {
      const auto weight = hn::Set(d, weights[r]);
      const float* in = vectors + r * kWaveVector + s;
      a = step(a, weight, in);
      b = step(b, weight, in + lanes);
      c = step(c, weight, in + 2 * lanes);
      e = step(e, weight, in + 3 * lanes);
    }
    hn::StoreU(a, narrow, acc + s);
    hn::StoreU(b, narrow, acc + s + lanes);
    hn::StoreU(c, narrow, acc + s + 2 * lanes);
    hn::StoreU(e, narrow, acc + s + 3 * lanes);
  }
}

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(add_waves);

void add_waves(const float* vectors, const double* weights, std::size_t count,
               float* acc) noexcept {
  HWY_DYNAMIC_DISPATCH(add_waves)(vectors, weights, count, acc);
}

void add_waves_reference(const float* vectors, const double* weights, std::size_t count,
                         float* acc) noexcept {
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t s = 0; s < kWaveVector; ++s) {
      const double product = static_cast<double>(vectors[r * kWaveVector + s]) * weights[r];
      acc[s] = static_cast<float>(static_cast<double>(acc[s]) + product);
    }
  }
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
