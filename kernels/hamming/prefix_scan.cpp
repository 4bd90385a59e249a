// SPDX-License-Identifier: Apache-2.0
#include "hamming/prefix_scan.h"

#include <algorithm>
#include <bit>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hamming/prefix_scan.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR  // which has no table of sixteen bytes

constexpr std::size_t kTable = 16;

// Nibbles of the planes, one a byte: what a table is looked up with. Unpacked once a block, for
// all queries of the batch.
template <class D>
HWY_INLINE void unpack_nibbles(D d, const std::uint8_t* block, std::size_t prefix_bytes,
                               std::uint8_t* HWY_RESTRICT nibbles) {
  const auto low = hn::Set(d, 0x0f);
  for (std::size_t p = 0; p < prefix_bytes; ++p) {
    const std::uint8_t* plane = block + kPrefixBlock * p;
    std::uint8_t* out = nibbles + 2 * kPrefixBlock * p;
    for (std::size_t i = 0; i < kPrefixBlock; i += hn::Lanes(d)) {
      const auto both = hn::LoadU(d, plane + i);
      const hn::Repartition<std::uint16_t, D> d16;
      const auto high = hn::BitCast(d, hn::ShiftRight<4>(hn::BitCast(d16, both)));
      hn::Store(hn::And(both, low), d, out + i);
      hn::Store(hn::And(high, low), d, out + kPrefixBlock + i);
    }
  }
}

template <class D, class V>
HWY_INLINE std::size_t list_near(D d, V sums, V limit, std::uint32_t name, std::uint32_t* out) {
  std::uint8_t bits[8] = {};  // a vector has at most 64 lanes
  hn::StoreMaskBits(d, hn::Eq(hn::Min(sums, limit), sums), bits);
  std::uint64_t near = 0;
  for (unsigned byte = 0; byte < 8; ++byte) near |= std::uint64_t{bits[byte]} << (8 * byte);
  std::size_t listed = 0;
  for (; near != 0; near &= near - 1) {
    out[listed++] = name + static_cast<std::uint32_t>(std::countr_zero(near));
  }
  return listed;
}

// The sums of four vectors of codes, from code `first` on.
template <class D, class V>
HWY_INLINE std::size_t list_sums(D d, V a, V b, V c, V e, V most, std::size_t query,
                                 std::size_t first, std::uint32_t* out) {
  const auto least = hn::Min(hn::Min(a, b), hn::Min(c, e));
  if (HWY_LIKELY(hn::AllFalse(d, hn::Eq(hn::Min(least, most), least)))) return 0;
  const auto name = static_cast<std::uint32_t>(query << 16 | first);
  const auto step = static_cast<std::uint32_t>(hn::Lanes(d));
  std::size_t listed = list_near(d, a, most, name, out);
  listed += list_near(d, b, most, name + step, out + listed);
  listed += list_near(d, c, most, name + 2 * step, out + listed);
  listed += list_near(d, e, most, name + 3 * step, out + listed);
  return listed;
}

template <class D, class V>
HWY_INLINE V added(D d, V sum, V counts, V nibbles) {
  (void)d;
  return hn::SaturatedAdd(sum, hn::TableLookupBytes(counts, nibbles));
}

// Two queries share each load of codes, and four vectors of codes each load of a table: eight sums,
// which is what sixteen registers hold. The second query's list goes behind the most that the
// first's can take, and is then moved up.
template <class D>
HWY_INLINE std::size_t scan_pair(D d, const std::uint8_t* HWY_RESTRICT nibbles,
                                 std::size_t prefix_bytes, const std::uint8_t* tables,
                                 std::size_t query, int limit, std::uint32_t* out) {
  const std::size_t lanes = hn::Lanes(d);
  const std::uint8_t* second = tables + prefix_table_bytes(prefix_bytes);
  const auto most = hn::Set(d, static_cast<std::uint8_t>(limit));
  std::size_t listed = 0;
  std::size_t of_second = 0;
  std::uint32_t* const second_out = out + kPrefixBlock;
  for (std::size_t i = 0; i < kPrefixBlock; i += 4 * lanes) {
    auto a = hn::Zero(d);
    auto b = a;
    auto c = a;
    auto e = a;
    auto s = a;
    auto t = a;
    auto u = a;
    auto v = a;
    for (std::size_t p = 0; p < 2 * prefix_bytes; ++p) {
      const std::uint8_t* at = nibbles + kPrefixBlock * p + i;
      const auto n0 = hn::Load(d, at);
      const auto n1 = hn::Load(d, at + lanes);
      const auto n2 = hn::Load(d, at + 2 * lanes);
      const auto n3 = hn::Load(d, at + 3 * lanes);
      const auto first_counts = hn::LoadDup128(d, tables + kTable * p);
      a = added(d, a, first_counts, n0);
      b = added(d, b, first_counts, n1);
      c = added(d, c, first_counts, n2);
      e = added(d, e, first_counts, n3);
      const auto second_counts = hn::LoadDup128(d, second + kTable * p);
      s = added(d, s, second_counts, n0);
      t = added(d, t, second_counts, n1);
      u = added(d, u, second_counts, n2);
      v = added(d, v, second_counts, n3);
    }
    listed += list_sums(d, a, b, c, e, most, query, i, out + listed);
    of_second += list_sums(d, s, t, u, v, most, query + 1, i, second_out + of_second);
  }
  std::memmove(out + listed, second_out, of_second * sizeof *out);
  return listed + of_second;
}

template <class D>
HWY_INLINE std::size_t scan_one(D d, const std::uint8_t* HWY_RESTRICT nibbles,
                                std::size_t prefix_bytes, const std::uint8_t* tables,
                                std::size_t query, int limit, std::uint32_t* out) {
  const std::size_t lanes = hn::Lanes(d);
  const auto most = hn::Set(d, static_cast<std::uint8_t>(limit));
  std::size_t listed = 0;
  for (std::size_t i = 0; i < kPrefixBlock; i += 4 * lanes) {
    auto a = hn::Zero(d);
    auto b = a;
    auto c = a;
    auto e = a;
    for (std::size_t p = 0; p < 2 * prefix_bytes; ++p) {
      const std::uint8_t* at = nibbles + kPrefixBlock * p + i;
      const auto counts = hn::LoadDup128(d, tables + kTable * p);
      a = added(d, a, counts, hn::Load(d, at));
      b = added(d, b, counts, hn::Load(d, at + lanes));
      c = added(d, c, counts, hn::Load(d, at + 2 * lanes));
      e = added(d, e, counts, hn::Load(d, at + 3 * lanes));
    }
    listed += list_sums(d, a, b, c, e, most, query, i, out + listed);
  }
  return listed;
}

std::size_t prefix_scan(const std::uint8_t* block, std::size_t prefix_bytes,
                        const std::uint8_t* tables, std::size_t queries, int limit,
                        std::uint32_t* out) {
  const hn::CappedTag<std::uint8_t, 64> d;  // four vectors divide a block
  HWY_ALIGN std::uint8_t nibbles[2 * kMaxPrefixBytes * kPrefixBlock];
  unpack_nibbles(d, block, prefix_bytes, nibbles);
  std::size_t listed = 0;
  std::size_t q = 0;
  for (; q + 2 <= queries; q += 2) {
    listed += scan_pair(d, nibbles, prefix_bytes, tables + prefix_table_bytes(prefix_bytes) * q, q,
                        limit, out + listed);
  }
  if (q < queries) {
    listed += scan_one(d, nibbles, prefix_bytes, tables + prefix_table_bytes(prefix_bytes) * q, q,
                       limit, out + listed);
  }
  return listed;
}

#else

std::size_t prefix_scan(const std::uint8_t* block, std::size_t prefix_bytes,
                        const std::uint8_t* tables, std::size_t queries, int limit,
                        std::uint32_t* out) {
  return prefix_scan_reference(block, prefix_bytes, tables, queries, limit, out);
}

#endif

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(prefix_scan);

std::size_t prefix_scan(const std::uint8_t* block, std::size_t prefix_bytes,
                        const std::uint8_t* tables, std::size_t queries, int limit,
                        std::uint32_t* out) noexcept {
  return HWY_DYNAMIC_DISPATCH(prefix_scan)(block, prefix_bytes, tables, queries, limit, out);
}

std::size_t prefix_scan_reference(const std::uint8_t* block, std::size_t prefix_bytes,
                                  const std::uint8_t* tables, std::size_t queries, int limit,
                                  std::uint32_t* out) noexcept {
  std::size_t listed = 0;
  for (std::size_t q = 0; q < queries; ++q) {
    const std::uint8_t* table = tables + prefix_table_bytes(prefix_bytes) * q;
    for (std::size_t i = 0; i < kPrefixBlock; ++i) {
      int sum = 0;
      for (std::size_t p = 0; p < prefix_bytes; ++p) {
        const unsigned byte = block[kPrefixBlock * p + i];
        sum += table[32 * p + (byte & 15)] + table[32 * p + 16 + (byte >> 4)];
      }
      if (sum <= limit) out[listed++] = static_cast<std::uint32_t>(q << 16 | i);
    }
  }
  return listed;
}

void pack_prefix(const std::uint8_t* codes, std::size_t n, std::size_t prefix_bytes,
                 std::uint8_t* out) noexcept {
  for (std::size_t p = 0; p < prefix_bytes; ++p) {
    std::uint8_t* plane = out + kPrefixBlock * p;
    for (std::size_t i = 0; i < n; ++i) plane[i] = codes[32 * i + p];
    std::memset(plane + n, 0, kPrefixBlock - n);
  }
}

void make_prefix_tables(const std::uint8_t* query, std::size_t prefix_bytes,
                        std::uint8_t* out) noexcept {
  // Looked up: the plainest targets count bits by a call.
  static constexpr std::uint8_t kOnes[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
  for (std::size_t p = 0; p < prefix_bytes; ++p) {
    const unsigned low = query[p] & 15U;
    const unsigned high = query[p] >> 4U;
    for (unsigned value = 0; value < 16; ++value) {
      out[32 * p + value] = kOnes[value ^ low];
      out[32 * p + 16 + value] = kOnes[value ^ high];
    }
  }
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
