// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <utility>

#include "decode/encode_pictures.h"

namespace semblance::decode {
namespace {

void append_le(ByteVector& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

struct BmpFile {
  std::int32_t width = 2, height = 2;
  std::uint32_t bits = 24, compression = 0;
  std::vector<std::uint32_t> masks;    // behind the header
  std::vector<std::uint32_t> palette;  // 0x00RRGGBB
  ByteVector data;

  ByteVector bytes() const {
    ByteVector out = {'B', 'M'};
    const auto offset = static_cast<std::uint32_t>(54 + 4 * (masks.size() + palette.size()));
    append_le(out, offset + static_cast<std::uint32_t>(data.size()), 4);
    append_le(out, 0, 4);
    append_le(out, offset, 4);
    append_le(out, 40, 4);
    append_le(out, static_cast<std::uint32_t>(width), 4);
    append_le(out, static_cast<std::uint32_t>(height), 4);
    append_le(out, 1, 2);
    append_le(out, bits, 2);
    append_le(out, compression, 4);
    append_le(out, static_cast<std::uint32_t>(data.size()), 4);
    append_le(out, 0, 4);
    append_le(out, 0, 4);
    append_le(out, static_cast<std::uint32_t>(palette.size()), 4);
    append_le(out, 0, 4);
    for (const std::uint32_t mask : masks) append_le(out, mask, 4);
    for (const std::uint32_t colour : palette) append_le(out, colour, 4);
    out.insert(out.end(), data.begin(), data.end());
    return out;
  }
};

ByteVector pixels_of(const BmpFile& file) {
  PictureCollector sink;
  const auto end = decode_picture(file.bytes(), Format::kBmp, Limits{}, sink);
  EXPECT_TRUE(end) << (end ? "" : end.error().what);
  if (end) {
    EXPECT_FALSE(end->partial) << end->detail;
  }
  return sink.pixels;
}

TEST(BmpTest, RowsRunFromTheBottomUpUnlessTheHeightIsNegative) {
  BmpFile file;
  file.width = 1;
  file.data = {1, 2, 3, 0, 4, 5, 6, 0};
  EXPECT_EQ(pixels_of(file), (ByteVector{6, 5, 4, 3, 2, 1}));
  file.height = -2;
  EXPECT_EQ(pixels_of(file), (ByteVector{3, 2, 1, 6, 5, 4}));
}

TEST(BmpTest, ExpandsPalettesOfEveryDepth) {
  BmpFile file;
  file.height = 1;
  file.width = 3;
  file.palette = {0x010203, 0xFFEEDD};
  file.bits = 1;
  file.data = {0b01000000, 0, 0, 0};
  const ByteVector expected = {1, 2, 3, 0xFF, 0xEE, 0xDD, 1, 2, 3};
  EXPECT_EQ(pixels_of(file), expected);
  file.bits = 2;
  file.data = {0b00010000, 0, 0, 0};
  EXPECT_EQ(pixels_of(file), expected);
  file.bits = 4;
  file.data = {0x01, 0x00, 0, 0};
  EXPECT_EQ(pixels_of(file), expected);
  file.bits = 8;
  file.data = {0, 1, 0, 0};
  EXPECT_EQ(pixels_of(file), expected);
}

TEST(BmpTest, AnIndexBeyondThePaletteIsBlack) {
  BmpFile file;
  file.width = file.height = 1;
  file.bits = 8;
  file.palette = {0xFFFFFF};
  file.data = {200, 0, 0, 0};
  EXPECT_EQ(pixels_of(file), (ByteVector{0, 0, 0}));
}

TEST(BmpTest, ScalesFieldsOfAnyMask) {
  BmpFile file;
  file.width = file.height = 1;
  file.bits = 16;
  file.data = {0x1F, 0x7C, 0, 0};  // 5 bits each: red and blue full
  EXPECT_EQ(pixels_of(file), (ByteVector{255, 0, 255}));
  file.compression = 3;
  file.masks = {0xF800, 0x07E0, 0x001F};
  file.data = {0x00, 0x04, 0, 0};  // green 32 of 63
  EXPECT_EQ(pixels_of(file), (ByteVector{0, 130, 0}));
  file.bits = 32;
  file.masks = {0xFFE00000, 0x001FFC00, 0x000003FF};
  file.data = {0xFF, 0x03, 0x00, 0x80};  // red 1024 of 2047, blue full
  EXPECT_EQ(pixels_of(file), (ByteVector{128, 0, 255}));
}

TEST(BmpTest, DecodesRunLengths) {
  BmpFile file;
  file.width = 4;
  file.height = 2;
  file.bits = 8;
  file.compression = 1;
  file.palette = {0x000000, 0xFF0000, 0x00FF00};
  // Bottom row: four of index 1; top row: two of index 2, then two left out.
  file.data = {4, 1, 0, 0, 2, 2, 0, 0, 0, 1};
  EXPECT_EQ(pixels_of(file), (ByteVector{0,   255, 0, 0,   255, 0, 0,   0, 0, 0,   0, 0,  //
                                         255, 0,   0, 255, 0,   0, 255, 0, 0, 255, 0, 0}));
}

TEST(BmpTest, TheRowsThatACutFileHoldsAreKept) {
  BmpFile file;
  file.width = 1;
  file.height = 3;
  file.data = {1, 1, 1, 0, 2, 2, 2, 0, 3};
  PictureCollector sink;
  const auto end = decode_picture(file.bytes(), Format::kBmp, Limits{}, sink);
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->partial);
  EXPECT_EQ(end->code, Errc::kTruncated);
  EXPECT_EQ(sink.pixels, (ByteVector{0, 0, 3, 2, 2, 2, 1, 1, 1}));
}

TEST(BmpTest, TheRowsThatATopDownFileHoldsAreKept) {
  BmpFile file;
  file.width = 1;
  file.height = -40;
  file.data = {1, 1, 1, 0, 2, 2, 2, 0, 3, 3};
  PictureCollector sink;
  const auto end = decode_picture(file.bytes(), Format::kBmp, Limits{}, sink);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->code, Errc::kTruncated);
  ByteVector expected = {1, 1, 1, 2, 2, 2, 0, 3, 3};
  expected.resize(40 * 3);
  EXPECT_EQ(sink.pixels, expected);
}

TEST(BmpTest, AFileWithoutOneWholeRowIsTruncatedAndGivesNothing) {
  BmpFile file;
  file.width = 5;
  file.height = 60'000;
  file.data = ByteVector(14, 1);
  PictureCollector sink;
  const auto end = decode_picture(file.bytes(), Format::kBmp, Limits{}, sink);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kTruncated);
  EXPECT_EQ(sink.begun, 0);
  EXPECT_EQ(sink.stated_height, 60'000u);
}

// Some fifty bytes, each of which once cost seconds or gigabytes.
TEST(BmpTest, TinyFilesOfHugePicturesAreOverTheLimit) {
  for (const auto& [width, height] :
       {std::pair{5, 53'687'091}, {16'384, 16'384}, {1 << 28, 1}, {1, -(1 << 28)}}) {
    BmpFile file;
    file.width = width;
    file.height = height;
    file.data = {1};
    PictureCollector sink;
    const auto end = decode_picture(file.bytes(), Format::kBmp, Limits{}, sink);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().code, Errc::kLimit) << end.error().what;
  }
}

TEST(BmpTest, MissingPaddingOfTheLastRowIsNoDamage) {
  BmpFile file;
  file.width = 1;
  file.data = {1, 1, 1, 0, 2, 2, 2};
  EXPECT_EQ(pixels_of(file), (ByteVector{2, 2, 2, 1, 1, 1}));
}

TEST(BmpTest, HugeSidesAreOverTheLimit) {
  BmpFile file;
  file.width = 0x7FFFFFFF;
  file.height = -0x7FFFFFFF - 1;
  PictureCollector sink;
  const auto end = decode_picture(file.bytes(), Format::kBmp, Limits{}, sink);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kLimit);
}

TEST(BmpTest, AnEmbeddedJpegIsUnsupported) {
  BmpFile file;
  file.bits = 24;
  file.compression = 4;
  file.data = {0xFF, 0xD8};
  PictureCollector sink;
  const auto end = decode_picture(file.bytes(), Format::kBmp, Limits{}, sink);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kUnsupported);
}

}  // namespace
}  // namespace semblance::decode
