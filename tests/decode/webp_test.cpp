// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "decode/encode_pictures.h"

namespace semblance::decode {
namespace {

void append_le(ByteVector& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void append_chunk(ByteVector& out, const char* type, const ByteVector& payload) {
  out.insert(out.end(), type, type + 4);
  append_le(out, static_cast<std::uint32_t>(payload.size()), 4);
  out.insert(out.end(), payload.begin(), payload.end());
  if (payload.size() % 2 != 0) out.push_back(0);
}

/// A file in the extended format: VP8X with these flags, then `chunks`.
ByteVector extended(std::uint8_t flags, std::uint32_t width, std::uint32_t height,
                    const ByteVector& chunks) {
  ByteVector header = {flags, 0, 0, 0};
  append_le(header, width - 1, 3);
  append_le(header, height - 1, 3);
  ByteVector body = {'W', 'E', 'B', 'P'};
  append_chunk(body, "VP8X", header);
  body.insert(body.end(), chunks.begin(), chunks.end());
  ByteVector file = {'R', 'I', 'F', 'F'};
  append_le(file, static_cast<std::uint32_t>(body.size()), 4);
  file.insert(file.end(), body.begin(), body.end());
  return file;
}

/// The VP8L chunk of a simple file.
ByteVector image_chunk(const TestPicture& picture) {
  const ByteVector file = encode_webp(picture);
  return {file.begin() + 12, file.end()};
}

ByteVector animation_frame(std::uint32_t left, std::uint32_t top, const TestPicture& picture) {
  ByteVector payload;
  append_le(payload, left / 2, 3);
  append_le(payload, top / 2, 3);
  append_le(payload, picture.width - 1, 3);
  append_le(payload, picture.height - 1, 3);
  append_le(payload, 100, 3);
  payload.push_back(0);
  const ByteVector image = image_chunk(picture);
  payload.insert(payload.end(), image.begin(), image.end());
  ByteVector chunk;
  append_chunk(chunk, "ANMF", payload);
  return chunk;
}

TEST(WebpTest, LosslessPixelsAreExact) {
  const TestPicture picture = gradient_picture(37, 23, 3);
  PictureCollector sink;
  const auto end = decode_picture(encode_webp(picture), Format::kWebp, Limits{}, sink);
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_FALSE(end->partial);
  EXPECT_EQ(sink.pixels, picture.pixels);
}

TEST(WebpTest, DropsAlphaAndKeepsHiddenColour) {
  TestPicture picture = gradient_picture(12, 8, 4);
  for (std::size_t i = 3; i < picture.pixels.size(); i += 4)
    picture.pixels[i] = i % 3 == 0 ? 0 : 90;
  PictureCollector sink;
  ASSERT_TRUE(decode_picture(encode_webp(picture), Format::kWebp, Limits{}, sink));
  ByteVector expected;
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
    if (i % 4 != 3) expected.push_back(picture.pixels[i]);
  }
  EXPECT_EQ(sink.pixels, expected);
}

/// Where the chunk of that name is.
std::size_t find_chunk(const ByteVector& file, const char* type) {
  std::size_t at = 12;
  while (at + 8 <= file.size() &&
         !std::equal(type, type + 4, file.begin() + static_cast<std::ptrdiff_t>(at))) {
    const std::size_t size = file[at + 4] + file[at + 5] * 256U + file[at + 6] * 65536U;
    at += 8 + size + size % 2;
  }
  return at;
}

TEST(WebpTest, AlphaIsNotDecodedSoDamageInItIsNone) {
  ByteVector file = encode_webp(gradient_picture(64, 48, 4), false);
  PictureCollector whole;
  ASSERT_TRUE(decode_picture(file, Format::kWebp, Limits{}, whole));
  const std::size_t alpha = find_chunk(file, "ALPH"), picture = find_chunk(file, "VP8 ");
  ASSERT_LT(alpha, picture);
  ASSERT_LT(picture, file.size());
  for (std::size_t i = alpha + 8; i < picture; ++i) file[i] ^= 0x5A;
  PictureCollector sink;
  const auto end = decode_picture(file, Format::kWebp, Limits{}, sink);
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_FALSE(end->partial) << end->detail;
  EXPECT_EQ(sink.pixels, whole.pixels);
}

TEST(WebpTest, AnAnimationGivesItsFirstFrameOnItsCanvas) {
  const TestPicture small = gradient_picture(4, 3, 3);
  ByteVector control;
  append_chunk(control, "ANIM", {1, 2, 3, 4, 0, 0});
  for (int i = 0; i < 2; ++i) {
    const ByteVector frame = animation_frame(2, 4, small);
    control.insert(control.end(), frame.begin(), frame.end());
  }
  PictureCollector sink;
  const auto end = decode_picture(extended(0x02, 10, 9, control), Format::kWebp, Limits{}, sink);
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_TRUE(sink.info.animated);
  EXPECT_EQ(sink.info.width, 10u);
  EXPECT_EQ(sink.info.height, 9u);
  EXPECT_EQ(sink.at(0, 0), (ByteVector{0, 0, 0}));
  EXPECT_EQ(sink.at(2, 4), (ByteVector{small.pixels[0], small.pixels[1], small.pixels[2]}));
  EXPECT_EQ(sink.at(6, 4), (ByteVector{0, 0, 0}));
}

TEST(WebpTest, ReportsOrientation) {
  const TestPicture picture = gradient_picture(6, 5, 3);
  ByteVector chunks = image_chunk(picture);
  append_chunk(chunks, "EXIF", {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3,
                                0,   1,   0,  0, 0, 3, 0, 0, 0, 0, 0,    0, 0});
  PictureCollector sink;
  ASSERT_TRUE(decode_picture(extended(0x08, 6, 5, chunks), Format::kWebp, Limits{}, sink));
  EXPECT_EQ(sink.info.orientation, 3);
  EXPECT_EQ(sink.pixels, picture.pixels);
}

}  // namespace
}  // namespace semblance::decode
