// SPDX-License-Identifier: Apache-2.0
// Stuffing and restart markers go; the rest stays, in order.
#include "decode/jpeg/entropy_bits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decode/jpeg/random_scan.h"

namespace semblance::decode::jpeg {
namespace {

using testing::ElementsAreArray;
using Bytes = std::vector<std::uint8_t>;

Bytes content_of(const EntropyBits& bits) {
  return {bits.bytes(), bits.bytes() + bits.intervals().back().end};
}

TEST(EntropyBitsTest, TakesStuffingOut) {
  EntropyBits bits;
  ASSERT_TRUE(bits.assign(Bytes{1, 0xFF, 0, 2, 0xFF, 0, 0xFF, 0, 0, 0xFF, 0}, 1));
  EXPECT_THAT(content_of(bits), ElementsAreArray(Bytes{1, 0xFF, 2, 0xFF, 0xFF, 0, 0xFF}));
}

TEST(EntropyBitsTest, SplitsAtRestartMarkers) {
  EntropyBits bits;
  ASSERT_TRUE(bits.assign(Bytes{1, 2, 0xFF, 0xD0, 0xFF, 0xD1, 3, 0xFF, 0, 0xFF, 0xD2, 4}, 4));
  EXPECT_THAT(content_of(bits), ElementsAreArray(Bytes{1, 2, 3, 0xFF, 4}));
  ASSERT_EQ(bits.intervals().size(), 4u);
  EXPECT_EQ(bits.intervals()[1].begin, 2u);
  EXPECT_EQ(bits.intervals()[1].end, 2u);
  EXPECT_EQ(bits.intervals()[2].end, 4u);
  EXPECT_EQ(bits.intervals()[3].begin, 4u);
}

TEST(EntropyBitsTest, RefusesRestartsOutOfTurn) {
  EntropyBits bits;
  EXPECT_FALSE(bits.assign(Bytes{1, 0xFF, 0xD1, 2}, 2));
  EXPECT_FALSE(bits.assign(Bytes{1, 0xFF, 0xD0, 2, 0xFF, 0xD0, 3}, 3));
  EXPECT_FALSE(bits.assign(Bytes{1, 0xFF, 0xD0, 2}, 1));  // too many
  EXPECT_FALSE(bits.assign(Bytes{1, 0xFF, 0xD0, 2}, 3));  // too few
  EXPECT_FALSE(bits.assign(Bytes{1, 0xFF, 0xC4, 2}, 1));
  EXPECT_FALSE(bits.assign(Bytes{1, 0xFF}, 1));
  EXPECT_FALSE(bits.assign(Bytes{1}, 0));
}

TEST(EntropyBitsTest, RestartNumbersWrapAtEight) {
  Bytes bytes;
  for (std::uint32_t i = 0; i < 20; ++i) {
    bytes.push_back(7);
    bytes.push_back(0xFF);
    bytes.push_back(static_cast<std::uint8_t>(0xD0 + i % 8));
  }
  bytes.push_back(7);
  EntropyBits bits;
  ASSERT_TRUE(bits.assign(bytes, 21));
  EXPECT_EQ(bits.intervals().back().end, 21u);
}

TEST(EntropyBitsTest, IsTheSameWhateverTheLengthAndPlace) {
  Random random(3);
  EntropyBits bits;
  for (std::uint32_t length = 0; length < 300; ++length) {
    Bytes plain, stuffed;
    for (std::uint32_t i = 0; i < length; ++i) {
      const bool full = up_to(random, 20) == 0;
      plain.push_back(full ? std::uint8_t{0xFF} : static_cast<std::uint8_t>(random()));
      stuffed.push_back(plain.back());
      if (plain.back() == 0xFF) stuffed.push_back(0);
    }
    ASSERT_TRUE(bits.assign(stuffed, 1));
    ASSERT_THAT(content_of(bits), ElementsAreArray(plain)) << length;
    for (std::size_t i = 0; i < EntropyBits::kPadding; ++i) ASSERT_EQ(bits.bytes()[length + i], 0);
  }
}

TEST(EntropyBitsTest, LoadsBitsFromAnyPlace) {
  const Bytes bytes{0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xFE, 0xDC, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(load_bits(bytes.data(), 0), 0x0123456789ABCDEFu);
  EXPECT_EQ(load_bits(bytes.data(), 4), 0x123456789ABCDEF0u);
  EXPECT_EQ(load_bits(bytes.data(), 8), 0x23456789ABCDEFFEu);
  EXPECT_EQ(load_bits(bytes.data(), 15) >> 7, 0x23456789ABCDEFFEu >> 0 << 7 >> 7);
}

}  // namespace
}  // namespace semblance::decode::jpeg
