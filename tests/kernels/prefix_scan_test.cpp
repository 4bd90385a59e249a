// SPDX-License-Identifier: Apache-2.0
#include "hamming/prefix_scan.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

constexpr std::uint32_t kCanary = 0xdeadbeef;

std::vector<std::uint8_t> random_bytes(std::mt19937_64& rng, std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng());
  return bytes;
}

// A block of codes and some queries, laid out as a scan wants them, one byte off any alignment.
struct Scene {
  std::size_t prefix_bytes = 0;
  std::size_t queries = 0;
  std::vector<std::uint8_t> planes;
  std::vector<std::uint8_t> tables;

  const std::uint8_t* block() const { return planes.data() + 1; }
};

Scene scene_of(const std::vector<std::uint8_t>& codes, const std::vector<std::uint8_t>& queries,
               std::size_t prefix_bytes) {
  Scene scene{prefix_bytes, queries.size() / 32, {}, {}};
  scene.planes.resize(1 + prefix_bytes * kPrefixBlock);
  pack_prefix(codes.data(), codes.size() / 32, prefix_bytes, scene.planes.data() + 1);
  const std::size_t each = prefix_table_bytes(prefix_bytes);
  scene.tables.resize(each * scene.queries);
  for (std::size_t q = 0; q < scene.queries; ++q) {
    make_prefix_tables(&queries[32 * q], prefix_bytes, &scene.tables[each * q]);
  }
  return scene;
}

using Scan = decltype(&prefix_scan);

// What a scan lists; the room that the header asks for is given to the value, and a canary.
std::vector<std::uint32_t> listed(Scan scan, const Scene& scene, int limit) {
  std::vector<std::uint32_t> out(scene.queries * kPrefixBlock + 1, kCanary);
  const std::size_t count = scan(scene.block(), scene.prefix_bytes, scene.tables.data(),
                                 scene.queries, limit, out.data());
  EXPECT_EQ(out.back(), kCanary) << "wrote past the room for every pair";
  EXPECT_LT(count, out.size());
  out.resize(std::min(count, out.size() - 1));
  return out;
}

// The pairs by the definition, from the codes themselves.
std::vector<std::uint32_t> expected(const std::vector<std::uint8_t>& codes,
                                    const std::vector<std::uint8_t>& queries,
                                    std::size_t prefix_bytes, int limit) {
  std::vector<std::uint32_t> pairs;
  for (std::size_t q = 0; q < queries.size() / 32; ++q) {
    for (std::size_t i = 0; i < kPrefixBlock; ++i) {
      int distance = 0;
      for (std::size_t p = 0; p < prefix_bytes; ++p) {
        const unsigned byte = i < codes.size() / 32 ? codes[32 * i + p] : 0;
        distance += std::popcount(byte ^ queries[32 * q + p]);
      }
      if (distance <= limit) pairs.push_back(static_cast<std::uint32_t>(q << 16 | i));
    }
  }
  return pairs;
}

// Runs the bodies once per target that this CPU has, with that target forced.
class PrefixScanTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(PrefixScanTest);

TEST_P(PrefixScanTest, ListsThePairsWithinTheLimit) {
  std::mt19937_64 rng(20260612);
  for (const std::size_t prefix_bytes : {1U, 2U, 7U, 12U, 16U, 31U, 32U}) {
    for (const std::size_t queries : {0U, 1U, 2U, 3U, 5U, 8U}) {
      auto codes = random_bytes(rng, 32 * kPrefixBlock);
      const auto asked = random_bytes(rng, 32 * queries);
      // Near codes at both ends of the block and at every seam of a vector.
      for (const std::size_t i : {0U, 15U, 16U, 31U, 63U, 64U, 127U, 255U, 256U, 510U, 511U}) {
        if (queries == 0) break;
        std::memcpy(&codes[32 * i], &asked[32 * (i % queries)], 32);
        for (std::size_t turned = 0; turned < i % 9; ++turned) {
          codes[32 * i + rng() % prefix_bytes] ^= static_cast<std::uint8_t>(1U << rng() % 8);
        }
      }
      const Scene scene = scene_of(codes, asked, prefix_bytes);
      const int bits = static_cast<int>(8 * prefix_bytes);
      for (const int limit : {0, 1, 3, 5, bits / 2 - 1, bits / 2, bits - 1, 127, 128, 254}) {
        const auto right = expected(codes, asked, prefix_bytes, std::min(limit, 254));
        EXPECT_EQ(listed(prefix_scan, scene, limit), right)
            << prefix_bytes << " bytes, " << queries << " queries, limit " << limit;
        EXPECT_EQ(listed(prefix_scan_reference, scene, limit), right);
      }
    }
  }
}

TEST_P(PrefixScanTest, HoldsEveryLimit) {
  // Code i differs from the query in its first i / 2 bits, so that each limit parts the block.
  std::vector<std::uint8_t> codes(32 * kPrefixBlock, 0);
  for (std::size_t i = 0; i < kPrefixBlock; ++i) {
    for (std::size_t bit = 0; bit < i / 2; ++bit) {
      codes[32 * i + bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
  }
  const std::vector<std::uint8_t> queries(32 * 3, 0);
  const Scene scene = scene_of(codes, queries, kMaxPrefixBytes);
  for (int limit = 0; limit <= 254; ++limit) {
    const auto pairs = listed(prefix_scan, scene, limit);
    ASSERT_EQ(pairs.size(), 3 * 2 * static_cast<std::size_t>(limit + 1)) << "limit " << limit;
    ASSERT_EQ(pairs, expected(codes, queries, kMaxPrefixBytes, limit)) << "limit " << limit;
  }
}

TEST_P(PrefixScanTest, SumsDoNotWrap) {
  // All 256 bits differ: a sum that wrapped would be 0, and one that stopped at 254 would pass.
  std::vector<std::uint8_t> codes(32 * kPrefixBlock, 0xff);
  const std::vector<std::uint8_t> queries(32 * 3, 0);
  EXPECT_TRUE(listed(prefix_scan, scene_of(codes, queries, 32), 254).empty());
  for (std::size_t i = 0; i < kPrefixBlock; ++i) codes[32 * i + 9] = 0xfe;  // 255
  EXPECT_TRUE(listed(prefix_scan, scene_of(codes, queries, 32), 254).empty());
  for (std::size_t i = 0; i < kPrefixBlock; ++i) codes[32 * i + 9] = 0xfc;  // 254
  EXPECT_EQ(listed(prefix_scan, scene_of(codes, queries, 32), 254).size(), 3 * kPrefixBlock);
}

TEST_P(PrefixScanTest, EveryPairOrNone) {
  std::mt19937_64 rng(7);
  const auto codes = random_bytes(rng, 32 * kPrefixBlock);
  for (const std::size_t queries : {1U, 2U, 63U, 64U}) {
    const auto asked = random_bytes(rng, 32 * queries);
    const Scene scene = scene_of(codes, asked, 12);
    const auto all = listed(prefix_scan, scene, 96);
    ASSERT_EQ(all.size(), queries * kPrefixBlock);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
    EXPECT_TRUE(listed(prefix_scan, scene, 0).empty());
  }
}

TEST(PackPrefixTest, PlacesBeyondTheCodesAreZero) {
  std::mt19937_64 rng(8);
  for (const std::size_t n : {0U, 1U, 31U, 32U, 33U, 511U, 512U}) {
    const auto codes = random_bytes(rng, 32 * n);
    std::vector<std::uint8_t> planes(5 * kPrefixBlock + 1, 0xaa);
    pack_prefix(codes.data(), n, 5, planes.data());
    EXPECT_EQ(planes.back(), 0xaa) << "wrote past the planes";
    for (std::size_t p = 0; p < 5; ++p) {
      for (std::size_t i = 0; i < kPrefixBlock; ++i) {
        ASSERT_EQ(planes[p * kPrefixBlock + i], i < n ? codes[32 * i + p] : 0);
      }
    }
  }
}

}  // namespace
}  // namespace semblance::kernels
