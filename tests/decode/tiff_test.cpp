// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tiff.h>

#include <algorithm>
#include <cstring>

#include "decode/encode_pictures.h"

namespace semblance::decode {
namespace {

PictureCollector decode_whole(const ByteVector& file) {
  PictureCollector sink;
  const auto end = decode_picture(file, Format::kTiff, Limits{}, sink);
  EXPECT_TRUE(end) << (end ? "" : end.error().what);
  if (end) {
    EXPECT_FALSE(end->partial) << end->detail;
  }
  return sink;
}

template <class T>
ByteVector bytes_of(const std::vector<T>& values) {
  ByteVector bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// RGBRGB... as RR...GG...BB...
ByteVector separated(const ByteVector& pixels) {
  ByteVector planes;
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t i = c; i < pixels.size(); i += 3) planes.push_back(pixels[i]);
  }
  return planes;
}

TEST(TiffTest, StripsAndTilesContiguousAndSeparate) {
  const TestPicture picture = gradient_picture(37, 21, 3);
  for (const bool separate : {false, true}) {
    for (const std::uint32_t tile : {0u, 16u}) {
      for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_PACKBITS}) {
        TiffOptions options;
        options.separate_planes = separate;
        options.tile = tile;
        options.compression = static_cast<std::uint16_t>(compression);
        const ByteVector samples = separate ? separated(picture.pixels) : picture.pixels;
        const PictureCollector decoded = decode_whole(encode_tiff(37, 21, samples, options));
        EXPECT_EQ(decoded.pixels, picture.pixels) << separate << ' ' << tile << ' ' << compression;
      }
    }
  }
}

TEST(TiffTest, GrayOfEveryDepthAndBothPolarities) {
  TiffOptions options;
  options.samples = 1;
  options.photometric = PHOTOMETRIC_MINISBLACK;
  options.bits = 1;
  EXPECT_EQ(decode_whole(encode_tiff(3, 1, {0b10100000}, options)).pixels,
            (ByteVector{255, 0, 255}));
  options.bits = 4;
  EXPECT_EQ(decode_whole(encode_tiff(2, 1, {0x5F}, options)).pixels, (ByteVector{85, 255}));
  options.bits = 16;
  EXPECT_EQ(decode_whole(encode_tiff(2, 1, bytes_of<std::uint16_t>({65535, 1000}), options)).pixels,
            (ByteVector{255, 4}));
  options.bits = 8;
  options.photometric = PHOTOMETRIC_MINISWHITE;
  const PictureCollector inverted = decode_whole(encode_tiff(2, 1, {0, 200}, options));
  EXPECT_EQ(inverted.info.channels, 1);
  EXPECT_EQ(inverted.pixels, (ByteVector{255, 55}));
}

TEST(TiffTest, FloatsRunFromBlackToWhite) {
  TiffOptions options;
  options.samples = 1;
  options.photometric = PHOTOMETRIC_MINISBLACK;
  options.bits = 32;
  options.sample_format = SAMPLEFORMAT_IEEEFP;
  const ByteVector samples = bytes_of<float>({0.0F, 0.5F, 1.0F, 7.0F, -1.0F});
  EXPECT_EQ(decode_whole(encode_tiff(5, 1, samples, options)).pixels,
            (ByteVector{0, 128, 255, 255, 0}));
}

TEST(TiffTest, ExpandsPalettes) {
  TiffOptions options;
  options.samples = 1;
  options.bits = 4;
  options.photometric = PHOTOMETRIC_PALETTE;
  options.palette.resize(48);
  options.palette[3] = 0xFFFF;       // red of index 3
  options.palette[16 + 5] = 0x8080;  // green of index 5
  EXPECT_EQ(decode_whole(encode_tiff(2, 1, {0x35}, options)).pixels,
            (ByteVector{255, 0, 0, 0, 128, 0}));
}

TEST(TiffTest, InkIsMultipliedByBlack) {
  TiffOptions options;
  options.samples = 4;
  options.photometric = PHOTOMETRIC_SEPARATED;
  EXPECT_EQ(decode_whole(encode_tiff(1, 1, {0, 255, 100, 51}, options)).pixels,
            (ByteVector{204, 0, 124}));
}

TEST(TiffTest, AlphaIsDroppedAndMultipliedColourDividedByIt) {
  TiffOptions options;
  options.samples = 4;
  options.extra_sample = EXTRASAMPLE_UNASSALPHA;
  EXPECT_EQ(decode_whole(encode_tiff(1, 1, {10, 20, 30, 0}, options)).pixels,
            (ByteVector{10, 20, 30}));
  options.extra_sample = EXTRASAMPLE_ASSOCALPHA;
  EXPECT_EQ(decode_whole(encode_tiff(1, 1, {10, 20, 60, 51}, options)).pixels,
            (ByteVector{50, 100, 255}));
  EXPECT_EQ(decode_whole(encode_tiff(1, 1, {10, 20, 60, 0}, options)).pixels,
            (ByteVector{10, 20, 60}));
}

TEST(TiffTest, ReportsOrientationAndDoesNotApplyIt) {
  const TestPicture picture = gradient_picture(8, 6, 3);
  TiffOptions options;
  options.orientation = 6;
  const PictureCollector decoded = decode_whole(encode_tiff(8, 6, picture.pixels, options));
  EXPECT_EQ(decoded.info.orientation, 6);
  EXPECT_EQ(decoded.info.width, 8u);
  EXPECT_EQ(decoded.pixels, picture.pixels);
}

TEST(TiffTest, TheStripsThatACutFileHoldsAreKept) {
  const TestPicture picture = gradient_picture(30, 40, 3);
  ByteVector file = encode_tiff(30, 40, picture.pixels, {});
  // libtiff writes the directory last: send the last strips beyond the end instead.
  PictureCollector whole = decode_whole(file);
  const std::uint32_t far = 0x00FFFFFF;
  // The strip offsets are an array of 10 numbers, 360 bytes apart, that begins at 8.
  for (std::size_t i = 0; i + 40 <= file.size(); ++i) {
    std::uint32_t first = 0, second = 0;
    std::memcpy(&first, file.data() + i, 4);
    std::memcpy(&second, file.data() + i + 4, 4);
    if (first != 8 || second != 8 + 360) continue;
    std::memcpy(file.data() + i + 36, &far, 4);
    break;
  }
  PictureCollector sink;
  const auto end = decode_picture(file, Format::kTiff, Limits{}, sink);
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_TRUE(end->partial);
  EXPECT_EQ(end->code, Errc::kTruncated);
  ASSERT_EQ(sink.row_count, 40u);
  EXPECT_TRUE(
      std::equal(whole.pixels.begin(), whole.pixels.begin() + 90 * 36, sink.pixels.begin()));
  EXPECT_EQ(sink.at(29, 39), (ByteVector{0, 0, 0}));
}

/// Where the first strip lies: libtiff writes it right behind the header.
constexpr std::size_t kFirstStrip = 8;

TEST(TiffTest, DamagedFacsimileCodesArePartial) {
  TiffOptions options;
  options.samples = 1;
  options.bits = 1;
  options.photometric = PHOTOMETRIC_MINISWHITE;
  options.compression = COMPRESSION_CCITTFAX4;
  options.rows_per_strip = 64;
  ByteVector samples;
  for (std::size_t i = 0; i < 64u * 32; ++i) samples.push_back(static_cast<std::uint8_t>(i * i));
  ByteVector file = encode_tiff(256, 64, samples, options);
  const PictureCollector whole = decode_whole(file);
  for (std::size_t i = 0; i < 16; ++i) file[kFirstStrip + 600 + i] ^= 0x5A;
  PictureCollector sink;
  const auto end = decode_picture(file, Format::kTiff, Limits{}, sink);
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_NE(sink.pixels, whole.pixels);
  EXPECT_TRUE(end->partial);
  EXPECT_EQ(end->code, Errc::kDecode);
  EXPECT_EQ(end->detail.find("decode tiff: "), 0u) << end->detail;
}

TEST(TiffTest, DamagedJpegDataIsPartial) {
  TiffOptions options;
  options.compression = COMPRESSION_JPEG;
  options.rows_per_strip = 64;
  const TestPicture picture = gradient_picture(128, 64, 3);
  ByteVector file = encode_tiff(128, 64, picture.pixels, options);
  const PictureCollector whole = decode_whole(file);
  // An end in the middle of the strip.
  file[file.size() / 2] = 0xFF;
  file[file.size() / 2 + 1] = 0xD9;
  PictureCollector sink;
  const auto end = decode_picture(file, Format::kTiff, Limits{}, sink);
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_NE(sink.pixels, whole.pixels);
  EXPECT_TRUE(end->partial);
  EXPECT_EQ(end->code, Errc::kDecode);
  EXPECT_NE(end->detail.find("Corrupt JPEG data"), std::string::npos) << end->detail;
}

TEST(TiffTest, JbigDataThatStatesALargerPictureIsNotDecoded) {
  TiffOptions options;
  options.samples = 1;
  options.bits = 1;
  options.photometric = PHOTOMETRIC_MINISBLACK;
  options.compression = COMPRESSION_JBIG;
  const ByteVector file = encode_tiff(16, 2, {0xF0, 0x0F, 0x33, 0xCC}, options);
  EXPECT_EQ(decode_whole(file).pixels.size(), 32U);
  // The stream begins with layers and planes, then its width and height; the bits of each byte are
  // turned.
  const ByteVector sides = {0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x40};
  const auto at = std::search(file.begin(), file.end(), sides.begin(), sides.end());
  ASSERT_NE(at, file.end());
  for (const std::ptrdiff_t byte : {0, 4}) {
    ByteVector bomb = file;
    bomb[static_cast<std::size_t>(at - file.begin() + byte)] = 0x02;  // 2^30 pixels more
    PictureCollector sink;
    const auto end = decode_picture(bomb, Format::kTiff, Limits{}, sink);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().what, "decode tiff: the JBIG data is of a larger picture");
  }
}

TEST(TiffTest, BrokenTilesAreBoundedWithinARowOfThemToo) {
  constexpr std::size_t kTiles = 160, kTileBytes = 16 * 16 * 3;
  TiffOptions options;
  options.tile = 16;
  ByteVector file =
      encode_tiff(kTiles * 16, 16, gradient_picture(kTiles * 16, 16, 3).pixels, options);
  // The offsets of the tiles, which lie one behind the other: all but the last beyond the end.
  const std::uint32_t first[2] = {8, 8 + kTileBytes}, far = 0x00FFFFFF;
  std::size_t at = 0;
  while (std::memcmp(file.data() + at, first, sizeof first) != 0) {
    ASSERT_LT(++at + kTiles * 4, file.size());
  }
  for (std::size_t i = 0; i + 1 < kTiles; ++i) std::memcpy(file.data() + at + i * 4, &far, 4);
  PictureCollector sink;
  const auto end = decode_picture(file, Format::kTiff, Limits{}, sink);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kTruncated) << end.error().what;
}

TEST(TiffTest, ComplexSamplesAreUnsupported) {
  TiffOptions options;
  options.samples = 1;
  options.photometric = PHOTOMETRIC_MINISBLACK;
  options.bits = 32;
  options.sample_format = SAMPLEFORMAT_COMPLEXINT;
  PictureCollector sink;
  const auto end =
      decode_picture(encode_tiff(1, 1, {0, 0, 0, 0}, options), Format::kTiff, Limits{}, sink);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kUnsupported) << end.error().what;
}

}  // namespace
}  // namespace semblance::decode
