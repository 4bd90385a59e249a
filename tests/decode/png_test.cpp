// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "decode/encode_pictures.h"

namespace semblance::decode {
namespace {

constexpr std::uint8_t kGray = 0, kPalette = 3, kGrayAlpha = 4, kRgbAlpha = 6;

PictureCollector decode_whole(const ByteVector& file) {
  PictureCollector sink;
  const auto end = decode_picture(file, Format::kPng, Limits{}, sink);
  EXPECT_TRUE(end) << (end ? "" : end.error().what);
  if (end) {
    EXPECT_FALSE(end->partial) << end->detail;
  }
  return sink;
}

ByteVector packed_row_samples(std::uint32_t width, std::uint32_t height, unsigned bits,
                              ByteVector& values) {
  const std::size_t stride = (width * bits + 7) / 8;
  ByteVector packed(stride * height);
  values.clear();
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const auto value = static_cast<std::uint8_t>((x + 2 * y) % (1u << bits));
      values.push_back(value);
      packed[y * stride + x * bits / 8] |=
          static_cast<std::uint8_t>(value << (8 - bits - x * bits % 8));
    }
  }
  return packed;
}

TEST(PngTest, ScalesGrayBelowEightBitsToTheFullRange) {
  for (const bool interlaced : {false, true}) {
    for (const unsigned bits : {1u, 2u, 4u, 8u}) {
      ByteVector values;
      const ByteVector packed = packed_row_samples(13, 11, bits, values);
      PngOptions options;
      options.color_type = kGray;
      options.bit_depth = static_cast<std::uint8_t>(bits);
      options.interlaced = interlaced;
      const PictureCollector picture = decode_whole(encode_png(13, 11, packed, options));
      EXPECT_EQ(picture.info.channels, 1);
      ByteVector expected;
      for (const std::uint8_t v : values) {
        expected.push_back(static_cast<std::uint8_t>(v * 255 / ((1 << bits) - 1)));
      }
      EXPECT_EQ(picture.pixels, expected) << bits << " bits, interlaced " << interlaced;
    }
  }
}

TEST(PngTest, ExpandsPalettesOfEveryDepth) {
  for (const bool interlaced : {false, true}) {
    for (const unsigned bits : {1u, 2u, 4u, 8u}) {
      ByteVector values;
      const ByteVector packed = packed_row_samples(19, 9, bits, values);
      PngOptions options;
      options.color_type = kPalette;
      options.bit_depth = static_cast<std::uint8_t>(bits);
      options.interlaced = interlaced;
      for (unsigned i = 0; i < 1u << bits; ++i) {
        options.palette.push_back({static_cast<std::uint8_t>(255 - i), static_cast<std::uint8_t>(i),
                                   static_cast<std::uint8_t>(i / 2)});
      }
      const PictureCollector picture = decode_whole(encode_png(19, 9, packed, options));
      EXPECT_EQ(picture.info.channels, 3);
      ByteVector expected;
      for (const std::uint8_t v : values) {
        expected.insert(expected.end(), options.palette[v].begin(), options.palette[v].end());
      }
      EXPECT_EQ(picture.pixels, expected) << bits << " bits, interlaced " << interlaced;
    }
  }
}

TEST(PngTest, RoundsSixteenBitsToNearest) {
  std::vector<std::uint16_t> samples;
  ByteVector expected;
  for (std::uint32_t v = 0; v < 65536; v += 16) {
    samples.push_back(static_cast<std::uint16_t>(v + v % 251 % 16));
    expected.push_back(static_cast<std::uint8_t>(std::lround(samples.back() * 255.0 / 65535.0)));
  }
  ByteVector bytes(samples.size() * 2);
  std::memcpy(bytes.data(), samples.data(), bytes.size());
  PngOptions options;
  options.color_type = kGray;
  options.bit_depth = 16;
  EXPECT_EQ(decode_whole(encode_png(64, 64, bytes, options)).pixels, expected);
}

TEST(PngTest, DropsAlphaAndKeepsHiddenColour) {
  const TestPicture picture = gradient_picture(10, 6, 3);
  ByteVector with_alpha;
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
    with_alpha.insert(with_alpha.end(),
                      {picture.pixels[i], picture.pixels[i + 1], picture.pixels[i + 2],
                       static_cast<std::uint8_t>(i % 2 == 0 ? 0 : 128)});
  }
  PngOptions options;
  options.color_type = kRgbAlpha;
  EXPECT_EQ(decode_whole(encode_png(10, 6, with_alpha, options)).pixels, picture.pixels);
}

TEST(PngTest, DropsAlphaOfGray) {
  PngOptions options;
  options.color_type = kGrayAlpha;
  const PictureCollector picture = decode_whole(encode_png(2, 1, {10, 0, 200, 255}, options));
  EXPECT_EQ(picture.info.channels, 1);
  EXPECT_EQ(picture.pixels, (ByteVector{10, 200}));
}

TEST(PngTest, ReportsOrientation) {
  PngOptions options;
  options.exif = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0,
                  3,   0,   0, 0,  1, 0, 6, 0, 0, 0, 0, 0,    0};
  const TestPicture picture = gradient_picture(7, 5, 3);
  const PictureCollector decoded = decode_whole(encode_png(7, 5, picture.pixels, options));
  EXPECT_EQ(decoded.info.orientation, 6);
  EXPECT_EQ(decoded.pixels, picture.pixels) << "orientation must never be applied";
}

TEST(PngTest, KeepsTheRowsBeforeACut) {
  TestPicture picture{100, 100, 3, {}};
  std::uint32_t state = 1;  // noise, which does not compress
  for (int i = 0; i < 30000; ++i) {
    state = state * 1664525u + 1013904223u;
    picture.pixels.push_back(static_cast<std::uint8_t>(state >> 24));
  }
  const ByteVector file = encode_png(100, 100, picture.pixels, {});
  PictureCollector sink;
  const auto end =
      decode_picture(std::span(file).first(file.size() / 2), Format::kPng, Limits{}, sink);
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_TRUE(end->partial);
  EXPECT_EQ(end->code, Errc::kTruncated);
  ASSERT_EQ(sink.pixels.size(), picture.pixels.size());
  EXPECT_TRUE(
      std::equal(picture.pixels.begin(), picture.pixels.begin() + 300 * 20, sink.pixels.begin()));
  EXPECT_EQ(sink.at(99, 99), (ByteVector{0, 0, 0}));
}

TEST(PngTest, NeverLooksIntoAncillaryChunks) {
  const TestPicture picture = gradient_picture(5, 5, 3);
  ByteVector file = encode_png(5, 5, picture.pixels, {});
  // Behind the header: a profile whose compressed data and checksum are nonsense.
  const ByteVector chunk = {0, 0,   0,   8,   'i', 'C', 'C', 'P', 'x', 0,
                            0, 255, 255, 255, 255, 255, 1,   2,   3,   4};
  file.insert(file.begin() + 33, chunk.begin(), chunk.end());
  EXPECT_EQ(decode_whole(file).pixels, picture.pixels);
}

TEST(PngTest, AnAnimationGivesItsDefaultPicture) {
  const TestPicture picture = gradient_picture(5, 5, 3);
  ByteVector file = encode_png(5, 5, picture.pixels, {});
  const ByteVector control = {0, 0, 0, 8, 'a', 'c', 'T', 'L', 0, 0, 0, 3, 0, 0, 0, 0, 1, 2, 3, 4};
  file.insert(file.begin() + 33, control.begin(), control.end());
  const PictureCollector decoded = decode_whole(file);
  EXPECT_TRUE(decoded.info.animated);
  EXPECT_EQ(decoded.pixels, picture.pixels);
}

}  // namespace
}  // namespace semblance::decode
