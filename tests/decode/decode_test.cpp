// SPDX-License-Identifier: Apache-2.0
// What holds for every format: cut files, flipped bits, limits.
#include "decode/decode.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>

#include "decode/encode_pictures.h"
#include "decode/picture.h"

namespace semblance::decode {
namespace {

struct Sample {
  std::string what;
  Format format;
  ByteVector file;
};

std::vector<Sample> samples() {
  const TestPicture picture = gradient_picture(24, 20, 3);
  JpegOptions progressive;
  progressive.progressive = true;
  PngOptions interlaced;
  interlaced.interlaced = true;
  TiffOptions tiles, lzw;
  tiles.tile = 16;
  lzw.compression = 5;
  GifFrame frame{2, 3, 20, 15, true, -1, ByteVector(20 * 15, 2)};
  return {
      {"jpeg", Format::kJpeg, encode_jpeg(picture)},
      {"progressive jpeg", Format::kJpeg, encode_jpeg(picture, progressive)},
      {"png", Format::kPng, encode_png(24, 20, picture.pixels, {})},
      {"interlaced png", Format::kPng, encode_png(24, 20, picture.pixels, interlaced)},
      {"gif", Format::kGif, encode_gif(24, 20, {frame, frame})},
      {"webp", Format::kWebp, encode_webp(picture)},
      {"tiff strips", Format::kTiff, encode_tiff(24, 20, picture.pixels, lzw)},
      {"tiff tiles", Format::kTiff, encode_tiff(24, 20, picture.pixels, tiles)},
  };
}

TEST(DecodeTest, EveryCutGivesAllRowsOrNone) {
  for (const Sample& sample : samples()) {
    for (std::size_t size = 0; size <= sample.file.size(); ++size) {
      // A copy of just this size, so that a read beyond its end is seen by a sanitizer.
      const ByteVector part(sample.file.begin(),
                            sample.file.begin() + static_cast<std::ptrdiff_t>(size));
      PictureCollector sink;
      const auto end = decode_picture(part, sample.format, Limits{}, sink);
      ASSERT_TRUE(is_whole_or_nothing(end, sink)) << sample.what << " cut at " << size;
      if (size == sample.file.size()) {
        EXPECT_TRUE(end && !end->partial) << sample.what;
      }
    }
  }
}

TEST(DecodeTest, FlippedBitsGiveAllRowsOrNone) {
  std::mt19937 random(7);
  Limits limits;
  limits.max_pixels = 1 << 20;  // a flipped size must not make the test slow
  for (const Sample& sample : samples()) {
    for (int round = 0; round < 300; ++round) {
      ByteVector file = sample.file;
      for (int flips = 0; flips < 4; ++flips) {
        file[random() % file.size()] ^= static_cast<std::uint8_t>(1u << (random() % 8));
      }
      PictureCollector sink;
      const auto end = decode_picture(file, sample.format, limits, sink);
      ASSERT_TRUE(is_whole_or_nothing(end, sink)) << sample.what << " round " << round;
    }
  }
}

TEST(DecodeTest, TooManyPixelsAreOverTheLimit) {
  for (const Sample& sample : samples()) {
    Limits limits;
    limits.max_pixels = 24 * 20;
    PictureCollector fits;
    EXPECT_TRUE(decode_picture(sample.file, sample.format, limits, fits)) << sample.what;
    limits.max_pixels -= 1;
    PictureCollector sink;
    const auto end = decode_picture(sample.file, sample.format, limits, sink);
    ASSERT_FALSE(end) << sample.what;
    EXPECT_EQ(end.error().code, Errc::kLimit) << end.error().what;
    EXPECT_EQ(sink.begun, 0);
    EXPECT_EQ(sink.stated_width, 24u) << sample.what;
    EXPECT_EQ(sink.stated_height, 20u) << sample.what;
  }
}

TEST(DecodeTest, ASideOverTheBoundIsOverTheLimit) {
  Limits limits;
  limits.max_ratio = UINT64_MAX;
  EXPECT_TRUE(check_size(kMaxSide, 1, 1, limits, "bmp"));
  for (const auto& [width, height] : {std::pair{kMaxSide + 1, 1u}, {1u, kMaxSide + 1}}) {
    const Status size = check_size(width, height, 1, limits, "bmp");
    ASSERT_FALSE(size);
    EXPECT_EQ(size.error().code, Errc::kLimit);
  }
}

TEST(DecodeTest, AFileThatDecodesToManyTimesItsSizeIsOverTheLimit) {
  Limits limits;
  limits.max_ratio = 1000;
  // 300 MB decoded, so a file of 300 KB is the least.
  EXPECT_TRUE(check_size(10'000, 10'000, 300'000, limits, "png"));
  const Status size = check_size(10'000, 10'000, 299'999, limits, "png");
  ASSERT_FALSE(size);
  EXPECT_EQ(size.error().code, Errc::kLimit);
  EXPECT_EQ(size.error().what,
            "decode png: 10000 x 10000 pixels in 299999 bytes: decoded, over 1000 times as many");
  EXPECT_TRUE(check_size(4'000, 5'000, 1, limits, "png")) << "small enough for any file";
  limits.max_ratio = 0;
  EXPECT_FALSE(check_size(10'000, 10'000, 300'000, limits, "png"));
}

TEST(DecodeTest, NothingIsHeldBeyondTheMemoryAllowed) {
  Limits limits;
  limits.max_picture_bytes = 64;
  for (const Sample& sample : samples()) {
    PictureCollector sink;
    const auto end = decode_picture(sample.file, sample.format, limits, sink);
    ASSERT_FALSE(end) << sample.what;
    EXPECT_EQ(end.error().code, Errc::kLimit) << sample.what << ": " << end.error().what;
  }
}

TEST(DecodeTest, OtherFormatsAreUnsupported) {
  PictureCollector sink;
  const auto end = decode_picture({}, Format::kJpegXl, Limits{}, sink);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kUnsupported);
  EXPECT_EQ(end.error().what, "decode jxl: no decoder for this format");
}

TEST(DecodeTest, NamesEveryLibraryWithItsVersion) {
  const std::string lines = decoder_versions();
  for (const char* library : {"libjpeg-turbo ", "libspng ", "giflib ", "libwebp ", "libavcodec ",
                              "libtiff ", "libheif "}) {
    const std::size_t at = lines.find(library);
    ASSERT_NE(at, std::string::npos) << library;
    EXPECT_TRUE(std::isdigit(static_cast<unsigned char>(lines[at + std::string(library).size()])))
        << lines;
  }
}

}  // namespace
}  // namespace semblance::decode
