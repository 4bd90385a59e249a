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

HWY_INLINE std::uint8_t round_one(const std::uint8_t* pixel) {
  const std::uint32_t sum = 299U * pixel[0] + 587U * pixel[1] + 114U * pixel[2];
  return static_cast<std::uint8_t>((sum + 500) / 1000);
}

#if HWY_TARGET != HWY_SCALAR  // whose one lane has no halves

// The luma of half a vector of pixels. An eighth of a sum below 2^18 fits 16 bits, in which all of
// it is done: of each weight the eighths, and what is left of all three in eighths of its own. Then
// n / 125 is n * 33555 / 2^22 for every n below 59074.
template <class D8>
HWY_INLINE void store_luma(D8 d8, hn::VFromD<D8> r8, hn::VFromD<D8> g8, hn::VFromD<D8> b8,
                           std::uint8_t* out) {
  const hn::Rebind<std::uint16_t, D8> d16;
  const hn::RebindToSigned<decltype(d16)> di16;
  constexpr std::uint32_t kHalf = kLumaDivisor / 2;
  static_assert(kLumaWeights[0] % 8 == 3 && kLumaWeights[1] % 8 == 3 && kLumaWeights[2] % 8 == 2);
  const auto constant = [d16](std::uint32_t value)
                            HWY_ATTR { return hn::Set(d16, static_cast<std::uint16_t>(value)); };
  const auto r = hn::PromoteTo(d16, r8);
  const auto g = hn::PromoteTo(d16, g8);
  const auto b = hn::PromoteTo(d16, b8);
  const auto red_green = hn::Add(r, g);
  const auto all = hn::Add(red_green, b);
  // 3 R + 3 G + 2 B, and what rounds.
  const auto left = hn::Add(hn::Add(hn::Add(all, all), red_green), constant(kHalf % 8));
  const auto whole = hn::Add(
      hn::Add(hn::Mul(r, constant(kLumaWeights[0] / 8)), hn::Mul(g, constant(kLumaWeights[1] / 8))),
      hn::Add(hn::Mul(b, constant(kLumaWeights[2] / 8)), constant(kHalf / 8)));
  const auto eighths = hn::Add(whole, hn::ShiftRight<3>(left));
  const auto luma = hn::ShiftRight<6>(hn::MulHigh(eighths, constant(33555)));
  hn::StoreU(hn::DemoteTo(d8, hn::BitCast(di16, luma)), d8, out);
}

void round_luma(const std::uint8_t* row, std::size_t n, std::uint8_t* out) {
  const hn::ScalableTag<std::uint8_t> d8;
  const hn::Half<decltype(d8)> half;
  const std::size_t lanes = hn::Lanes(d8);
  std::size_t x = 0;
  for (; x + lanes <= n; x += lanes) {
    hn::VFromD<decltype(d8)> r, g, b;
    hn::LoadInterleaved3(d8, row + 3 * x, r, g, b);
    store_luma(half, hn::LowerHalf(half, r), hn::LowerHalf(half, g), hn::LowerHalf(half, b),
               out + x);
    store_luma(half, hn::UpperHalf(half, r), hn::UpperHalf(half, g), hn::UpperHalf(half, b),
               out + x + lanes / 2);
  }
  for (; x < n; ++x) out[x] = round_one(row + 3 * x);
}

#else

void round_luma(const std::uint8_t* row, std::size_t n, std::uint8_t* out) {
  for (std::size_t x = 0; x < n; ++x) out[x] = round_one(row + 3 * x);
}

#endif

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(pick_luma);
HWY_EXPORT(round_luma);

void pick_luma(const std::uint8_t* row, const std::uint32_t* columns, std::size_t count,
               float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(pick_luma)(row, columns, count, out);
}

void round_luma(const std::uint8_t* row, std::size_t n, std::uint8_t* out) noexcept {
  HWY_DYNAMIC_DISPATCH(round_luma)(row, n, out);
}

void round_luma_reference(const std::uint8_t* row, std::size_t n, std::uint8_t* out) noexcept {
  for (std::size_t x = 0; x < n; ++x) {
    std::uint32_t sum = 0;
    for (std::size_t c = 0; c < 3; ++c) sum += kLumaWeights[c] * row[3 * x + c];
    out[x] = static_cast<std::uint8_t>((sum + kLumaDivisor / 2) / kLumaDivisor);
  }
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
