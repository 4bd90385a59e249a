// SPDX-License-Identifier: Apache-2.0
#include "decode/exif.h"

#include <gtest/gtest.h>

#include "decode/encode_pictures.h"

namespace semblance::decode {
namespace {

/// A block whose first directory holds one entry, in either byte order.
ByteVector block(bool big_endian, std::uint16_t tag, std::uint16_t type, std::uint32_t count,
                 std::uint32_t value, std::uint32_t directory = 8) {
  ByteVector out;
  const auto put = [&](std::uint32_t v, int bytes) {
    for (int i = 0; i < bytes; ++i) {
      const int shift = 8 * (big_endian ? bytes - 1 - i : i);
      out.push_back(static_cast<std::uint8_t>(v >> shift));
    }
  };
  out.assign(2, big_endian ? 'M' : 'I');
  put(42, 2);
  put(directory, 4);
  put(1, 2);
  put(tag, 2);
  put(type, 2);
  put(count, 4);
  if (type == 3) {  // a short stands in the first half of the field
    put(value, 2);
    put(0, 2);
  } else {
    put(value, 4);
  }
  put(8, 4);  // the next directory is this one: a loop
  return out;
}

TEST(ExifTest, ReadsEveryOrientationInBothByteOrders) {
  for (const bool big_endian : {false, true}) {
    for (std::uint32_t value = 1; value <= 8; ++value) {
      EXPECT_EQ(exif_orientation(block(big_endian, 0x0112, 3, 1, value)), value);
      EXPECT_EQ(exif_orientation(block(big_endian, 0x0112, 4, 1, value)), value);
    }
  }
}

TEST(ExifTest, SkipsThePrefix) {
  ByteVector bytes = {'E', 'x', 'i', 'f', 0, 0};
  const ByteVector tiff = block(true, 0x0112, 3, 1, 5);
  bytes.insert(bytes.end(), tiff.begin(), tiff.end());
  EXPECT_EQ(exif_orientation(bytes), 5);
}

TEST(ExifTest, ValuesThatMeanNothingAreNone) {
  EXPECT_EQ(exif_orientation(block(false, 0x0112, 3, 1, 0)), 0);
  EXPECT_EQ(exif_orientation(block(false, 0x0112, 3, 1, 9)), 0);
  EXPECT_EQ(exif_orientation(block(false, 0x0112, 4, 1, 0x10006)), 0);
  EXPECT_EQ(exif_orientation(block(false, 0x0112, 3, 2, 6)), 0);
  EXPECT_EQ(exif_orientation(block(false, 0x0112, 2, 1, 6)), 0);
  EXPECT_EQ(exif_orientation(block(false, 0x0113, 3, 1, 6)), 0);
}

TEST(ExifTest, OffsetsOutsideTheBlockAreNone) {
  for (const std::uint32_t directory : {0u, 7u, 25u, 26u, 27u, 1000u, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
    EXPECT_EQ(exif_orientation(block(false, 0x0112, 3, 1, 6, directory)), 0) << directory;
  }
}

TEST(ExifTest, EveryCutOfABlockIsHarmless) {
  const ByteVector whole = block(false, 0x0112, 3, 1, 6);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const ByteVector part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const std::uint8_t found = exif_orientation(part);
    EXPECT_TRUE(found == 0 || (found == 6 && size >= 22)) << size;
  }
}

TEST(ExifTest, MoreEntriesThanFitAreNotRead) {
  ByteVector bytes = block(false, 0x0100, 3, 1, 6);
  bytes[8] = bytes[9] = 0xFF;
  EXPECT_EQ(exif_orientation(bytes), 0);
}

TEST(ExifTest, IsReadFromAJpegAndNotApplied) {
  ByteVector file = encode_jpeg(gradient_picture(16, 8, 3));
  const ByteVector plain = plain_jpeg_pixels(file);
  ByteVector segment = {0xFF, 0xE1, 0, 0, 'E', 'x', 'i', 'f', 0, 0};
  const ByteVector tiff = block(true, 0x0112, 3, 1, 8);
  segment.insert(segment.end(), tiff.begin(), tiff.end());
  segment[3] = static_cast<std::uint8_t>(segment.size() - 2);
  file.insert(file.begin() + 2, segment.begin(), segment.end());
  PictureCollector sink;
  ASSERT_TRUE(decode_sniffed(file, sink));
  EXPECT_EQ(sink.info.orientation, 8);
  EXPECT_EQ(sink.pixels, plain);
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_LE(jpeg_orientation(std::span(file).first(size)), 8);
  }
}

}  // namespace
}  // namespace semblance::decode
