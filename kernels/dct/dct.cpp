// SPDX-License-Identifier: Apache-2.0
#include "dct/dct.h"

#include <array>
#include <cmath>
#include <numbers>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dct/dct.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// out[i][j] = sum over k of left[i * left_stride + k] * right[k][j] for four rows i from 0 and two
// vectors of columns j from 0: eight sums side by side hide the latency of each one's chain.
template <class D>
HWY_INLINE void multiply_block(D d, const float* left, const float* right, std::size_t columns,
                               float* out) {
  constexpr std::size_t kInner = 64;
  const std::size_t lanes = hn::Lanes(d);
  auto a0 = hn::Zero(d), a1 = hn::Zero(d), b0 = hn::Zero(d), b1 = hn::Zero(d);
  auto c0 = hn::Zero(d), c1 = hn::Zero(d), e0 = hn::Zero(d), e1 = hn::Zero(d);
  for (std::size_t k = 0; k < kInner; ++k) {
    const auto r0 = hn::LoadU(d, right + k * columns);
    const auto r1 = hn::LoadU(d, right + k * columns + lanes);
    const auto a = hn::Set(d, left[k]);
    const auto b = hn::Set(d, left[kInner + k]);
    const auto c = hn::Set(d, left[2 * kInner + k]);
    const auto e = hn::Set(d, left[3 * kInner + k]);
    a0 = hn::Add(a0, hn::Mul(a, r0));
    a1 = hn::Add(a1, hn::Mul(a, r1));
    b0 = hn::Add(b0, hn::Mul(b, r0));
    b1 = hn::Add(b1, hn::Mul(b, r1));
    c0 = hn::Add(c0, hn::Mul(c, r0));
    c1 = hn::Add(c1, hn::Mul(c, r1));
    e0 = hn::Add(e0, hn::Mul(e, r0));
    e1 = hn::Add(e1, hn::Mul(e, r1));
  }
  hn::StoreU(a0, d, out);
  hn::StoreU(a1, d, out + lanes);
  hn::StoreU(b0, d, out + columns);
  hn::StoreU(b1, d, out + columns + lanes);
  hn::StoreU(c0, d, out + 2 * columns);
  hn::StoreU(c1, d, out + 2 * columns + lanes);
  hn::StoreU(e0, d, out + 3 * columns);
  hn::StoreU(e1, d, out + 3 * columns + lanes);
}

// out (16 x columns) = left (16 x 64) right (64 x columns).
HWY_INLINE void multiply(const float* left, const float* right, std::size_t columns, float* out) {
  const hn::CappedTag<float, 8> d;  // two vectors are at most the 16 columns of the second product
  for (std::size_t i = 0; i < 16; i += 4) {
    for (std::size_t j = 0; j < columns; j += 2 * hn::Lanes(d)) {
      multiply_block(d, left + i * 64, right + j, columns, out + i * columns + j);
    }
  }
}

void dct_64_to_16(const float* in, const float* matrix, const float* transposed, float* out) {
  float half_done[16 * 64];
  multiply(matrix, in, 64, half_done);
  multiply(half_done, transposed, 16, out);
}

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {
namespace {

struct Matrices {
  std::array<float, 16 * 64> plain;       // [i][k]
  std::array<float, 64 * 16> transposed;  // [k][i]
};

Matrices make_matrices() {
  Matrices matrices{};
  const double scale = static_cast<float>(std::sqrt(2.0 / 64.0));
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t k = 0; k < 64; ++k) {
      const double angle = std::numbers::pi / 128.0 * static_cast<double>((i + 1) * (2 * k + 1));
      const auto value = static_cast<float>(scale * std::cos(angle));
      matrices.plain[i * 64 + k] = value;
      matrices.transposed[k * 16 + i] = value;
    }
  }
  return matrices;
}

const Matrices& matrices() noexcept {
  static const Matrices made = make_matrices();
  return made;
}

HWY_EXPORT(dct_64_to_16);

}  // namespace

const float* dct_matrix() noexcept { return matrices().plain.data(); }

void dct_64_to_16(const float* in, float* out) noexcept {
  const Matrices& m = matrices();
  HWY_DYNAMIC_DISPATCH(dct_64_to_16)(in, m.plain.data(), m.transposed.data(), out);
}

void dct_64_to_16_reference(const float* in, float* out) noexcept {
  const float* matrix = dct_matrix();
  float half_done[16][64];
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t j = 0; j < 64; ++j) {
      float sum = 0;
      for (std::size_t k = 0; k < 64; ++k) sum += matrix[i * 64 + k] * in[k * 64 + j];
      half_done[i][j] = sum;
    }
  }
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t j = 0; j < 16; ++j) {
      float sum = 0;
      for (std::size_t k = 0; k < 64; ++k) sum += half_done[i][k] * matrix[j * 64 + k];
      out[i * 16 + j] = sum;
    }
  }
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
