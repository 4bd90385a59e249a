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

// The largest key that is not above `bound`; there is one.
std::int32_t largest_within(const std::int32_t* keys, std::int32_t bound) {
  const hn::CappedTag<std::int32_t, 16> d;
  const auto most = hn::Set(d, bound);
  auto largest = hn::Set(d, INT32_MIN);
  for (std::size_t k = 0; k < kCoefficients; k += hn::Lanes(d)) {
    const auto key = hn::LoadU(d, keys + k);
    largest = hn::Max(largest, hn::IfThenElse(hn::Gt(key, most), largest, key));
  }
  return hn::GetLane(hn::MaxOfLanes(d, largest));
}

float value_of(std::int32_t key) {
  const std::int32_t pattern = key ^ ((key >> 31) & 0x7fffffff);
  float value;
  std::memcpy(&value, &pattern, sizeof value);
  return value;
}

float lower_median(const float* values) {
  std::int32_t keys[kCoefficients];
  make_keys(values, keys);
  // The smallest key that has at most 128 above it, within [low, high].
  std::int64_t low = INT32_MIN;
  std::int64_t high = INT32_MAX;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    const int above = count_above(keys, static_cast<std::int32_t>(middle));
    // Between the 128th and the 129th: where they are apart, this comes long before the end.
    if (above == 128) return value_of(largest_within(keys, static_cast<std::int32_t>(middle)));
    if (above < 128) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return value_of(static_cast<std::int32_t>(low));
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

namespace {

// Four rows of 16 bits as one word, from eight bytes whose first is the most significant.
std::uint64_t load_rows(const std::uint8_t* bytes) noexcept {
  std::uint64_t word = 0;
  for (int i = 0; i < 8; ++i) word = word << 8 | bytes[i];
  return word;
}

void store_rows(std::uint64_t word, std::uint8_t* bytes) noexcept {
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(word >> (56 - 8 * i));
}

}  // namespace

void transpose_bits(const std::uint8_t* bytes, std::uint8_t* transposed) noexcept {
  // Word w holds rows 4 w to 4 w + 3, column 0 lowest.
  std::uint64_t words[4];
  for (std::size_t w = 0; w < 4; ++w) words[w] = load_rows(bytes + 24 - 8 * w);
  // Squares of 8, 4, 2 and 1 bits change places across the diagonal.
  const auto across = [&words](std::size_t a, std::size_t b, int columns, std::uint64_t mask) {
    const std::uint64_t changed = (words[a] >> columns ^ words[b]) & mask;
    words[a] ^= changed << columns;
    words[b] ^= changed;
  };
  across(0, 2, 8, 0x00ff00ff00ff00ffU);
  across(1, 3, 8, 0x00ff00ff00ff00ffU);
  across(0, 1, 4, 0x0f0f0f0f0f0f0f0fU);
  across(2, 3, 4, 0x0f0f0f0f0f0f0f0fU);
  const auto within = [](std::uint64_t& word, int distance, std::uint64_t mask) {
    const std::uint64_t changed = (word ^ word >> distance) & mask;
    word ^= changed ^ changed << distance;
  };
  for (std::uint64_t& word : words) {
    within(word, 30, 0x00000000ccccccccU);  // 2 rows down, 2 columns left
    within(word, 15, 0x0000aaaa0000aaaaU);  // a row down, a column left
  }
  for (std::size_t w = 0; w < 4; ++w) store_rows(words[w], transposed + 24 - 8 * w);
}

void transpose_bits_reference(const std::uint8_t* bytes, std::uint8_t* transposed) noexcept {
  std::fill_n(transposed, kCoefficients / 8, std::uint8_t{0});
  for (std::size_t k = 0; k < kCoefficients; ++k) {
    const std::size_t from = k % 16 * 16 + k / 16;
    const unsigned bit = bytes[31 - from / 8] >> (from % 8) & 1U;
    std::uint8_t& byte = transposed[31 - k / 8];
    byte = static_cast<std::uint8_t>(byte | bit << (k % 8));
  }
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
