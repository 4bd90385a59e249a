// SPDX-License-Identifier: Apache-2.0
#include "jarosz/block_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "jarosz/block_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void scale_values(const std::int16_t* in, std::uint16_t step, std::size_t n, float* out) {
  std::size_t s = 0;
#if HWY_TARGET != HWY_SCALAR  // whose one lane has no half
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<std::int16_t, decltype(d)> d16;
  const auto scale = hn::Set(d, static_cast<float>(step));
  for (; s + hn::Lanes(d) <= n; s += hn::Lanes(d)) {
    const auto value = hn::ConvertTo(d, hn::PromoteTo(di, hn::LoadU(d16, in + s)));
    hn::StoreU(hn::Mul(scale, value), d, out + s);
  }
#endif
  for (; s < n; ++s) out[s] = static_cast<float>(step) * static_cast<float>(in[s]);
}

void weigh_rows(const float* const* rows, const float* weights, std::size_t count, std::size_t n,
                float* out) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t s = 0;
  for (; s + 4 * lanes <= n; s += 4 * lanes) {
    auto a = hn::Zero(d);
    auto b = hn::Zero(d);
    auto c = hn::Zero(d);
    auto e = hn::Zero(d);
    for (std::size_t r = 0; r < count; ++r) {
      const auto weight = hn::Set(d, weights[r]);
      const float* row = rows[r] + s;
      a = hn::Add(a, hn::Mul(weight, hn::LoadU(d, row)));
      b = hn::Add(b, hn::Mul(weight, hn::LoadU(d, row + lanes)));
      c = hn::Add(c, hn::Mul(weight, hn::LoadU(d, row + 2 * lanes)));
      e = hn::Add(e, hn::Mul(weight, hn::LoadU(d, row + 3 * lanes)));
    }
    hn::StoreU(a, d, out + s);
    hn::StoreU(b, d, out + s + lanes);
    hn::StoreU(c, d, out + s + 2 * lanes);
    hn::StoreU(e, d, out + s + 3 * lanes);
  }
  for (; s + lanes <= n; s += lanes) {
    auto a = hn::Zero(d);
    for (std::size_t r = 0; r < count; ++r) {
      a = hn::Add(a, hn::Mul(hn::Set(d, weights[r]), hn::LoadU(d, rows[r] + s)));
    }
    hn::StoreU(a, d, out + s);
  }
  for (; s < n; ++s) {
    float sum = 0.0F;
    for (std::size_t r = 0; r < count; ++r) sum += weights[r] * rows[r][s];
    out[s] = sum;
  }
}

void add_weighed_64(const float* rows, const float* weights, std::size_t count, float* acc) {
  const hn::CappedTag<float, 16> d;  // four vectors are at most the 64 sums
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t s = 0; s < 64; s += 4 * lanes) {
    auto a = hn::LoadU(d, acc + s);
    auto b = hn::LoadU(d, acc + s + lanes);
    auto c = hn::LoadU(d, acc + s + 2 * lanes);
    auto e = hn::LoadU(d, acc + s + 3 * lanes);
    for (std::size_t r = 0; r < count; ++r) {
      const auto weight = hn::Set(d, weights[r]);
      const float* row = rows + 64 * r + s;
      a = hn::Add(a, hn::Mul(weight, hn::LoadU(d, row)));
      b = hn::Add(b, hn::Mul(weight, hn::LoadU(d, row + lanes)));
      c = hn::Add(c, hn::Mul(weight, hn::LoadU(d, row + 2 * lanes)));
      e = hn::Add(e, hn::Mul(weight, hn::LoadU(d, row + 3 * lanes)));
    }
    hn::StoreU(a, d, acc + s);
    hn::StoreU(b, d, acc + s + lanes);
    hn::StoreU(c, d, acc + s + 2 * lanes);
    hn::StoreU(e, d, acc + s + 3 * lanes);
  }
}

// In tiles of four by four, each read and written by whole vectors.
void transpose(const float* in, std::size_t rows, std::size_t cols, float* out) {
  std::size_t r = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::CappedTag<float, 4> d;
  if (hn::Lanes(d) == 4) {
    const hn::RepartitionToWide<decltype(d)> wide;
    for (; r + 4 <= rows; r += 4) {
      std::size_t c = 0;
      for (; c + 4 <= cols; c += 4) {
        const float* tile = in + r * cols + c;
        const auto a = hn::LoadU(d, tile);
        const auto b = hn::LoadU(d, tile + cols);
        const auto e = hn::LoadU(d, tile + 2 * cols);
        const auto f = hn::LoadU(d, tile + 3 * cols);
        const auto low_ab = hn::BitCast(wide, hn::InterleaveLower(d, a, b));
        const auto high_ab = hn::BitCast(wide, hn::InterleaveUpper(d, a, b));
        const auto low_ef = hn::BitCast(wide, hn::InterleaveLower(d, e, f));
        const auto high_ef = hn::BitCast(wide, hn::InterleaveUpper(d, e, f));
        float* to = out + c * rows + r;
        hn::StoreU(hn::BitCast(d, hn::InterleaveLower(wide, low_ab, low_ef)), d, to);
        hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(wide, low_ab, low_ef)), d, to + rows);
        hn::StoreU(hn::BitCast(d, hn::InterleaveLower(wide, high_ab, high_ef)), d, to + 2 * rows);
        hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(wide, high_ab, high_ef)), d, to + 3 * rows);
      }
      for (; c < cols; ++c) {
        for (std::size_t k = r; k < r + 4; ++k) out[c * rows + k] = in[k * cols + c];
      }
    }
  }
#endif
  for (; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) out[c * rows + r] = in[r * cols + c];
  }
}

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(scale_values);
HWY_EXPORT(weigh_rows);
HWY_EXPORT(add_weighed_64);
HWY_EXPORT(transpose);

void scale_values(const std::int16_t* in, std::uint16_t step, std::size_t n, float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(scale_values)(in, step, n, out);
}

void weigh_rows(const float* const* rows, const float* weights, std::size_t count, std::size_t n,
                float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(weigh_rows)(rows, weights, count, n, out);
}

void add_weighed_64(const float* rows, const float* weights, std::size_t count,
                    float* acc) noexcept {
  HWY_DYNAMIC_DISPATCH(add_weighed_64)(rows, weights, count, acc);
}

void transpose(const float* in, std::size_t rows, std::size_t cols, float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(transpose)(in, rows, cols, out);
}

void scale_values_reference(const std::int16_t* in, std::uint16_t step, std::size_t n,
                            float* out) noexcept {
  for (std::size_t s = 0; s < n; ++s) out[s] = static_cast<float>(std::int64_t{step} * in[s]);
}

void weigh_rows_reference(const float* const* rows, const float* weights, std::size_t count,
                          std::size_t n, float* out) noexcept {
  for (std::size_t s = 0; s < n; ++s) {
    out[s] = 0.0F;
    for (std::size_t r = 0; r < count; ++r) out[s] += weights[r] * rows[r][s];
  }
}

void add_weighed_64_reference(const float* rows, const float* weights, std::size_t count,
                              float* acc) noexcept {
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t s = 0; s < 64; ++s) acc[s] += weights[r] * rows[64 * r + s];
  }
}

void transpose_reference(const float* in, std::size_t rows, std::size_t cols, float* out) noexcept {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) out[c * rows + r] = in[r * cols + c];
  }
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
