// SPDX-License-Identifier: Apache-2.0
#include "blocks/samples.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blocks/samples.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef SEMBLANCE_KERNELS_BLOCK_SAMPLES
#define SEMBLANCE_KERNELS_BLOCK_SAMPLES
namespace semblance::kernels::block_samples {

constexpr float kMiddle = 128.0F;  // a JPEG's samples are coded around it
constexpr std::size_t kMostLanes = 16;

}  // namespace semblance::kernels::block_samples
#endif

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace bs = block_samples;

template <class D>
HWY_INLINE hn::VFromD<D> coefficients(D d, const BlockRow::Plane& plane, std::size_t x) {
  const hn::RebindToSigned<D> di;
  const hn::Rebind<std::int16_t, D> d16;
  const auto values = hn::ConvertTo(d, hn::PromoteTo(di, hn::LoadU(d16, plane.values + x)));
  const auto scaled = hn::Mul(values, hn::Set(d, plane.step));
  if (plane.unread == 0.0F) return scaled;
  const auto further = hn::CopySign(hn::Set(d, plane.unread), scaled);
  return hn::Add(scaled, hn::IfThenElseZero(hn::Ne(scaled, hn::Zero(d)), further));
}

// As many blocks as there are lanes, from x on. Down first: across[v][y], the weight of wave v in
// row y of the samples.
template <std::size_t kSide, class D>
HWY_INLINE void sample_some(D d, const BlockRow& row, std::size_t x, std::uint8_t* const* out) {
  const hn::RebindToSigned<D> di;
  HWY_ALIGN float across[kMostSampledOrders][kSide][bs::kMostLanes];
  const auto orders = static_cast<std::size_t>(row.orders);
  for (std::size_t v = 0; v < orders; ++v) {
    for (std::size_t u = 0; u + v < orders; ++u) {
      const auto value = coefficients(d, row.planes[u][v], x);
      for (std::size_t y = 0; y < kSide; ++y) {
        const auto part = hn::Mul(hn::Set(d, row.waves[u][y]), value);
        hn::Store(u == 0 ? part : hn::Add(hn::Load(d, across[v][y]), part), d, across[v][y]);
      }
    }
  }
  const auto sample = [&](std::size_t y, std::size_t s) HWY_ATTR {
    auto sum = hn::Set(d, bs::kMiddle);
    for (std::size_t v = 0; v < orders; ++v) {
      sum = hn::Add(sum, hn::Mul(hn::Set(d, row.waves[v][s]), hn::Load(d, across[v][y])));
    }
    sum = hn::Add(sum, hn::Set(d, 0.5F));
    return hn::ConvertTo(di, hn::Min(hn::Max(sum, hn::Zero(d)), hn::Set(d, 255.0F)));
  };
  for (std::size_t y = 0; y < kSide; ++y) {
    std::uint8_t* to = out[y] + x * kSide;
    if constexpr (kSide == 1) {
      const hn::Rebind<std::uint8_t, D> d8;
      hn::StoreU(hn::DemoteTo(d8, sample(y, 0)), d8, to);
    } else if constexpr (kSide == 2) {
      const hn::Rebind<std::uint16_t, D> d16;
      const auto pair = hn::Or(sample(y, 0), hn::ShiftLeft<8>(sample(y, 1)));
      hn::StoreU(hn::DemoteTo(d16, pair), d16, reinterpret_cast<std::uint16_t*>(to));
    } else {
      const auto low = hn::Or(sample(y, 0), hn::ShiftLeft<8>(sample(y, 1)));
      const auto high = hn::Or(sample(y, 2), hn::ShiftLeft<8>(sample(y, 3)));
      hn::StoreU(hn::Or(low, hn::ShiftLeft<16>(high)), di, reinterpret_cast<std::int32_t*>(to));
    }
  }
}

template <std::size_t kSide>
HWY_INLINE void sample_all(const BlockRow& row, std::size_t n, std::uint8_t* const* out) {
  const hn::CappedTag<float, bs::kMostLanes> d;
  const hn::CappedTag<float, 1> one;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t x = 0;
  for (; x + lanes <= n; x += lanes) sample_some<kSide>(d, row, x, out);
  if (x == n) return;
  // The last ones, with some that are there; or one by one.
  if (n >= lanes) return sample_some<kSide>(d, row, n - lanes, out);
  for (; x < n; ++x) sample_some<kSide>(one, row, x, out);
}

void sample_block_row(const BlockRow& row, std::size_t n, std::uint8_t* const* out) {
  if (row.side == 4) return sample_all<4>(row, n, out);
  if (row.side == 2) return sample_all<2>(row, n, out);
  sample_all<1>(row, n, out);
}

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(sample_block_row);

void sample_block_row(const BlockRow& row, std::size_t n, std::uint8_t* const* out) noexcept {
  HWY_DYNAMIC_DISPATCH(sample_block_row)(row, n, out);
}

void sample_block_row_reference(const BlockRow& row, std::size_t n,
                                std::uint8_t* const* out) noexcept {
  const auto orders = static_cast<std::size_t>(row.orders);
  const auto coefficient = [](const BlockRow::Plane& plane, std::size_t x) {
    const float value = static_cast<float>(plane.values[x]) * plane.step;
    return value == 0.0F ? value : value + std::copysign(plane.unread, value);
  };
  for (std::size_t x = 0; x < n; ++x) {
    for (std::size_t y = 0; y < row.side; ++y) {
      for (std::size_t s = 0; s < row.side; ++s) {
        float sum = block_samples::kMiddle;
        for (std::size_t v = 0; v < orders; ++v) {
          float across = 0;
          for (std::size_t u = 0; u + v < orders; ++u) {
            across += row.waves[u][y] * coefficient(row.planes[u][v], x);
          }
          sum += row.waves[v][s] * across;
        }
        out[y][x * row.side + s] = static_cast<std::uint8_t>(std::clamp(sum + 0.5F, 0.0F, 255.0F));
      }
    }
  }
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
