// SPDX-License-Identifier: Apache-2.0
// Whole kernels of the GPU's range scan, run block by block on the host, against the plain loop.
#include "hamming/device_body.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "hamming/hamming.h"
#include "kernels/device_emulation.h"

namespace semblance::kernels::device {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes random_codes(std::size_t n, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  Bytes bytes(32 * n);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng());
  return bytes;
}

// Makes code `row` a copy of query `query` with its first `bits` bits flipped.
void plant(Bytes& codes, std::size_t row, const Bytes& queries, std::size_t query, int bits) {
  std::copy_n(queries.begin() + static_cast<std::ptrdiff_t>(32 * query), 32,
              codes.begin() + static_cast<std::ptrdiff_t>(32 * row));
  for (int bit = 0; bit < bits; ++bit) {
    codes[32 * row + static_cast<std::size_t>(bit / 8)] ^=
        static_cast<std::uint8_t>(1 << (bit % 8));
  }
}

std::vector<std::uint64_t> expected_keys(const Bytes& codes, const Bytes& queries,
                                         std::uint32_t first_row, std::uint32_t end_row,
                                         int max_distance) {
  std::vector<std::uint64_t> keys;
  std::vector<std::uint16_t> distances(codes.size() / 32);
  for (std::uint32_t q = 0; q < queries.size() / 32; ++q) {
    hamming_scan_reference(queries.data() + 32 * q, codes.data(), distances.size(),
                           distances.data());
    for (std::uint32_t row = first_row; row < end_row; ++row) {
      if (distances[row] <= max_distance) keys.push_back(hit_key(q, distances[row], row));
    }
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

class DeviceBodyTest : public ::testing::TestWithParam<DeviceMethod> {
 protected:
  static Planes planes(const Bytes& bytes) { return Planes::of(bytes.data(), bytes.size() / 32); }

  // Runs a launch with room for everything, and compares.
  static void expect_hits(const Bytes& codes, const Bytes& queries, std::uint32_t first_row,
                          std::uint32_t end_row, int max_distance, unsigned blocks) {
    const auto expected = expected_keys(codes, queries, first_row, end_row, max_distance);
    Launched launched = launch(GetParam(), planes(codes), planes(queries), first_row, end_row,
                               max_distance, expected.size() + 3, blocks);
    ASSERT_EQ(launched.count, expected.size());
    std::sort(launched.keys.begin(), launched.keys.end());
    ASSERT_EQ(launched.keys, expected);
  }
};

std::string method_name(const ::testing::TestParamInfo<DeviceMethod>& info) {
  switch (info.param) {
    case DeviceMethod::kPopcount:
      return "Popcount";
    case DeviceMethod::kInt8:
      return "Int8";
    case DeviceMethod::kBinary:
      return "Binary";
  }
  return "Unknown";
}

INSTANTIATE_TEST_SUITE_P(Methods, DeviceBodyTest,
                         ::testing::Values(DeviceMethod::kPopcount, DeviceMethod::kInt8,
                                           DeviceMethod::kBinary),
                         method_name);

TEST_P(DeviceBodyTest, SizesThatStraddleTilesWarpsAndBlocks) {
  for (const std::uint32_t n : {1U, 7U, 8U, 31U, 33U, 255U, 256U, 257U, 1023U, 1025U, 2100U}) {
    Bytes codes = random_codes(n, n);
    const Bytes queries = random_codes(17, 99);
    plant(codes, 0, queries, 16, 31);
    plant(codes, n - 1, queries, 3, 30);
    expect_hits(codes, queries, 0, n, 31, 2);
    expect_hits(codes, queries, 0, n, 115, 2);
  }
}

TEST_P(DeviceBodyTest, QueriesThatStraddleTilesAndBatches) {
  const std::uint32_t n = 300;
  for (const std::size_t count : {1U, 15U, 16U, 17U, 70U, 127U, 128U, 129U, 257U}) {
    Bytes codes = random_codes(n, count);
    const Bytes queries = random_codes(count, 1000 + count);
    plant(codes, 299, queries, count - 1, 0);
    plant(codes, 150, queries, count / 2, 31);
    expect_hits(codes, queries, 0, n, 31, 1);
    expect_hits(codes, queries, 0, n, 110, 3);
  }
}

TEST_P(DeviceBodyTest, EveryDistanceAtEveryRadiusThatMatters) {
  const Bytes queries = random_codes(2, 5);
  Bytes codes = random_codes(2 * 257, 6);
  for (int bits = 0; bits <= 256; ++bits) {
    plant(codes, static_cast<std::size_t>(bits), queries, 0, bits);
    plant(codes, static_cast<std::size_t>(513 - bits), queries, 1, bits);
  }
  for (const int max_distance : {0, 1, 2, 30, 31, 32, 63, 64, 95, 96, 128, 254, 255, 256}) {
    expect_hits(codes, queries, 0, 514, max_distance, 2);
  }
}

TEST_P(DeviceBodyTest, TheExtremesSideBySide) {
  Bytes codes(32 * 40, 0);
  for (const std::size_t full : {0U, 3U, 8U, 31U, 39U}) {
    std::fill_n(codes.begin() + static_cast<std::ptrdiff_t>(32 * full), 32, std::uint8_t{0xff});
  }
  Bytes queries(32 * 2, 0);
  std::fill_n(queries.begin(), 32, std::uint8_t{0xff});
  for (const int max_distance : {0, 255, 256}) expect_hits(codes, queries, 0, 40, max_distance, 1);
}

TEST_P(DeviceBodyTest, APartOfTheRows) {
  const Bytes codes = random_codes(700, 7);
  const Bytes queries = random_codes(5, 8);
  for (const auto& [first, end] : {std::pair{0U, 1U}, {1U, 700U}, {255U, 257U}, {699U, 700U}}) {
    expect_hits(codes, queries, first, end, 256, 2);
  }
}

TEST_P(DeviceBodyTest, HitsWithoutRoomAreCountedAndNothingIsWrittenBehindTheRoom) {
  const Bytes codes = random_codes(300, 9);
  const Bytes queries = random_codes(20, 10);
  for (const std::size_t capacity : {0U, 1U, 5'999U, 6'000U}) {
    const Launched launched =
        launch(GetParam(), planes(codes), planes(queries), 0, 300, 256, capacity, 2);
    EXPECT_EQ(launched.count, 6'000U);
    EXPECT_EQ(launched.keys.size(), capacity);
  }
}

TEST_P(DeviceBodyTest, EqualCodesAreHitsEach) {
  const Bytes queries = random_codes(1, 11);
  Bytes codes;
  for (int i = 0; i < 130; ++i) codes.insert(codes.end(), queries.begin(), queries.end());
  expect_hits(codes, queries, 0, 130, 0, 4);
}

}  // namespace
}  // namespace semblance::kernels::device
