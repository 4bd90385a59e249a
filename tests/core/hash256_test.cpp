// SPDX-License-Identifier: Apache-2.0
#include "semblance/hash256.h"

#include <gtest/gtest.h>

#include <cctype>
#include <random>
#include <string>

namespace semblance {
namespace {

constexpr std::string_view kText =
    "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";

TEST(Hash256Test, TheFirstByteIsTheFirstTwoDigits) {
  auto hash = parse_hash256(kText);
  ASSERT_TRUE(hash);
  EXPECT_EQ(hash->bytes[0], 0xf8);
  EXPECT_EQ(hash->bytes[2], 0xf0);
  EXPECT_EQ(hash->bytes[31], 0x22);
  EXPECT_EQ(to_hex(*hash), kText);
}

TEST(Hash256Test, EitherCaseIsReadAndLowerCaseIsWritten) {
  std::string upper(kText);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  auto hash = parse_hash256(upper);
  ASSERT_TRUE(hash);
  EXPECT_EQ(to_hex(*hash), kText);
}

TEST(Hash256Test, AnyOtherTextIsRefused) {
  const std::string text(kText);
  for (const std::string& bad :
       {std::string(), text.substr(1), text + "0", " " + text.substr(1), "0x" + text.substr(2),
        text.substr(0, 63) + "g", text + "\n", std::string(64, '\0')}) {
    auto hash = parse_hash256(bad);
    ASSERT_FALSE(hash) << bad;
    EXPECT_EQ(hash.error().code, Errc::kBadHash);
  }
}

TEST(Hash256Test, RoundTripsRandomValues) {
  std::mt19937_64 rng(20260611);
  for (int i = 0; i < 100; ++i) {
    Hash256 hash;
    for (auto& byte : hash.bytes) byte = static_cast<std::uint8_t>(rng());
    auto again = parse_hash256(to_hex(hash));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, hash);
  }
}

TEST(HammingDistanceTest, CountsTheDifferingBits) {
  const Hash256 zero;
  Hash256 ones;
  ones.bytes.fill(0xff);
  EXPECT_EQ(hamming_distance(zero, zero), 0);
  EXPECT_EQ(hamming_distance(zero, ones), 256);
  for (std::size_t bit = 0; bit < 256; ++bit) {  // every bit counts, once
    Hash256 one = zero;
    one.bytes[bit / 8] = static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_EQ(hamming_distance(zero, one), 1);
    EXPECT_EQ(hamming_distance(one, ones), 255);
  }
}

TEST(HammingDistanceTest, IsTheNumberOfBitsFlipped) {
  auto hash = parse_hash256(kText);
  ASSERT_TRUE(hash);
  Hash256 other = *hash;
  for (int flips = 1; flips <= 256; ++flips) {
    const auto bit = static_cast<std::size_t>((flips - 1) * 37 % 256);  // 37 visits every bit
    other.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    ASSERT_EQ(hamming_distance(*hash, other), flips);
    ASSERT_EQ(hamming_distance(other, *hash), flips);
  }
}

}  // namespace
}  // namespace semblance
