// SPDX-License-Identifier: Apache-2.0
#include "luma/luma.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "luma/luma.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Loading a pixel as a word would read a byte beyond the last one, so the bytes are dealt first.
void pick_luma(const std::uint8_t* row, const std::uint32_t* columns, std::size_t count,
               float* out) {
  const hn::CappedTag<float, 16> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t k = 0; k < count; k += lanes) {
    const std::size_t some = count - k < lanes ? count - k : lanes;
    std::uint8_t channels[3][16] = {};
    for (std::size_t i = 0; i < some; ++i) {
      const std::uint8_t* pixel = row + std::size_t{columns[k + i]} * 3;
      for (std::size_t c = 0; c < 3; ++c) channels[c][i] = pixel[c];
    }
    const auto weighed = [&](std::size_t c, float weight) {
      const auto bytes = hn::LoadU(d8, channels[c]);
      return hn::Mul(hn::ConvertTo(d, hn::PromoteTo(di, bytes)), hn::Set(d, weight));
    };
    const auto luma = hn::Add(hn::Add(weighed(0, 0.299F), weighed(1, 0.587F)), weighed(2, 0.114F));
    if (some == lanes) {
      hn::StoreU(luma, d, out + k);
    } else {
      float last[16];
      hn::StoreU(luma, d, last);
      for (std::size_t i = 0; i < some; ++i) out[k + i] = last[i];
    }
  }
}

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(pick_luma);

void pick_luma(const std::uint8_t* row, const std::uint32_t* columns, std::size_t count,
               float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(pick_luma)(row, columns, count, out);
}

void pick_luma_reference(const std::uint8_t* row, const std::uint32_t* columns, std::size_t count,
                         float* out) noexcept {
  for (std::size_t k = 0; k < count; ++k) {
    const std::uint8_t* pixel = row + std::size_t{columns[k]} * 3;
    const auto value = [pixel](std::size_t c) { return static_cast<float>(pixel[c]); };
    out[k] = 0.299F * value(0) + 0.587F * value(1) + 0.114F * value(2);
  }
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
