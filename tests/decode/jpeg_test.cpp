// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "decode/encode_pictures.h"

namespace semblance::decode {
namespace {

void expect_plain_pixels(const ByteVector& file) {
  PictureCollector sink;
  const auto end = decode_picture(file, Format::kJpeg, Limits{}, sink);
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_FALSE(end->partial) << end->detail;
  EXPECT_EQ(sink.pixels, plain_jpeg_pixels(file));
}

TEST(JpegTest, GivesTheLibrarysOwnPixelsForEverySubsamplingAndCoding) {
  const TestPicture picture = gradient_picture(67, 45, 3);
  for (const int h : {1, 2}) {
    for (const int v : {1, 2}) {
      for (const bool progressive : {false, true}) {
        for (const bool arithmetic : {false, true}) {
          for (const unsigned restart : {0u, 3u}) {
            JpegOptions options;
            options.horizontal_sampling = h;
            options.vertical_sampling = v;
            options.progressive = progressive;
            options.arithmetic = arithmetic;
            options.restart_interval = restart;
            SCOPED_TRACE(testing::Message() << h << v << progressive << arithmetic << restart);
            expect_plain_pixels(encode_jpeg(picture, options));
          }
        }
      }
    }
  }
}

TEST(JpegTest, KeepsGrayAsOneChannel) {
  const ByteVector file = encode_jpeg(gradient_picture(33, 17, 1));
  PictureCollector sink;
  ASSERT_TRUE(decode_picture(file, Format::kJpeg, Limits{}, sink));
  EXPECT_EQ(sink.info.channels, 1);
  EXPECT_EQ(sink.pixels, plain_jpeg_pixels(file));
  EXPECT_EQ(sink.info.decoder.find("libjpeg-turbo "), 0u);
}

TEST(JpegTest, MultipliesInvertedInkByInvertedBlack) {
  for (const bool ycck : {false, true}) {
    JpegOptions options;
    options.ycck = ycck;
    const ByteVector file = encode_jpeg(gradient_picture(20, 12, 4), options);
    const ByteVector cmyk = plain_jpeg_pixels(file);
    ByteVector expected;
    for (std::size_t i = 0; i < cmyk.size(); i += 4) {
      for (std::size_t c = 0; c < 3; ++c) {
        const double light = cmyk[i + c] * (cmyk[i + 3] / 255.0);
        expected.push_back(static_cast<std::uint8_t>(light + 0.5));
      }
    }
    PictureCollector sink;
    ASSERT_TRUE(decode_picture(file, Format::kJpeg, Limits{}, sink));
    EXPECT_EQ(sink.info.channels, 3);
    EXPECT_EQ(sink.pixels, expected) << "YCCK " << ycck;
  }
}

TEST(JpegTest, ReportsACutFileAsTruncatedAndKeepsTheRowsBefore) {
  const TestPicture picture = gradient_picture(128, 128, 3);
  const ByteVector file = encode_jpeg(picture);
  const ByteVector whole = plain_jpeg_pixels(file);
  PictureCollector sink;
  const auto end =
      decode_picture(std::span(file).first(file.size() * 3 / 4), Format::kJpeg, Limits{}, sink);
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->partial);
  EXPECT_EQ(end->code, Errc::kTruncated);
  EXPECT_FALSE(end->detail.empty());
  ASSERT_EQ(sink.pixels.size(), whole.size());
  EXPECT_TRUE(std::equal(whole.begin(), whole.begin() + 128 * 3 * 32, sink.pixels.begin()));
}

TEST(JpegTest, AFileCutRightAfterItsHeaderIsTruncatedAndGivesNothing) {
  for (const bool progressive : {false, true}) {
    for (const bool arithmetic : {false, true}) {
      JpegOptions options;
      options.progressive = progressive;
      options.arithmetic = arithmetic;
      const ByteVector file = encode_jpeg(gradient_picture(128, 128, 3), options);
      std::size_t cut = 0;
      while (file[cut] != 0xFF || file[cut + 1] != 0xDA) ++cut;
      cut += 2 + std::size_t{file[cut + 2]} * 256 + file[cut + 3];
      for (const std::size_t more : {0u, 3u}) {
        for (const bool ended : {false, true}) {
          if (ended && arithmetic) continue;  // whose data may end wherever the rest is zeros
          ByteVector part(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(cut + more));
          if (ended) part.insert(part.end(), {0xFF, 0xD9});
          PictureCollector sink;
          const auto end = decode_picture(part, Format::kJpeg, Limits{}, sink);
          ASSERT_FALSE(end) << progressive << arithmetic << more << ended;
          EXPECT_EQ(end.error().code, Errc::kTruncated) << end.error().what;
          EXPECT_EQ(sink.begun, 0);
        }
      }
    }
  }
}

TEST(JpegTest, AnArithmeticFileCutInItsMiddleIsTruncated) {
  JpegOptions options;
  options.arithmetic = true;
  const ByteVector file = encode_jpeg(gradient_picture(128, 128, 3), options);
  PictureCollector sink;
  const auto end =
      decode_picture(std::span(file).first(file.size() * 2 / 3), Format::kJpeg, Limits{}, sink);
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_TRUE(end->partial);
  EXPECT_EQ(end->code, Errc::kTruncated);
}

TEST(JpegTest, AMissingEndMarkerAloneIsNoDamage) {
  for (const bool progressive : {false, true}) {
    JpegOptions options;
    options.progressive = progressive;
    const ByteVector file = encode_jpeg(gradient_picture(64, 64, 3), options);
    PictureCollector sink;
    const auto end =
        decode_picture(std::span(file).first(file.size() - 2), Format::kJpeg, Limits{}, sink);
    ASSERT_TRUE(end);
    EXPECT_FALSE(end->partial) << end->detail;
    EXPECT_EQ(sink.pixels, plain_jpeg_pixels(file));
  }
}

TEST(JpegTest, AProgressiveFileWithoutItsLastScansIsTruncated) {
  JpegOptions options;
  options.progressive = true;
  const ByteVector file = encode_jpeg(gradient_picture(64, 64, 3), options);
  // Cut at the third start of scan: what is left is whole scans, and no data is damaged.
  std::size_t scans = 0, cut = 0;
  for (std::size_t i = 0; i + 1 < file.size() && scans < 3; ++i) {
    if (file[i] == 0xFF && file[i + 1] == 0xDA && ++scans == 3) cut = i;
  }
  ASSERT_GT(cut, 0u);
  PictureCollector sink;
  const auto end = decode_picture(std::span(file).first(cut), Format::kJpeg, Limits{}, sink);
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->partial);
  EXPECT_EQ(end->code, Errc::kTruncated);
}

TEST(JpegTest, DamagedDataIsPartialAndNotTruncated) {
  JpegOptions options;
  options.restart_interval = 1;
  ByteVector file = encode_jpeg(gradient_picture(64, 64, 3), options);
  for (std::size_t i = file.size() / 2; i + 1 < file.size(); ++i) {
    if (file[i] == 0xFF && file[i + 1] >= 0xD0 && file[i + 1] <= 0xD7) {
      file[i + 1] = static_cast<std::uint8_t>(0xD0 + (file[i + 1] - 0xD0 + 3) % 8);
      break;
    }
  }
  PictureCollector sink;
  const auto end = decode_picture(file, Format::kJpeg, Limits{}, sink);
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->partial);
  EXPECT_EQ(end->code, Errc::kDecode);
  EXPECT_NE(end->detail.find("marker"), std::string::npos) << end->detail;
}

TEST(JpegTest, RefusesMoreScansThanAnEncoderWrites) {
  JpegOptions options;
  options.progressive = true;
  const ByteVector file = encode_jpeg(gradient_picture(16, 16, 1), options);
  // The first scan, again and again: each is legal, and costs a pass over the picture.
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i + 1 < file.size(); ++i) {
    if (file[i] == 0xFF && (file[i + 1] == 0xDA || file[i + 1] == 0xC4)) starts.push_back(i);
  }
  std::size_t scan = 0;
  while (file[starts[scan] + 1] != 0xDA) ++scan;
  ASSERT_LT(scan + 1, starts.size());
  const auto at = [&](std::size_t i) { return file.begin() + static_cast<std::ptrdiff_t>(i); };
  ByteVector hostile(at(0), at(starts[scan]));
  for (int i = 0; i < 600; ++i)
    hostile.insert(hostile.end(), at(starts[scan]), at(starts[scan + 1]));
  hostile.insert(hostile.end(), {0xFF, 0xD9});
  PictureCollector sink;
  const auto end = decode_picture(hostile, Format::kJpeg, Limits{}, sink);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kLimit) << end.error().what;
  EXPECT_EQ(sink.begun, 0);
}

TEST(JpegTest, TwelveBitSamplesAreUnsupported) {
  ByteVector file = encode_jpeg(gradient_picture(16, 16, 1));
  for (std::size_t i = 2; i + 4 < file.size(); ++i) {
    if (file[i] == 0xFF && file[i + 1] == 0xC0) {
      file[i + 4] = 12;
      break;
    }
  }
  PictureCollector sink;
  const auto end = decode_picture(file, Format::kJpeg, Limits{}, sink);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kUnsupported) << end.error().what;
}

}  // namespace
}  // namespace semblance::decode
