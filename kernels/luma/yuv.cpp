// SPDX-License-Identifier: Apache-2.0
#include "luma/yuv.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "luma/yuv.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef SEMBLANCE_KERNELS_YUV_COEFFICIENTS
#define SEMBLANCE_KERNELS_YUV_COEFFICIENTS
namespace semblance::kernels::yuv {

constexpr std::int16_t kBlack = 16;
constexpr std::int16_t kNoColour = 128;
constexpr std::int16_t kLuma = 9539;
constexpr std::int16_t kRedOfV = 13075;
constexpr std::int16_t kBlueOfU = 16525;
constexpr std::int16_t kGreenOfU = -3209;
constexpr std::int16_t kGreenOfV = -6660;

}  // namespace semblance::kernels::yuv
#endif

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR  // whose one lane has no halves

// ((sample - offset) * 8 * coefficient) >> 16.
template <class D>
HWY_INLINE hn::VFromD<D> term(D d, hn::VFromD<D> eight_times, std::int16_t coefficient) {
  return hn::MulHigh(eight_times, hn::Set(d, coefficient));
}

// Clamps both to 0..255 and stores them as bytes, one of each in turn.
template <class D>
HWY_INLINE void store_bytes(D d, hn::VFromD<D> even, hn::VFromD<D> odd, std::uint8_t* out) {
  const hn::Repartition<std::uint8_t, D> bytes;
  const auto zero = hn::Zero(d);
  const auto most = hn::Set(d, std::int16_t{255});
  const auto low = hn::Min(hn::Max(even, zero), most);
  const auto high = hn::ShiftLeft<8>(hn::Min(hn::Max(odd, zero), most));
  hn::StoreU(hn::BitCast(bytes, hn::Or(low, high)), bytes, out);
}

// Twice as many pixels as the tag has lanes, from x on.
template <class D>
HWY_INLINE void convert_pairs(D d, const std::uint8_t* y, const std::uint8_t* u,
                              const std::uint8_t* v, std::size_t x, std::uint8_t* r,
                              std::uint8_t* g, std::uint8_t* b) {
  const hn::Repartition<std::uint8_t, D> bytes;
  const hn::Rebind<std::uint8_t, D> half;
  const hn::RebindToUnsigned<D> du;
  const auto centred = [d](auto sample, std::int16_t offset) HWY_ATTR {
    return hn::ShiftLeft<3>(hn::Sub(sample, hn::Set(d, offset)));
  };
  const auto pairs = hn::BitCast(du, hn::LoadU(bytes, y + x));
  const auto low = hn::BitCast(d, hn::And(pairs, hn::Set(du, std::uint16_t{255})));
  const auto high = hn::BitCast(d, hn::ShiftRight<8>(pairs));
  const auto even = term(d, centred(low, yuv::kBlack), yuv::kLuma);
  const auto odd = term(d, centred(high, yuv::kBlack), yuv::kLuma);
  const auto cu = centred(hn::PromoteTo(d, hn::LoadU(half, u + x / 2)), yuv::kNoColour);
  const auto cv = centred(hn::PromoteTo(d, hn::LoadU(half, v + x / 2)), yuv::kNoColour);
  const auto red = term(d, cv, yuv::kRedOfV);
  const auto blue = term(d, cu, yuv::kBlueOfU);
  const auto green = hn::Add(term(d, cu, yuv::kGreenOfU), term(d, cv, yuv::kGreenOfV));
  store_bytes(d, hn::Add(even, red), hn::Add(odd, red), r + x);
  store_bytes(d, hn::Add(even, green), hn::Add(odd, green), g + x);
  store_bytes(d, hn::Add(even, blue), hn::Add(odd, blue), b + x);
}

void yuv_to_rgb(const std::uint8_t* y, const std::uint8_t* u, const std::uint8_t* v,
                std::size_t width, std::uint8_t* r, std::uint8_t* g, std::uint8_t* b) {
  const hn::ScalableTag<std::int16_t> d;
  const hn::CappedTag<std::int16_t, 8> few;
  std::size_t x = 0;
  for (; x + 2 * hn::Lanes(d) <= width; x += 2 * hn::Lanes(d)) {
    convert_pairs(d, y, u, v, x, r, g, b);
  }
  for (; x + 2 * hn::Lanes(few) <= width; x += 2 * hn::Lanes(few)) {
    convert_pairs(few, y, u, v, x, r, g, b);
  }
  yuv_to_rgb_reference(y + x, u + x / 2, v + x / 2, width - x, r + x, g + x, b + x);
}

void interleave(const std::uint16_t* first, const std::uint16_t* second, const std::uint16_t* third,
                std::size_t n, std::uint16_t* out) {
  const hn::CappedTag<std::uint16_t, 16> d;
  std::size_t s = 0;
  for (; s + hn::Lanes(d) <= n; s += hn::Lanes(d)) {
    hn::StoreInterleaved3(hn::LoadU(d, first + s), hn::LoadU(d, second + s),
                          hn::LoadU(d, third + s), d, out + 3 * s);
  }
  interleave_reference(first + s, second + s, third + s, n - s, out + 3 * s);
}

#else

void yuv_to_rgb(const std::uint8_t* y, const std::uint8_t* u, const std::uint8_t* v,
                std::size_t width, std::uint8_t* r, std::uint8_t* g, std::uint8_t* b) {
  yuv_to_rgb_reference(y, u, v, width, r, g, b);
}

void interleave(const std::uint16_t* first, const std::uint16_t* second, const std::uint16_t* third,
                std::size_t n, std::uint16_t* out) {
  interleave_reference(first, second, third, n, out);
}

#endif

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(yuv_to_rgb);
HWY_EXPORT(interleave);

void yuv_to_rgb(const std::uint8_t* y, const std::uint8_t* u, const std::uint8_t* v,
                std::size_t width, std::uint8_t* r, std::uint8_t* g, std::uint8_t* b) noexcept {
  HWY_DYNAMIC_DISPATCH(yuv_to_rgb)(y, u, v, width, r, g, b);
}

void interleave(const std::uint16_t* first, const std::uint16_t* second, const std::uint16_t* third,
                std::size_t n, std::uint16_t* out) noexcept {
  HWY_DYNAMIC_DISPATCH(interleave)(first, second, third, n, out);
}

void yuv_to_rgb_reference(const std::uint8_t* y, const std::uint8_t* u, const std::uint8_t* v,
                          std::size_t width, std::uint8_t* r, std::uint8_t* g,
                          std::uint8_t* b) noexcept {
  const auto term = [](int sample, int offset, int coefficient) {
    return ((sample - offset) * 8 * coefficient) >> 16;  // of a negative number: rounded down
  };
  const auto clamp = [](int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); };
  for (std::size_t x = 0; x < width; ++x) {
    const int luma = term(y[x], yuv::kBlack, yuv::kLuma);
    const int cu = u[x / 2];
    const int cv = v[x / 2];
    r[x] = clamp(luma + term(cv, yuv::kNoColour, yuv::kRedOfV));
    g[x] = clamp(luma + term(cu, yuv::kNoColour, yuv::kGreenOfU) +
                 term(cv, yuv::kNoColour, yuv::kGreenOfV));
    b[x] = clamp(luma + term(cu, yuv::kNoColour, yuv::kBlueOfU));
  }
}

void interleave_reference(const std::uint16_t* first, const std::uint16_t* second,
                          const std::uint16_t* third, std::size_t n, std::uint16_t* out) noexcept {
  for (std::size_t s = 0; s < n; ++s) {
    out[3 * s] = first[s];
    out[3 * s + 1] = second[s];
    out[3 * s + 2] = third[s];
  }
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
