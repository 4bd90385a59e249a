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
using namespace std::string_literals;

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
  ASSERT_TRUE(read_bytes(file, every));
  ASSERT_TRUE(read_bytes(file, some, kKeyframesPlan));
  // A thousand frames a second is what they are taken at: three seconds.
  ASSERT_EQ(every.frames.size(), 3'000u);
  ASSERT_GE(some.frames.size(), 2u);
  EXPECT_LE(some.longest_gap_us(), kGapUs + 1'000);
  EXPECT_EQ(some.frames.front().start_us, every.frames.front().start_us);
  EXPECT_LE(every.frames.back().start_us - some.frames.back().start_us, kGapUs + 1'000);
  for (const CollectedFrame& frame : some.frames) {
    EXPECT_EQ(frame.start_us, every.frames.at(frame.coded).start_us);
  }
}

/// Puts off the time of display that the first picture of a transport stream states.
/// **Source:** ISO/IEC 13818-1, 2.4.3.7.
std::string first_shown_later(std::string file, std::uint64_t ticks) {
  const std::size_t packet = file.find("\0\0\1\xE0"s);
  EXPECT_NE(packet, std::string::npos);
  if (packet == std::string::npos) return file;
  EXPECT_EQ(file[packet + 7] & 0xC0, 0xC0);  // that of decoding is stated apart
  char* at = file.data() + packet + 9;
  const auto bits = [&](int i) { return std::uint64_t{static_cast<std::uint8_t>(at[i])}; };
  const std::uint64_t pts = ticks + ((bits(0) >> 1 & 7) << 30 | bits(1) << 22 | bits(2) >> 1 << 15 |
                                     bits(3) << 7 | bits(4) >> 1);
  at[0] = static_cast<char>((bits(0) & 0xF1) | (pts >> 30 & 7) << 1);
  at[1] = static_cast<char>(pts >> 22);
  at[2] = static_cast<char>((pts >> 15 << 1) | 1);
  at[3] = static_cast<char>(pts >> 7);
  at[4] = static_cast<char>((pts << 1) | 1);
  return file;
}

TEST(KeyFramesTest, AFirstPictureThatIsShownLateHidesNothing) {
  constexpr std::uint32_t kFrames = 240, kMostUnseen = 50;
  const std::string film = coded_film(kFrames, long_gop("mpegts"));
  for (const std::uint64_t seconds : {1u, 3u, 9u}) {
    VideoCollector sink;
    ASSERT_TRUE(read_bytes(first_shown_later(film, seconds * 90'000), sink, kKeyframesPlan));
    // By its pictures: the times of those behind the first are less than its own.
    std::vector<std::uint32_t> seen = sink.coded();
    std::sort(seen.begin(), seen.end());
    ASSERT_FALSE(seen.empty());
    EXPECT_EQ(seen.front(), 0u);
    for (std::size_t i = 1; i < seen.size(); ++i) {
      EXPECT_LE(seen[i] - seen[i - 1], kMostUnseen + 1) << seconds;
    }
    EXPECT_GE(seen.back() + kMostUnseen + 1, kFrames) << seconds;
  }
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
