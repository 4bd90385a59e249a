// SPDX-License-Identifier: Apache-2.0
#include "hamming/hamming.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

// Runs the bodies once per target that this CPU has, with that target forced.
class HammingScanTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(HammingScanTest);

TEST_P(HammingScanTest, AgreesWithTheReferenceOnUnalignedRandomCodes) {
  std::mt19937_64 rng(20260611);
  for (const std::size_t n : {0U, 1U, 3U, 4U, 5U, 7U, 8U, 9U, 31U, 1000U}) {
    std::vector<std::uint8_t> bytes(1 + 32 * (n + 1));  // offset 1: every load unaligned
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng());
    const std::uint8_t* query = bytes.data() + 1;
    std::vector<std::uint16_t> expected(n);
    std::vector<std::uint16_t> actual(n + 1, 0xbeef);
    hamming_scan_reference(query, query + 32, n, expected.data());
    hamming_scan(query, query + 32, n, actual.data());
    EXPECT_EQ(actual.back(), 0xbeef) << "wrote past out[n)";
    actual.pop_back();
    EXPECT_EQ(actual, expected) << "n = " << n;
  }
}

TEST_P(HammingScanTest, HoldsTheExtremesSideBySide) {
  // 256 beside 0 in one reduction: a carry between its fields would show.
  const std::vector<std::uint8_t> query(32, 0);
  std::vector<std::uint8_t> codes(8 * 32, 0);
  for (const std::size_t full : {0U, 2U, 5U, 7U}) {
    for (std::size_t at = 0; at < 32; ++at) codes[32 * full + at] = 0xff;
  }
  std::vector<std::uint16_t> distances(8);
  hamming_scan(query.data(), codes.data(), 8, distances.data());
  EXPECT_EQ(distances, (std::vector<std::uint16_t>{256, 0, 256, 0, 0, 256, 0, 256}));
}

TEST_P(HammingScanTest, GathersTheCodesThatAreNamed) {
  std::mt19937_64 rng(20260614);
  constexpr std::size_t kCodes = 300;
  std::vector<std::uint8_t> bytes(1 + 32 * (kCodes + 1));  // offset 1: every load unaligned
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng());
  const std::uint8_t* query = bytes.data() + 1;
  const std::uint8_t* codes = query + 32;
  std::vector<std::uint16_t> all(kCodes);
  hamming_scan_reference(query, codes, kCodes, all.data());
  for (const std::size_t n : {0U, 1U, 2U, 3U, 4U, 5U, 7U, 8U, 9U, 95U, 96U, 1000U}) {
    std::vector<std::uint32_t> rows(n);  // in any order, some twice
    for (auto& row : rows) row = static_cast<std::uint32_t>(rng() % kCodes);
    if (n > 1) rows[n - 1] = kCodes - 1;
    std::vector<std::uint16_t> expected;
    for (const auto row : rows) expected.push_back(all[row]);
    std::vector<std::uint16_t> actual(n + 1, 0xbeef);
    hamming_gather(query, codes, rows.data(), n, actual.data());
    EXPECT_EQ(actual.back(), 0xbeef) << "wrote past out[n)";
    actual.pop_back();
    EXPECT_EQ(actual, expected) << "n = " << n;
  }
}

TEST_P(HammingScanTest, GathersTheExtremes) {
  const std::vector<std::uint8_t> query(32, 0);
  std::vector<std::uint8_t> codes(2 * 32, 0);
  std::fill(codes.begin() + 32, codes.end(), 0xff);
  const std::vector<std::uint32_t> rows{1, 0, 1, 1, 0};
  std::vector<std::uint16_t> distances(rows.size());
  hamming_gather(query.data(), codes.data(), rows.data(), rows.size(), distances.data());
  EXPECT_EQ(distances, (std::vector<std::uint16_t>{256, 0, 256, 256, 0}));
}

}  // namespace
}  // namespace semblance::kernels
