// SPDX-License-Identifier: Apache-2.0
#include "products/inner_products.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "products/inner_products.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Vectors of one length, so that the partial sums of a row are a number of them that the compiler
// knows. Where a vector's length is not known to it, the shortest.
#if HWY_HAVE_SCALABLE
constexpr std::size_t kLanes = 4;
#else
constexpr std::size_t kLanes = HWY_MIN(HWY_LANES(float), kProductLanes);
#endif
constexpr std::size_t kVectors = kProductLanes / kLanes;
// Rows that are added up side by side: one alone would wait for each addition before the next.
constexpr std::size_t kRows = HWY_MAX(1, 4 / kVectors);
using D = hn::FixedTag<float, kLanes>;

// The sum of partial sums in halves.
float in_halves(float* sums) {
  for (std::size_t half = kProductLanes / 2; half > 0; half /= 2) {
    for (std::size_t l = 0; l < half; ++l) sums[l] += sums[l + half];
  }
  return sums[0];
}

template <std::size_t kCount>
void products_of(const float* query, const float* rows, std::size_t dimension, float* out) {
  const D d;
  hn::VFromD<D> sums[kCount][kVectors];
  for (auto& row : sums) {
    for (auto& sum : row) sum = hn::Zero(d);
  }
  std::size_t i = 0;
  for (; i + kProductLanes <= dimension; i += kProductLanes) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      const auto q = hn::LoadU(d, query + i + v * kLanes);
      for (std::size_t r = 0; r < kCount; ++r) {
        const auto value = hn::LoadU(d, rows + r * dimension + i + v * kLanes);
        sums[r][v] = hn::Add(sums[r][v], hn::Mul(q, value));
      }
    }
  }
  for (std::size_t r = 0; r < kCount; ++r) {
    HWY_ALIGN float lanes[kProductLanes];
    for (std::size_t v = 0; v < kVectors; ++v) hn::Store(sums[r][v], d, lanes + v * kLanes);
    const float* const row = rows + r * dimension;
    for (std::size_t at = i; at < dimension; ++at) lanes[at - i] += query[at] * row[at];
    out[r] = in_halves(lanes);
  }
}

void inner_products(const float* query, const float* rows, std::size_t count, std::size_t dimension,
                    float* out) {
  std::size_t r = 0;
  for (; r + kRows <= count; r += kRows) {
    products_of<kRows>(query, rows + r * dimension, dimension, out + r);
  }
  for (; r < count; ++r) products_of<1>(query, rows + r * dimension, dimension, out + r);
}

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(inner_products);

void inner_products(const float* query, const float* rows, std::size_t count, std::size_t dimension,
                    float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(inner_products)(query, rows, count, dimension, out);
}

void inner_products_reference(const float* query, const float* rows, std::size_t count,
                              std::size_t dimension, float* out) noexcept {
  for (std::size_t r = 0; r < count; ++r) {
    float sums[kProductLanes] = {};
    for (std::size_t i = 0; i < dimension; ++i) {
      const float product = query[i] * rows[r * dimension + i];
      sums[i % kProductLanes] += product;
    }
    for (std::size_t half = kProductLanes / 2; half > 0; half /= 2) {
      for (std::size_t l = 0; l < half; ++l) sums[l] += sums[l + half];
    }
    out[r] = sums[0];
  }
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
