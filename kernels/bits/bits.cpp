// SPDX-License-Identifier: Apache-2.0
#include "bits/bits.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bits/bits.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Keys are integers in the order of the floats: of a negative one, all bits but the sign flip.
void make_keys(const float* values, std::int32_t* keys) {
  const hn::CappedTag<std::int32_t, 16> d;
  const hn::RebindToFloat<decltype(d)> df;
  for (std::size_t k = 0; k < kCoefficients; k += hn::Lanes(d)) {
    const auto pattern = hn::BitCast(d, hn::LoadU(df, values + k));
    const auto flip = hn::And(hn::ShiftRight<31>(pattern), hn::Set(d, 0x7fffffff));
    hn::StoreU(hn::Xor(pattern, flip), d, keys + k);
  }
}

int count_above(const std::int32_t* keys, std::int32_t key) {
  const hn::CappedTag<std::int32_t, 16> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto bound = hn::Set(d, key);
  auto a = hn::Zero(d), b = hn::Zero(d);
  for (std::size_t k = 0; k < kCoefficients; k += 2 * lanes) {
    a = hn::Sub(a, hn::VecFromMask(d, hn::Gt(hn::LoadU(d, keys + k), bound)));
    b = hn::Sub(b, hn::VecFromMask(d, hn::Gt(hn::LoadU(d, keys + k + lanes), bound)));
  }
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(a, b)));
}

float lower_median(const float* values) {
  std::int32_t keys[kCoefficients];
  make_keys(values, keys);
  // The smallest key that has at most 128 above it, within [low, high].
  std::int64_t low = INT32_MIN;
  std::int64_t high = INT32_MAX;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (count_above(keys, static_cast<std::int32_t>(middle)) <= 128) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  const auto key = static_cast<std::int32_t>(low);
  const std::int32_t pattern = key ^ ((key >> 31) & 0x7fffffff);
  float median;
  std::memcpy(&median, &pattern, sizeof median);
  return median;
}

void bits_above(const float* values, float threshold, std::uint8_t* bytes) {
  const hn::CappedTag<float, 8> d;  // at most eight lanes: a vector never crosses a byte
  const auto bound = hn::Set(d, threshold);
  std::memset(bytes, 0, kCoefficients / 8);
  for (std::size_t k = 0; k < kCoefficients; k += hn::Lanes(d)) {
    std::uint8_t mask[8] = {};
    hn::StoreMaskBits(d, hn::Gt(hn::LoadU(d, values + k), bound), mask);
    std::uint8_t& byte = bytes[31 - k / 8];
    byte = static_cast<std::uint8_t>(byte | (mask[0] << (k % 8)));
  }
}

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(lower_median);
HWY_EXPORT(bits_above);

float lower_median(const float* values) noexcept {
  return HWY_DYNAMIC_DISPATCH(lower_median)(values);
}

void bits_above(const float* values, float threshold, std::uint8_t* bytes) noexcept {
  HWY_DYNAMIC_DISPATCH(bits_above)(values, threshold, bytes);
}

float lower_median_reference(const float* values) noexcept {
  std::array<float, kCoefficients> sorted;
  std::copy_n(values, kCoefficients, sorted.begin());
  std::sort(sorted.begin(), sorted.end());
  return sorted[127];
}

void bits_above_reference(const float* values, float threshold, std::uint8_t* bytes) noexcept {
  std::fill_n(bytes, kCoefficients / 8, std::uint8_t{0});
  for (std::size_t k = 0; k < kCoefficients; ++k) {
    if (values[k] > threshold) {
      std::uint8_t& byte = bytes[31 - k / 8];
      byte = static_cast<std::uint8_t>(byte | 1U << (k % 8));
    }
  }
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
