// SPDX-License-Identifier: Apache-2.0
// Limits, refusals, and what is in a file beside one plain video.
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <set>

#include "decode/video/coded_film.h"
#include "decode/video/collected_video.h"
#include "decode/video/container.h"

namespace semblance::decode {
namespace {

using datasets::VideoCoding;
using namespace std::string_literals;

VideoCoding coding_of(std::string container = "mp4", std::string codec = "libx264",
                      int quality = 23) {
  VideoCoding coding;
  coding.container = std::move(container);
  coding.codec = std::move(codec);
  coding.quality = quality;
  coding.key_interval = 12;
  return coding;
}

constexpr ReadPlan kBothPlans[] = {{}, kKeyframesPlan};

TEST(ReadVideoTest, FormatsWithFramesAreNamed) {
  const std::set<Format> pictures = {Format::kGif, Format::kWebp};
  for (int i = 0; i <= static_cast<int>(Format::kOtherContainer); ++i) {
    const auto format = static_cast<Format>(i);
    const MediaKind kind = media_kind(format);
    const bool moving = kind == MediaKind::kVideo || kind == MediaKind::kAudio;
    EXPECT_EQ(has_frames(format), moving || pictures.contains(format)) << name(format);
  }
}

TEST(ReadVideoTest, AFrameOverTheLimitIsNotDecoded) {
  Limits limits;
  limits.max_video_pixels = 128 * 96 - 1;
  for (const char* container : {"mp4", "mpegts"}) {
    for (const ReadPlan& plan : kBothPlans) {
      VideoCollector sink;
      const auto end = read_bytes(coded_film(20, coding_of(container)), sink, plan, limits);
      ASSERT_FALSE(end);
      EXPECT_EQ(end.error().code, Errc::kLimit) << end.error().what;
      EXPECT_TRUE(sink.frames.empty());
    }
  }
}

TEST(ReadVideoTest, FramesThatGrowOverTheLimitEndPartial) {
  Limits limits;
  limits.max_video_pixels = 130 * 98;
  const VideoCoding coding = coding_of("mpegts", "mpeg2video", 3);
  const std::string joined =
      coded_film(30, coding) + coded_film(30, coding, 320, 240) + coded_film(30, coding);
  for (const ReadPlan& plan : kBothPlans) {
    VideoCollector sink;
    const auto end = read_bytes(joined, sink, plan, limits);
    ASSERT_TRUE(end) << words_of(end);
    EXPECT_TRUE(end->end.partial);
    EXPECT_EQ(end->end.code, Errc::kLimit) << end->end.detail;
    for (const CollectedFrame& frame : sink.frames) EXPECT_EQ(frame.width, 128u);
  }
}

TEST(ReadVideoTest, TimeThatIsUpEndsIt) {
  Limits limits;
  limits.max_video_seconds = 0;
  VideoCollector sink;
  const auto end = read_bytes(coded_film(20, coding_of()), sink, {}, limits);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kTimeout) << end.error().what;
}

/// Takes its time over each frame.
class SlowSink final : public FrameSink {
 public:
  void begin(const VideoInfo&) override {}
  void attached(std::span<const std::uint8_t>) override {}
  Status frame(const DecodedFrame&) override {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(150);
    while (std::chrono::steady_clock::now() < until) {
    }
    return ok();
  }
};

TEST(ReadVideoTest, WhatCameBeforeTheTimeWasUpCounts) {
  Limits limits;
  limits.max_video_seconds = 1;
  SlowSink sink;
  const auto end = read_bytes(coded_film(40, coding_of()), sink, {}, limits);
  ASSERT_TRUE(end) << words_of(end);
  EXPECT_TRUE(end->end.partial);
  EXPECT_EQ(end->end.code, Errc::kTimeout);
  EXPECT_GE(end->frames, 3u);
  EXPECT_LE(end->frames, 8u);
  EXPECT_EQ(end->reached_ms, end->frames * 40);
}

TEST(ReadVideoTest, AnErrorOfTheSinkEndsItAsItIs) {
  for (const ReadPlan& plan : kBothPlans) {
    VideoCollector sink;
    sink.stop_after = 2;
    const auto end = read_bytes(coded_film(100, coding_of()), sink, plan);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().code, Errc::kBadArgument);
    EXPECT_EQ(end.error().what, "enough");
  }
}

TEST(ReadVideoTest, RotationIsReported) {
  for (const int degrees : {0, 90, 180, 270}) {
    VideoCoding coding = coding_of();
    coding.rotation = degrees;
    VideoCollector sink;
    ASSERT_TRUE(read_bytes(coded_film(3, coding), sink));
    EXPECT_EQ(sink.info.rotation, degrees);
    EXPECT_EQ(sink.info.width, 128u);  // as coded
  }
}

/// Nothing here may open or read anything else.
TEST(ReadVideoTest, ListsOfOtherFilesOpenNothing) {
  const std::string lists[] = {
      "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n"s,
      "ffconcat version 1.0\nfile '/etc/passwd'\n"s,
      "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n"s,
      "<?xml version=\"1.0\"?><MPD type=\"static\"><Period></Period></MPD>"s,
      "[playlist]\nFile1=http://127.0.0.1/\n"s,
      ";FFMETADATA1\ntitle=x\n"s};
  for (const std::string& list : lists) {
    for (const Format format : {Format::kMp4, Format::kOtherVideo, Format::kAudio}) {
      VideoCollector sink;
      const auto end = read_bytes_as(list, format, sink);
      ASSERT_FALSE(end) << list;
      EXPECT_EQ(sink.begun, 0);
      EXPECT_TRUE(end.error().code == Errc::kUnsupported || end.error().code == Errc::kDecode ||
                  end.error().code == Errc::kTruncated)
          << end.error().what;
    }
  }
}

TEST(ReadVideoTest, GarbageEndsInAnError) {
  std::mt19937 random(7);
  const std::string heads[] = {"",
                               "\0\0\0\x18"
                               "ftypisom\0\0\0\0isommp42"s,
                               "\x1A\x45\xDF\xA3"s,
                               "RIFF\xFF\xFF\0\0AVI LIST"s,
                               "FLV\x01\x05\0\0\0\x09"s,
                               "\0\0\x01\xBA"s,
                               "OggS\0\x02"s,
                               "GIF89a\x10\0\x10\0"s};
  for (const std::string& head : heads) {
    for (int round = 0; round < 8; ++round) {
      std::string file = head;
      while (file.size() < 20'000) file.push_back(static_cast<char>(random()));
      for (const ReadPlan& plan : kBothPlans) {
        VideoCollector sink;
        const auto end = read_bytes_as(file, Format::kOtherVideo, sink, plan);
        EXPECT_TRUE(!end || end->end.partial);
        if (!end) {
          EXPECT_EQ(end.error().what.find("decode video: "), 0u) << end.error().what;
        }
      }
    }
  }
}

TEST(ReadVideoTest, DamageAnywhereGivesTheRestAndSaysSo) {
  const std::string file = coded_film(100, coding_of("mpegts", "mpeg2video", 3));
  std::mt19937 random(11);
  int partial = 0;
  for (int round = 0; round < 20; ++round) {
    std::string damaged = file;
    for (int i = 0; i < 30; ++i) damaged[random() % damaged.size()] ^= static_cast<char>(0x55);
    VideoCollector sink;
    const auto end = read_bytes(damaged, sink);
    if (!end) continue;
    EXPECT_EQ(end->frames, sink.frames.size());
    partial += end->end.partial ? 1 : 0;
  }
  EXPECT_GT(partial, 15);
}

/// A number of EBML's, eight bytes long.
std::string ebml(const std::string& id, const std::string& content) {
  std::string size(8, '\0');
  for (std::size_t i = 0; i < 7; ++i) {
    size[7 - i] = static_cast<char>(content.size() >> (8 * i));
  }
  size[0] = '\x01';
  return id + size + content;
}

std::string matroska_of_tracks(int count) {
  std::string tracks;
  for (int i = 1; i <= count; ++i) {
    const std::string number = {static_cast<char>(i >> 8), static_cast<char>(i)};
    tracks += ebml("\xAE", ebml("\xD7", number) + ebml("\x73\xC5", number) + ebml("\x83", "\x01") +
                               ebml("\x86", "V_VP8") +
                               ebml("\xE0", ebml("\xB0", "\x40") + ebml("\xBA", "\x40")));
  }
  return ebml("\x1A\x45\xDF\xA3", ebml("\x42\x82", "matroska")) +
         ebml("\x18\x53\x80\x67",
              ebml("\x16\x54\xAE\x6B", tracks) + ebml("\x1F\x43\xB6\x75", ebml("\xE7", "\x01")));
}

TEST(ReadVideoTest, AFileOfTracksWithoutFramesIsAnError) {
  VideoCollector sink;
  const auto end = read_bytes(matroska_of_tracks(3), sink);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kDecode) << end.error().what;
  EXPECT_EQ(sink.begun, 1);
  EXPECT_EQ(sink.info.video_streams, 3u);
  EXPECT_EQ(sink.info.codec, "vp8");
}

TEST(ReadVideoTest, TenThousandStreamsAreOverTheLimit) {
  const std::string file = matroska_of_tracks(10'000);
  const auto start = std::chrono::steady_clock::now();
  VideoCollector sink;
  const auto end = read_bytes(file, sink);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kLimit) << end.error().what;
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(ReadVideoTest, OfManyStreamsTheFirstAreReadAndTheRestNamed) {
  VideoCollector sink;
  const auto end = read_bytes(matroska_of_tracks(20), sink);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kLimit);
  EXPECT_NE(end.error().what.find("8 of 20"), std::string::npos) << end.error().what;
}

/// MPEG audio that says nothing, behind a tag with a picture.
std::string song_with_cover(const std::string& cover) {
  std::string frames;
  for (int i = 0; i < 20; ++i) frames += "\xFF\xFB\x90\x00"s + std::string(413, '\0');
  const std::string picture = "\0image/jpeg\0\x03\0"s + cover;
  const auto big_endian = [](std::size_t value, unsigned bits) {
    std::string bytes;
    for (unsigned i = 4; i-- > 0;) {
      bytes.push_back(static_cast<char>(value >> (bits * i) & ((1u << bits) - 1)));
    }
    return bytes;
  };
  const std::string frame = "APIC" + big_endian(picture.size(), 8) + "\0\0"s + picture;
  return "ID3\x03\0\0"s + big_endian(frame.size(), 7) + frame + frames;
}

TEST(ReadVideoTest, AnAttachedPictureIsGivenThoughThereIsNoVideo) {
  const std::string cover = "\xFF\xD8\xFF\xE0 not much of a picture"s;
  for (const ReadPlan& plan : kBothPlans) {
    VideoCollector sink;
    const auto end = read_bytes(song_with_cover(cover), sink, plan);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().code, Errc::kUnsupported);
    EXPECT_EQ(end.error().what, "decode audio: audio only: no video stream");
    EXPECT_EQ(sink.pictures, std::vector<std::string>{cover});
    EXPECT_EQ(sink.begun, 0);
  }
}

TEST(ReadVideoTest, AFileThatIsShorterThanItWasIsCut) {
  const std::string file = coded_film(50, coding_of("matroska"));
  VideoCollector sink;
  const auto end = read_bytes(file.substr(0, file.size() - 100), sink);
  ASSERT_TRUE(end) << words_of(end);
  EXPECT_TRUE(end->end.partial);
  EXPECT_EQ(end->end.code, Errc::kTruncated);
}

}  // namespace
}  // namespace semblance::decode
