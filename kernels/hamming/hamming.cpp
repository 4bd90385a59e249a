// SPDX-License-Identifier: Apache-2.0
#include "hamming/hamming.h"

#include <bit>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hamming/hamming.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kCodeBytes = 32;

HWY_INLINE std::uint16_t distance_one(const std::uint8_t* a, const std::uint8_t* b) {
  int distance = 0;
  for (std::size_t at = 0; at < kCodeBytes; at += 8) {
    std::uint64_t x = 0;
    std::uint64_t y = 0;
    std::memcpy(&x, a + at, 8);
    std::memcpy(&y, b + at, 8);
    distance += std::popcount(x ^ y);
  }
  return static_cast<std::uint16_t>(distance);
}

#if HWY_TARGET != HWY_SCALAR  // whose one lane has no groups of eight bytes

// The counts of one code, as sums of eight bytes: 0..64 in each 64-bit lane.
template <class D8>
HWY_INLINE hn::Vec<hn::Repartition<std::uint64_t, D8>> counts_of(D8 d, const std::uint8_t* query,
                                                                 const std::uint8_t* code) {
  const hn::Repartition<std::uint64_t, D8> d64;
  auto counts = hn::Zero(d64);
  for (std::size_t at = 0; at < kCodeBytes; at += hn::Lanes(d)) {
    const auto differing = hn::Xor(hn::LoadU(d, query + at), hn::LoadU(d, code + at));
    counts = hn::Add(counts, hn::SumsOf8(hn::PopulationCount(differing)));
  }
  return counts;
}

void hamming_scan(const std::uint8_t* query, const std::uint8_t* codes, std::size_t n,
                  std::uint16_t* out) {
  // A vector holds at most one code, so that the sum over its lanes is one distance.
  const hn::CappedTag<std::uint8_t, kCodeBytes> d;
  const hn::Repartition<std::uint64_t, decltype(d)> d64;
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const std::uint8_t* code = codes + kCodeBytes * i;
    // Four codes share one reduction: a sum over lanes is at most 256, so 16-bit fields of the
    // lanes never carry into each other.
    const auto a = counts_of(d, query, code);
    const auto b = hn::ShiftLeft<16>(counts_of(d, query, code + kCodeBytes));
    const auto c = hn::ShiftLeft<32>(counts_of(d, query, code + 2 * kCodeBytes));
    const auto e = hn::ShiftLeft<48>(counts_of(d, query, code + 3 * kCodeBytes));
    const std::uint64_t four = hn::GetLane(hn::SumOfLanes(d64, hn::Or(hn::Or(a, b), hn::Or(c, e))));
    for (std::size_t k = 0; k < 4; ++k) out[i + k] = static_cast<std::uint16_t>(four >> (16 * k));
  }
  for (; i < n; ++i) out[i] = distance_one(query, codes + kCodeBytes * i);
}

void hamming_gather(const std::uint8_t* query, const std::uint8_t* codes, const std::uint32_t* rows,
                    std::size_t n, std::uint16_t* out) {
  const hn::CappedTag<std::uint8_t, kCodeBytes> d;
  const hn::Repartition<std::uint64_t, decltype(d)> d64;
  for (std::size_t i = 0; i < n; ++i) {
    const auto counts = counts_of(d, query, codes + kCodeBytes * rows[i]);
    out[i] = static_cast<std::uint16_t>(hn::GetLane(hn::SumOfLanes(d64, counts)));
  }
}

#else

void hamming_gather(const std::uint8_t* query, const std::uint8_t* codes, const std::uint32_t* rows,
                    std::size_t n, std::uint16_t* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = distance_one(query, codes + kCodeBytes * rows[i]);
}

void hamming_scan(const std::uint8_t* query, const std::uint8_t* codes, std::size_t n,
                  std::uint16_t* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = distance_one(query, codes + kCodeBytes * i);
}

#endif

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(hamming_scan);

void hamming_scan(const std::uint8_t* query, const std::uint8_t* codes, std::size_t n,
                  std::uint16_t* out) noexcept {
  HWY_DYNAMIC_DISPATCH(hamming_scan)(query, codes, n, out);  // once a block, never a code
}

HWY_EXPORT(hamming_gather);

void hamming_gather(const std::uint8_t* query, const std::uint8_t* codes, const std::uint32_t* rows,
                    std::size_t n, std::uint16_t* out) noexcept {
  HWY_DYNAMIC_DISPATCH(hamming_gather)(query, codes, rows, n, out);
}

void hamming_scan_reference(const std::uint8_t* query, const std::uint8_t* codes, std::size_t n,
                            std::uint16_t* out) noexcept {
  for (std::size_t i = 0; i < n; ++i) {
    int distance = 0;
    for (std::size_t at = 0; at < 32; ++at) {
      distance += std::popcount(static_cast<std::uint8_t>(query[at] ^ codes[32 * i + at]));
    }
    out[i] = static_cast<std::uint16_t>(distance);
  }
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
