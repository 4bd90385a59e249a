// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "decode/encode_pictures.h"

namespace semblance::decode {
namespace {

class HeifTest : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(HeicAndAvif, HeifTest, testing::Bool(),
                         [](const auto& p) { return p.param ? "avif" : "heic"; });

TEST_P(HeifTest, GivesThePrimaryPicture) {
  const TestPicture picture = gradient_picture(64, 64, 3);
  const auto file = encode_heif(picture, GetParam());
  if (!file) GTEST_SKIP() << "libheif has no encoder for this format";
  EXPECT_EQ(sniff(*file), GetParam() ? Format::kAvif : Format::kHeic);
  PictureCollector sink;
  const auto end = decode_sniffed(*file, sink);
  ASSERT_TRUE(end) << end.error().what;
  ASSERT_TRUE(is_whole_or_nothing(end, sink));
  EXPECT_EQ(sink.info.width, 64u);
  EXPECT_EQ(sink.info.channels, 3);
  EXPECT_FALSE(sink.info.animated);
  EXPECT_EQ(sink.info.decoder.find("libheif "), 0u);
  // Lossy, with halved chroma, and the gradient wraps: near on average.
  double difference = 0;
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
    difference += std::abs(sink.pixels[i] - picture.pixels[i]);
  }
  EXPECT_LT(difference / static_cast<double>(picture.pixels.size()), 12.0);
}

TEST_P(HeifTest, ACutFileIsAnErrorWithoutRows) {
  const auto file = encode_heif(gradient_picture(64, 64, 3), GetParam());
  if (!file) GTEST_SKIP() << "libheif has no encoder for this format";
  for (std::size_t size = 16; size < file->size(); size += 97) {
    PictureCollector sink;
    const auto end = decode_picture(std::span(*file).first(size),
                                    GetParam() ? Format::kAvif : Format::kHeic, Limits{}, sink);
    EXPECT_TRUE(is_whole_or_nothing(end, sink)) << size;
  }
}

TEST_P(HeifTest, APictureOverTheLimitIsNotDecoded) {
  const auto file = encode_heif(gradient_picture(64, 64, 3), GetParam());
  if (!file) GTEST_SKIP() << "libheif has no encoder for this format";
  Limits limits;
  limits.max_pixels = 64 * 64 - 1;
  PictureCollector sink;
  const auto end = decode_sniffed(*file, sink, limits);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kLimit);
}

/// The file with other sides stated for its picture than were coded.
ByteVector with_stated_sides(ByteVector file, std::uint32_t side) {
  const std::string_view box = "ispe";
  const auto at = std::search(file.begin(), file.end(), box.begin(), box.end());
  for (const int field : {8, 12}) {  // behind the name, version and flags
    for (int i = 0; i < 4; ++i) at[field + i] = static_cast<std::uint8_t>(side >> (24 - 8 * i));
  }
  return file;
}

TEST_P(HeifTest, NeitherTheStatedNorTheCodedSidesMayPassTheLimits) {
  const auto file = encode_heif(gradient_picture(64, 64, 3), GetParam());
  if (!file) GTEST_SKIP() << "libheif has no encoder for this format";
  Limits limits;
  limits.max_pixels = 1000;
  for (const std::uint32_t side : {8u, 20'000u, kMaxSide + 1, 0x7FFFFFFFu}) {
    PictureCollector sink;
    const auto end = decode_sniffed(with_stated_sides(*file, side), sink, limits);
    ASSERT_FALSE(end) << side;
    EXPECT_EQ(end.error().code, Errc::kLimit) << side << ": " << end.error().what;
    EXPECT_EQ(sink.begun, 0);
  }
}

TEST_P(HeifTest, MoreMemoryThanAllowedIsOverTheLimit) {
  const auto file = encode_heif(gradient_picture(64, 64, 3), GetParam());
  if (!file) GTEST_SKIP() << "libheif has no encoder for this format";
  Limits limits;
  limits.max_picture_bytes = 64 * 64 * 9 - 1;  // three planes twice, and the picture
  PictureCollector sink;
  const auto end = decode_sniffed(*file, sink, limits);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kLimit);
  ++limits.max_picture_bytes;
  EXPECT_TRUE(decode_sniffed(*file, sink, limits));
}

}  // namespace
}  // namespace semblance::decode
