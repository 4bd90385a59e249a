// SPDX-License-Identifier: Apache-2.0
// What kKeyframes gives, and that nobody who makes a file can hide a picture from it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "decode/video/coded_film.h"
#include "decode/video/collected_video.h"
#include "semblance/video.h"

namespace semblance::decode {
namespace {

using datasets::VideoCoding;

constexpr std::int64_t kGapUs = std::int64_t{kMaxGapMs} * 1000;

VideoCoding long_gop(std::string container = "mp4", std::string codec = "libx264",
                     int quality = 23) {
  VideoCoding coding;
  coding.container = std::move(container);
  coding.codec = std::move(codec);
  coding.quality = quality;
  coding.key_interval = 1'000;
  coding.scene_cuts = false;
  return coding;
}

/// Every frame that was given is the one of its time, and none is missed for longer than allowed.
/// AVI states no times of display: those of decoding differ by two frames.
void expect_no_gap(const VideoCollector& sink, std::uint32_t frames) {
  ASSERT_FALSE(sink.frames.empty());
  EXPECT_LE(sink.frames.front().start_us, 1'000);
  EXPECT_LE(sink.longest_gap_us(), kGapUs + 1'000);
  EXPECT_GE(sink.frames.back().start_us + kGapUs + 41'000, std::int64_t{frames} * 40'000);
  EXPECT_LE(sink.largest_error_us(40'000), sink.info.codec == "mpeg4" ? 81'000 : 1'001);
  for (const CollectedFrame& frame : sink.frames) EXPECT_EQ(frame.number, 0u);
}

TEST(KeyFramesTest, OfAFilmWithEnoughOfThemOnlyThoseAreGiven) {
  VideoCoding coding = long_gop();
  coding.key_interval = 50;  // two seconds: just no gap
  VideoCollector sink;
  const auto end = read_bytes(coded_film(300, coding), sink, kKeyframesPlan);
  EXPECT_EQ(words_of(end), "whole");
  EXPECT_EQ(sink.coded(), (std::vector<std::uint32_t>{0, 50, 100, 150, 200, 250}));
  for (const CollectedFrame& frame : sink.frames) EXPECT_TRUE(frame.key);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->reached_ms, 12'000u);
}

struct Kind {
  const char* name;
  VideoCoding coding;
};
class LongGopTest : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(All, LongGopTest,
                         testing::Values(Kind{"h264_mp4", long_gop()},
                                         Kind{"h264_mkv", long_gop("matroska")},
                                         Kind{"h264_ts", long_gop("mpegts")},
                                         Kind{"h264_flv", long_gop("flv")},
                                         Kind{"mpeg4_avi", long_gop("avi", "mpeg4", 3)},
                                         Kind{"mpeg4_mp4", long_gop("mp4", "mpeg4", 3)},
                                         Kind{"mpeg2_ps", long_gop("mpeg", "mpeg2video", 3)},
                                         Kind{"vp9", long_gop("webm", "libvpx-vp9", 30)},
                                         Kind{"vp8", long_gop("webm", "libvpx", 10)}),
                         [](const auto& p) { return p.param.name; });

TEST_P(LongGopTest, AFrameIsGivenAtLeastEveryTwoSeconds) {
  constexpr std::uint32_t kFrames = 280;
  VideoCollector sink;
  const auto end = read_bytes(coded_film(kFrames, GetParam().coding), sink, kKeyframesPlan);
  EXPECT_EQ(words_of(end), "whole");
  expect_no_gap(sink, kFrames);
  EXPECT_LT(sink.frames.size(), 40u);  // and not all
}

TEST(KeyFramesTest, FramesThatAllAreKeyFramesComeTwiceASecond) {
  VideoCoding coding = long_gop("avi", "mjpeg", 3);
  coding.pixel_format = "yuvj420p";
  VideoCollector sink;
  const auto end = read_bytes(coded_film(250, coding), sink, kKeyframesPlan);
  EXPECT_EQ(words_of(end), "whole");
  expect_no_gap(sink, 250);
  EXPECT_GE(sink.frames.size(), 18u);
  EXPECT_LE(sink.frames.size(), 20u);
}

/// Renames the box that lists the key frames: without it every sample counts as one.
std::string all_flagged(std::string file) {
  const std::size_t at = file.find("stss");
  EXPECT_NE(at, std::string::npos);
  if (at != std::string::npos) file.replace(at, 4, "free");
  return file;
}

TEST(KeyFramesTest, FlagsOnFramesThatAreNoneHideNothing) {
  for (const char* codec : {"libx264", "mpeg4"}) {
    VideoCoding coding = long_gop("mp4", codec, codec[0] == 'l' ? 23 : 3);
    VideoCollector sink;
    const auto end = read_bytes(all_flagged(coded_film(280, coding)), sink, kKeyframesPlan);
    ASSERT_TRUE(end) << words_of(end);
    expect_no_gap(sink, 280);
  }
}

/// Clears the flag of every entry of an AVI file's index.
std::string none_flagged(std::string file) {
  const std::size_t index = file.rfind("idx1");
  EXPECT_NE(index, std::string::npos);
  if (index == std::string::npos) return file;
  for (std::size_t at = index + 8; at + 16 <= file.size(); at += 16) {
    file[at + 4] = static_cast<char>(file[at + 4] & ~0x10);
  }
  return file;
}

TEST(KeyFramesTest, AFileThatFlagsNoneGivesFramesAllTheSame) {
  VideoCoding coding = long_gop("avi", "mpeg4", 3);
  coding.key_interval = 25;
  VideoCollector sink;
  const auto end = read_bytes(none_flagged(coded_film(280, coding)), sink, kKeyframesPlan);
  EXPECT_EQ(words_of(end), "whole");
  expect_no_gap(sink, 280);
}

TEST(KeyFramesTest, StampsThatStandStillHideNothing) {
  // Twelve seconds by count, and hardly any time by their stamps.
  VideoCoding coding = long_gop("matroska");
  coding.key_interval = 100;
  coding.time_ms = [](std::uint32_t i) { return std::int64_t{i}; };
  VideoCollector every, some;
  const std::string file = coded_film(3'000, coding);
  ASSERT_TRUE(read_bytes(file, some, kKeyframesPlan));
  // A thousand frames a second is what they are taken at: three seconds.
  EXPECT_GE(some.frames.size(), 2u);
  EXPECT_LE(some.longest_gap_us(), kGapUs + 1'000);
}

TEST(KeyFramesTest, ALastPictureThatStandsLongIsGiven) {
  // Slides: each stands for some seconds, and none is a key frame but the first.
  VideoCoding coding = long_gop("matroska");
  coding.time_ms = [](std::uint32_t i) { return std::int64_t{i} * 7'000; };
  VideoCollector sink;
  const auto end = read_bytes(coded_film(10, coding), sink, kKeyframesPlan);
  ASSERT_TRUE(end) << words_of(end);
  EXPECT_EQ(sink.coded(), (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(KeyFramesTest, AnHourOfAStillPictureTakesLittle) {
  VideoCoding coding = long_gop();
  coding.frame_rate_num = 1;
  const auto picture = coded_picture(1234, 64, 48);
  const auto film = datasets::encode_video(
      [&](std::uint32_t i) { return i < 3'600 ? std::optional(picture) : std::nullopt; }, coding);
  ASSERT_TRUE(film) << film.error().what;
  VideoCollector sink;
  const auto end = read_bytes(*film, sink, kKeyframesPlan);
  EXPECT_EQ(words_of(end), "whole");
  EXPECT_EQ(end->reached_ms, 3'600'000u);
  EXPECT_LE(sink.longest_gap_us(), kGapUs);
}

}  // namespace
}  // namespace semblance::decode
