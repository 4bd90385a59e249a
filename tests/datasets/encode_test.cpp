// SPDX-License-Identifier: Apache-2.0
#include "datasets/encode.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <string>

#include "datasets/scene.h"
#include "decode/decode.h"

namespace semblance::datasets {
namespace {

// Keeps the decoded rows as a picture; gray becomes three equal channels.
class PictureSink final : public decode::RowSink {
 public:
  void begin(const decode::PictureInfo& info) override {
    picture = Picture(info.width, info.height);
    channels = info.channels;
  }
  void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) override {
    for (std::uint32_t i = 0; i < count; ++i, ++row_) {
      const std::uint8_t* row = first + stride * static_cast<std::ptrdiff_t>(i);
      for (std::size_t x = 0; x < picture.width; ++x) {
        for (std::size_t c = 0; c < 3; ++c) {
          picture.at(x, row_)[c] = channels == 3 ? row[3 * x + c] : row[x];
        }
      }
    }
  }
  Picture picture;
  int channels = 0;

 private:
  std::size_t row_ = 0;
};

struct Decoded {
  decode::Format format;
  Picture picture;
};

Result<Decoded> decoded(const std::string& bytes) {
  const std::span<const std::uint8_t> view(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                           bytes.size());
  const decode::Format format = decode::sniff(view);
  PictureSink sink;
  auto end = decode::decode_picture(view, format, Limits{}, sink);
  if (!end) return end.error();
  if (end->partial) return Error{Errc::kDecode, end->detail};
  return Decoded{format, std::move(sink.picture)};
}

// Peak signal to noise ratio in decibels.
double fidelity(const Picture& a, const Picture& b) {
  double squares = 0.0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i) {
    squares += (a.rgb[i] - b.rgb[i]) * (a.rgb[i] - b.rgb[i]);
  }
  return 10.0 * std::log10(255.0 * 255.0 * static_cast<double>(a.rgb.size()) / squares);
}

Encoding lossless(FileFormat format) {
  Encoding encoding;
  encoding.format = format;
  encoding.lossless = true;
  return encoding;
}

struct LosslessCase {
  FileFormat format;
  decode::Format sniffed;
};

class LosslessTest : public testing::TestWithParam<LosslessCase> {};

TEST_P(LosslessTest, EveryPixelComesBackAtOddSizes) {
  for (const auto& [width, height] : {std::pair{16U, 16U}, {17U, 31U}, {130U, 67U}}) {
    const Picture picture = draw_scene(1, 4, width, height);
    auto bytes = encode(picture, lossless(GetParam().format));
    ASSERT_TRUE(bytes) << bytes.error().what;
    auto back = decoded(*bytes);
    ASSERT_TRUE(back) << back.error().what;
    EXPECT_EQ(back->format, GetParam().sniffed);
    EXPECT_EQ(back->picture, picture) << width << 'x' << height;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, LosslessTest,
                         testing::Values(LosslessCase{FileFormat::kPng, decode::Format::kPng},
                                         LosslessCase{FileFormat::kBmp, decode::Format::kBmp},
                                         LosslessCase{FileFormat::kTiff, decode::Format::kTiff},
                                         LosslessCase{FileFormat::kWebp, decode::Format::kWebp}),
                         [](const auto& chosen) {
                           return std::string(suffix(chosen.param.format).substr(1));
                         });

TEST(EncodeTest, JpegKeepsThePictureInEveryColourAndOrder) {
  const Picture picture = draw_scene(1, 5, 131, 90);
  for (const JpegColour colour :
       {JpegColour::k420, JpegColour::k422, JpegColour::k444, JpegColour::kCmyk}) {
    for (const bool progressive : {false, true}) {
      Encoding encoding;
      encoding.quality = 95;
      encoding.colour = colour;
      encoding.progressive = progressive;
      auto bytes = encode(picture, encoding);
      ASSERT_TRUE(bytes) << bytes.error().what;
      auto back = decoded(*bytes);
      ASSERT_TRUE(back) << back.error().what;
      EXPECT_EQ(back->format, decode::Format::kJpeg);
      EXPECT_GT(fidelity(picture, back->picture), 28.0) << static_cast<int>(colour);
    }
  }
}

TEST(EncodeTest, JpegOptionsShowInTheFrameHeader) {
  const Picture picture = draw_scene(1, 5, 64, 64);
  // Marker, then length 2, precision 1, sides 4, components 1, then id, sampling, table of each.
  const auto frame = [&](JpegColour colour, bool progressive) -> std::string {
    Encoding encoding;
    encoding.colour = colour;
    encoding.progressive = progressive;
    auto bytes = encode(picture, encoding);
    const std::string marker = progressive ? "\xff\xc2" : "\xff\xc0";
    const std::size_t at = bytes ? bytes->find(marker) : std::string::npos;
    return at == std::string::npos ? "" : bytes->substr(at + 9, 3);
  };
  EXPECT_EQ(frame(JpegColour::k420, false), "\x03\x01\x22");
  EXPECT_EQ(frame(JpegColour::k420, true), "\x03\x01\x22");
  EXPECT_EQ(frame(JpegColour::k422, false), "\x03\x01\x21");
  EXPECT_EQ(frame(JpegColour::k444, false), "\x03\x01\x11");
  EXPECT_EQ(frame(JpegColour::kGray, false), "\x01\x01\x11");
  EXPECT_EQ(frame(JpegColour::kCmyk, false).front(), '\x04');
}

TEST(EncodeTest, LowerQualityIsSmaller) {
  const Picture picture = draw_scene(1, 6, 200, 150);
  for (const FileFormat format : {FileFormat::kJpeg, FileFormat::kWebp}) {
    std::size_t last = 0;
    for (const int quality : {10, 50, 90}) {
      Encoding encoding;
      encoding.format = format;
      encoding.quality = quality;
      auto bytes = encode(picture, encoding);
      ASSERT_TRUE(bytes) << bytes.error().what;
      EXPECT_GT(bytes->size(), last);
      last = bytes->size();
    }
  }
}

TEST(EncodeTest, GifKeepsLocalMeans) {
  Encoding encoding;
  encoding.format = FileFormat::kGif;
  Picture flat(64, 64);
  for (std::size_t i = 0; i < flat.rgb.size(); ++i) {
    flat.rgb[i] = std::array<std::uint8_t, 3>{40, 111, 222}[i % 3];
  }
  auto bytes = encode(flat, encoding);
  ASSERT_TRUE(bytes) << bytes.error().what;
  auto back = decoded(*bytes);
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_EQ(back->format, decode::Format::kGif);
  for (std::size_t c = 0; c < 3; ++c) {
    double sum = 0.0;
    for (std::size_t i = c; i < back->picture.rgb.size(); i += 3) sum += back->picture.rgb[i];
    EXPECT_NEAR(sum / 4096.0, flat.rgb[c], 1.0);
  }
}

TEST(EncodeTest, RefusesSizesThatNoFormatHolds) {
  for (const Picture& picture : {Picture(), Picture(16384, 1), Picture(1, 16384)}) {
    auto bytes = encode(picture, Encoding{});
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().code, Errc::kBadArgument);
  }
}

}  // namespace
}  // namespace semblance::datasets
