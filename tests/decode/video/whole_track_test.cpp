// SPDX-License-Identifier: Apache-2.0
// Every frame of what our own encoder makes, in every coding and container that it offers.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "decode/video/coded_film.h"
#include "decode/video/collected_video.h"

namespace semblance::decode {
namespace {

using datasets::VideoCoding;

std::vector<std::uint32_t> upto(std::uint32_t frames) {
  std::vector<std::uint32_t> numbers(frames);
  std::iota(numbers.begin(), numbers.end(), 0u);
  return numbers;
}

VideoCoding coding_of(std::string container, std::string codec, int quality,
                      std::string pixels = "yuv420p") {
  VideoCoding coding;
  coding.container = std::move(container);
  coding.codec = std::move(codec);
  coding.quality = quality;
  coding.pixel_format = std::move(pixels);
  coding.key_interval = 12;
  return coding;
}

struct Kind {
  const char* name;
  VideoCoding coding;
  Format format;
  const char* codec;
};

class EveryCodingTest : public testing::TestWithParam<Kind> {};

INSTANTIATE_TEST_SUITE_P(
    All, EveryCodingTest,
    testing::Values(
        Kind{"h264_mp4", coding_of("mp4", "libx264", 23), Format::kMp4, "h264"},
        Kind{"h264_444_mkv", coding_of("matroska", "libx264", 23, "yuv444p"), Format::kMatroska,
             "h264"},
        Kind{"h264_10bit_mov", coding_of("mov", "libx264", 23, "yuv420p10le"), Format::kMp4,
             "h264"},
        Kind{"h264_flv", coding_of("flv", "libx264", 23), Format::kFlv, "h264"},
        Kind{"h264_ts", coding_of("mpegts", "libx264", 23), Format::kMpegTs, "h264"},
        Kind{"mpeg4_avi", coding_of("avi", "mpeg4", 3), Format::kAvi, "mpeg4"},
        Kind{"mpeg4_mp4", coding_of("mp4", "mpeg4", 3), Format::kMp4, "mpeg4"},
        Kind{"mjpeg_avi", coding_of("avi", "mjpeg", 3, "yuvj420p"), Format::kAvi, "mjpeg"},
        Kind{"mpeg2_ps", coding_of("mpeg", "mpeg2video", 3), Format::kMpegPs, "mpeg2video"},
        Kind{"vp9_webm", coding_of("webm", "libvpx-vp9", 30), Format::kMatroska, "vp9"},
        Kind{"vp8_webm", coding_of("webm", "libvpx", 10), Format::kMatroska, "vp8"},
        Kind{"ffv1_rgb_mkv", coding_of("matroska", "ffv1", 0, "bgr0"), Format::kMatroska, "ffv1"},
        Kind{"wmv2_asf", coding_of("asf", "wmv2", 3), Format::kAsf, "wmv2"},
        Kind{"apng", coding_of("apng", "apng", 0, "rgb24"), Format::kPng, "apng"},
        Kind{"gif", coding_of("gif", "gif", 0, "gray"), Format::kGif, "gif"}),
    [](const auto& p) { return p.param.name; });

/// Some containers count in milliseconds; AVI states no times of display.
std::int64_t slack_us(const Kind& kind) { return kind.format == Format::kAvi ? 41'000 : 1'001; }

TEST_P(EveryCodingTest, GivesEveryFrameInOrderAtItsTime) {
  constexpr std::uint32_t kFrames = 60;
  const Kind& kind = GetParam();
  const std::string file = coded_film(kFrames, kind.coding);
  ASSERT_FALSE(file.empty());
  VideoCollector sink;
  const auto end = read_bytes(file, sink);
  EXPECT_EQ(words_of(end), "whole");
  ASSERT_TRUE(end);
  EXPECT_EQ(end->frames, kFrames);
  EXPECT_EQ(sink.info.codec, kind.codec);
  EXPECT_EQ(sink.info.width, 128u);
  EXPECT_EQ(sink.info.height, 96u);
  EXPECT_EQ(sink.info.video_streams, 1u);
  EXPECT_EQ(sink.info.decoder.find("libavcodec "), 0u);
  EXPECT_EQ(sink.coded(), upto(kFrames));
  for (std::uint32_t i = 0; i < sink.frames.size(); ++i) EXPECT_EQ(sink.frames[i].number, i);
  EXPECT_LE(sink.largest_error_us(40'000), slack_us(kind));
  EXPECT_NEAR(end->reached_ms, 40u * kFrames, 41);
}

TEST_P(EveryCodingTest, ACutFileGivesWhatCameBeforeAndSaysSo) {
  constexpr std::uint32_t kFrames = 300;  // twelve seconds: far enough to be missed
  const Kind& kind = GetParam();
  const std::string file = coded_film(kFrames, kind.coding);
  ASSERT_FALSE(file.empty());
  std::set<std::uint32_t> counts;
  for (int part = 1; part < 12; ++part) {
    const std::size_t size = file.size() * static_cast<std::size_t>(part) / 16 + 5;
    for (const ReadPlan& plan : {ReadPlan{}, kKeyframesPlan}) {
      VideoCollector sink;
      const auto end = read_bytes(file.substr(0, size), sink, plan);
      // A program stream says nothing of its length, and may end behind any of its packets.
      if (kind.format != Format::kMpegPs) {
        EXPECT_NE(words_of(end), "whole") << size << " of " << file.size();
      }
      if (!end) {
        EXPECT_TRUE(sink.frames.empty());
        continue;
      }
      EXPECT_EQ(end->frames, sink.frames.size());
      EXPECT_LE(end->reached_ms, 40u * kFrames * 3 / 4 + 500);
      if (plan.reading == Reading::kEveryFrame) counts.insert(end->frames);
    }
  }
  if (kind.format != Format::kMp4) {
    EXPECT_GT(counts.size(), 5u);  // further cuts, more frames
  }
}

TEST(EveryFrameTest, TimesAreThoseOfTheStamps) {
  VideoCoding coding = coding_of("matroska", "libx264", 23);
  const auto time_ms = [](std::uint32_t i) { return std::int64_t{i} * i * 10; };
  coding.time_ms = time_ms;
  VideoCollector sink;
  const auto end = read_bytes(coded_film(40, coding), sink);
  EXPECT_EQ(words_of(end), "whole");
  ASSERT_EQ(sink.coded(), upto(40));
  for (std::uint32_t i = 0; i < 40; ++i) EXPECT_EQ(sink.frames[i].start_us, time_ms(i) * 1000) << i;
}

TEST(EveryFrameTest, NoFrameIsLostWhereAudioComesFirst) {
  VideoCoding coding = coding_of("mp4", "libx264", 23);
  coding.silent_audio_first = true;
  VideoCollector sink;
  const auto end = read_bytes(coded_film(100, coding), sink);
  EXPECT_EQ(words_of(end), "whole");
  EXPECT_EQ(sink.coded(), upto(100));
  EXPECT_EQ(sink.info.video_streams, 1u);
}

TEST(EveryFrameTest, TheSameBytesGiveTheSameFrames) {
  const std::string file = coded_film(50, coding_of("mp4", "libx264", 28));
  VideoCollector first, second;
  ASSERT_TRUE(read_bytes(file, first));
  ASSERT_TRUE(read_bytes(file, second));
  EXPECT_EQ(first.coded(), second.coded());
}

TEST(EveryFrameTest, FramesThatChangeTheirSizeAreGivenAsTheyCome) {
  const VideoCoding coding = coding_of("mpegts", "mpeg2video", 3);
  const std::string joined =
      coded_film(50, coding) + coded_film(50, coding, 192, 128) + coded_film(50, coding);
  VideoCollector sink;
  const auto end = read_bytes(joined, sink);
  ASSERT_TRUE(end) << words_of(end);
  EXPECT_GT(end->frames, 140u);
  std::set<std::uint32_t> widths;
  for (const CollectedFrame& frame : sink.frames) widths.insert(frame.width);
  EXPECT_EQ(widths, (std::set<std::uint32_t>{128, 192}));
  // Stamps begin again with each part, and times go on.
  EXPECT_GT(end->reached_ms, 5'500u);
  EXPECT_LT(sink.longest_gap_us(), 500'000);
}

}  // namespace
}  // namespace semblance::decode
