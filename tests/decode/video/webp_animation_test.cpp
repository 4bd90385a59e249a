// SPDX-License-Identifier: Apache-2.0
#include "decode/video/webp_animation.h"

#include <gtest/gtest.h>
#include <webp/encode.h>

#include <numeric>
#include <string>

#include "decode/video/coded_film.h"
#include "decode/video/collected_video.h"

namespace semblance::decode {
namespace {

std::string little_endian(std::uint32_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) text.push_back(static_cast<char>(value >> (8 * i)));
  return text;
}

std::string chunk(const std::string& name, const std::string& content) {
  return name + little_endian(static_cast<std::uint32_t>(content.size()), 4) + content +
         std::string(content.size() % 2, '\0');
}

/// The picture chunk of a lossless WebP.
std::string coded_webp(const datasets::Picture& picture) {
  std::uint8_t* bytes = nullptr;
  const std::size_t size = WebPEncodeLosslessRGB(
      picture.rgb.data(), static_cast<int>(picture.width), static_cast<int>(picture.height),
      static_cast<int>(picture.row_bytes()), &bytes);
  constexpr std::size_t kFileHeader = 12;
  std::string file(reinterpret_cast<const char*>(bytes), size);
  WebPFree(bytes);
  return file.substr(kFileHeader);
}

/// **Source:** RFC 9649, 2.7.
std::string animation(std::uint32_t frames, std::uint32_t frame_ms, std::uint32_t side = 64) {
  const std::string sides = little_endian(side - 1, 3) + little_endian(side - 1, 3);
  std::string body = "WEBP" + chunk("VP8X", std::string("\x02\0\0\0", 4) + sides) +
                     chunk("ANIM", std::string(6, '\0'));
  for (std::uint32_t i = 0; i < frames; ++i) {
    body += chunk("ANMF", std::string(6, '\0') + sides + little_endian(frame_ms, 3) + '\x02' +
                              coded_webp(coded_picture(i, side, side)));
  }
  return "RIFF" + little_endian(static_cast<std::uint32_t>(body.size()), 4) + body;
}

TEST(WebpAnimationTest, GivesEveryFrameAtItsTime) {
  VideoCollector sink;
  const auto end = read_bytes(animation(30, 120), sink);
  EXPECT_EQ(words_of(end), "whole");
  ASSERT_TRUE(end);
  std::vector<std::uint32_t> numbers(30);
  std::iota(numbers.begin(), numbers.end(), 0u);
  EXPECT_EQ(sink.coded(), numbers);
  EXPECT_EQ(sink.largest_error_us(120'000), 0);
  EXPECT_EQ(end->reached_ms, 3'600u);
  EXPECT_EQ(sink.info.duration_ms, 3'600u);
  EXPECT_EQ(sink.info.codec, "webp");
  EXPECT_EQ(sink.info.width, 64u);
  EXPECT_EQ(sink.info.decoder.find("libwebp "), 0u);
}

TEST(WebpAnimationTest, LeavesNoGapWhereNotAllAreGiven) {
  VideoCollector sink;
  const auto end = read_bytes(animation(60, 150), sink, kKeyframesPlan);
  EXPECT_EQ(words_of(end), "whole");
  EXPECT_LE(sink.longest_gap_us(), 2'000'000);
  EXPECT_EQ(sink.largest_error_us(150'000), 0);
  EXPECT_LT(sink.frames.size(), 10u);
  EXPECT_GE(sink.frames.size(), 4u);
}

TEST(WebpAnimationTest, ACutFileGivesItsWholeFrames) {
  const std::string file = animation(20, 100);
  std::size_t most = 0;
  for (std::size_t size = 0; size < file.size(); size += 97) {
    VideoCollector sink;
    const auto end = read_bytes_as(file.substr(0, size), Format::kWebp, sink);
    EXPECT_NE(words_of(end), "whole") << size;
    if (!end) continue;
    EXPECT_EQ(end->end.code, Errc::kTruncated);
    EXPECT_EQ(sink.largest_error_us(100'000), 0);
    EXPECT_GE(sink.frames.size(), most);
    most = sink.frames.size();
  }
  EXPECT_GT(most, 10u);
}

TEST(WebpAnimationTest, NoWholeFrameIsLostWhereverItIsCut) {
  constexpr std::uint32_t kFrames = 8;
  const std::string file = animation(kFrames, 100);
  int odd = 0;  // frames whose pad byte may be cut off
  for (std::size_t at = file.find("VP8L"); at != std::string::npos;
       at = file.find("VP8L", at + 1)) {
    odd += file[at + 4] & 1;
  }
  EXPECT_GT(odd, 0);
  std::size_t most = 0;
  for (std::size_t size = file.size() / 4; size < file.size(); ++size) {
    VideoCollector sink;
    (void)read_bytes_as(file.substr(0, size), Format::kWebp, sink);
    EXPECT_GE(sink.frames.size(), most) << size;
    most = std::max(most, sink.frames.size());
  }
  EXPECT_GE(most, kFrames - 1);
}

TEST(WebpAnimationTest, ACanvasOverTheLimitIsNotDecoded) {
  Limits limits;
  limits.max_video_pixels = 64 * 64 - 1;
  VideoCollector sink;
  const auto end = read_bytes(animation(2, 100), sink, {}, limits);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kLimit);
  EXPECT_EQ(sink.begun, 1);
}

}  // namespace
}  // namespace semblance::decode
