// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "decode/encode_pictures.h"

namespace semblance::decode {
namespace {

const ByteVector kBlack = {0, 0, 0}, kRed = {255, 0, 0}, kGreen = {0, 255, 0}, kBlue = {0, 0, 255};

PictureCollector decode_whole(const ByteVector& file) {
  PictureCollector sink;
  const auto end = decode_picture(file, Format::kGif, Limits{}, sink);
  EXPECT_TRUE(end) << (end ? "" : end.error().what);
  if (end) {
    EXPECT_FALSE(end->partial) << end->detail;
  }
  return sink;
}

TEST(GifTest, PutsTheFirstFrameOnTheCanvas) {
  GifFrame frame{1, 2, 2, 1, false, -1, {1, 2}};
  const PictureCollector picture = decode_whole(encode_gif(4, 4, {frame}));
  EXPECT_EQ(picture.info.width, 4u);
  EXPECT_EQ(picture.info.height, 4u);
  EXPECT_FALSE(picture.info.animated);
  EXPECT_EQ(picture.at(1, 2), kRed);
  EXPECT_EQ(picture.at(2, 2), kGreen);
  EXPECT_EQ(picture.at(0, 0), kBlack);
  EXPECT_EQ(picture.at(3, 2), kBlack);
}

TEST(GifTest, OutsideTheFrameIsTheTransparentColour) {
  GifFrame frame{0, 0, 1, 1, false, 3, {1}};
  const PictureCollector picture = decode_whole(encode_gif(2, 1, {frame}));
  EXPECT_EQ(picture.at(0, 0), kRed);
  EXPECT_EQ(picture.at(1, 0), kBlue);
}

TEST(GifTest, ATransparentPixelKeepsItsColour) {
  GifFrame frame{0, 0, 2, 1, false, 2, {2, 1}};
  const PictureCollector picture = decode_whole(encode_gif(2, 1, {frame}));
  EXPECT_EQ(picture.at(0, 0), kGreen);
}

TEST(GifTest, AFrameThatLeavesTheScreenMakesItLarger) {
  GifFrame frame{1, 1, 3, 2, false, -1, {1, 1, 1, 2, 2, 2}};
  const PictureCollector picture = decode_whole(encode_gif(2, 2, {frame}));
  EXPECT_EQ(picture.info.width, 4u);
  EXPECT_EQ(picture.info.height, 3u);
  EXPECT_EQ(picture.at(3, 2), kGreen);
}

TEST(GifTest, PutsInterlacedRowsInOrder) {
  GifFrame frame{0, 0, 1, 19, true, -1, {}};
  for (std::uint8_t y = 0; y < 19; ++y) frame.indices.push_back(y % 4);
  const PictureCollector picture = decode_whole(encode_gif(1, 19, {frame}));
  const ByteVector* colours[] = {&kBlack, &kRed, &kGreen, &kBlue};
  for (std::uint32_t y = 0; y < 19; ++y) EXPECT_EQ(picture.at(0, y), *colours[y % 4]) << y;
}

TEST(GifTest, AnAnimationGivesItsFirstFrame) {
  GifFrame first{0, 0, 1, 1, false, -1, {1}}, second{0, 0, 1, 1, false, -1, {2}};
  const PictureCollector picture = decode_whole(encode_gif(1, 1, {first, second}));
  EXPECT_TRUE(picture.info.animated);
  EXPECT_EQ(picture.at(0, 0), kRed);
}

TEST(GifTest, NoFrameIsAnError) {
  PictureCollector sink;
  const auto end = decode_picture(encode_gif(3, 3, {}), Format::kGif, Limits{}, sink);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kDecode);
  EXPECT_EQ(end.error().what, "decode gif: no frame");
}

TEST(GifTest, KeepsThePixelsBeforeACut) {
  GifFrame frame{0, 0, 64, 64, false, -1, {}};
  std::uint32_t state = 9;
  for (int i = 0; i < 64 * 64; ++i) {
    state = state * 1664525u + 1013904223u;
    frame.indices.push_back(static_cast<std::uint8_t>(state >> 30));
  }
  const ByteVector file = encode_gif(64, 64, {frame});
  const PictureCollector whole = decode_whole(file);
  PictureCollector sink;
  const auto end =
      decode_picture(std::span(file).first(file.size() * 2 / 3), Format::kGif, Limits{}, sink);
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_TRUE(end->partial);
  EXPECT_EQ(end->code, Errc::kTruncated);
  ASSERT_EQ(sink.row_count, 64u);
  EXPECT_TRUE(
      std::equal(whole.pixels.begin(), whole.pixels.begin() + 64 * 3 * 32, sink.pixels.begin()));
}

}  // namespace
}  // namespace semblance::decode
