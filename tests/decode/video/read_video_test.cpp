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
  const std::set<Format> pictures = {Format::kGif, Format::kWebp, Format::kPng};
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

TEST(ReadVideoTest, DamageToSoundIsNoneToTheVideo) {
  constexpr std::size_t kPacket = 188;
  VideoCoding coding = coding_of("mpegts");
  coding.silent_audio_first = true;
  const std::string film = coded_film(100, coding);
  for (const char stream : {'\0', '\1'}) {  // sound, video
    std::string file = film;
    std::size_t at = file.size() / kPacket / 2 * kPacket;
    while (at < file.size() && ((file[at + 1] & 0x1F) != 1 || file[at + 2] != stream))
      at += kPacket;
    ASSERT_LT(at, file.size());
    file[at + 1] = static_cast<char>(file[at + 1] | 0x80);  // was received with errors
    VideoCollector sink;
    EXPECT_EQ(words_of(read_bytes(file, sink)) == "whole", stream == '\0');
    EXPECT_GT(sink.frames.size(), 90u);
  }
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
  VideoCollector sink;
  const auto end = read_bytes(file, sink);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Errc::kLimit) << end.error().what;
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

/// Leaves out the start of an MP4 file by its edit list.
/// **Source:** ISO/IEC 14496-12, 8.6.6.
std::string trimmed(std::string file, std::uint32_t milliseconds, std::uint32_t timescale) {
  const std::size_t list = file.find("elst");
  EXPECT_NE(list, std::string::npos);
  if (list == std::string::npos) return file;
  const auto subtract = [&](std::size_t at, std::int64_t amount) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
      value = value << 8 | static_cast<std::uint8_t>(file[at + i]);
    value -= static_cast<std::uint32_t>(amount);
    for (std::size_t i = 0; i < 4; ++i) file[at + i] = static_cast<char>(value >> (8 * (3 - i)));
  };
  subtract(list + 12, milliseconds);
  subtract(list + 16, -std::int64_t{milliseconds} * timescale / 1000);
  return file;
}

TEST(ReadVideoTest, WhatAnEditListLeavesOutIsGivenButAsTheReference) {
  constexpr std::uint32_t kFrames = 300, kLeftOut = 198, kTimescale = 12'800;
  const std::string whole = coded_film(kFrames, coding_of());
  const std::string file = trimmed(whole, kLeftOut * 40, kTimescale);
  VideoCollector every, some, shown;
  EXPECT_EQ(words_of(read_bytes(file, every)), "whole");
  EXPECT_EQ(words_of(read_bytes(file, some, kKeyframesPlan)), "whole");
  EXPECT_EQ(words_of(read_bytes(file, shown, {Reading::kEveryFrame, true})), "whole");
  EXPECT_EQ(every.frames.size(), kFrames);
  EXPECT_EQ(every.largest_error_us(40'000), 0);
  EXPECT_EQ(every.info.duration_ms, kFrames * 40);
  EXPECT_EQ(some.largest_error_us(40'000), 0);
  EXPECT_EQ(some.coded().front(), 0u);
  EXPECT_LE(some.longest_gap_us(), 2'000'000);
  EXPECT_EQ(shown.frames.size(), kFrames - kLeftOut);
  EXPECT_EQ(shown.coded().front(), kLeftOut);
  EXPECT_EQ(shown.frames.front().start_us, 0);
}

/// The stream's packets alone, as one of another number: what states the streams is left out.
std::string as_stream(const std::string& transport_stream, std::uint8_t number) {
  constexpr std::size_t kPacket = 188;
  std::string packets;
  for (std::size_t at = 0; at + kPacket <= transport_stream.size(); at += kPacket) {
    std::string packet = transport_stream.substr(at, kPacket);
    if ((packet[1] & 0x1F) != 1 || packet[2] != 0) continue;  // 0x100 is the video
    packet[2] = static_cast<char>(number);
    packets += packet;
  }
  return packets;
}

std::string late_streams(std::uint8_t count) {
  const VideoCoding coding = coding_of("mpegts", "mpeg2video", 3);
  std::string file = coded_film(400, coding);  // further than libavformat looks ahead
  for (std::uint8_t i = 1; i <= count; ++i) file += as_stream(coded_film(60, coding), i);
  return file;
}

TEST(ReadVideoTest, StreamsThatShowUpLateCountAndOneTooManyIsNamed) {
  for (const ReadPlan& plan : kBothPlans) {
    VideoCollector most, more;
    const auto all_read = read_bytes(late_streams(7), most, plan);
    ASSERT_TRUE(all_read) << words_of(all_read);
    EXPECT_NE(all_read->end.code, Errc::kLimit) << all_read->end.detail;
    EXPECT_EQ(most.info.video_streams, 1u);
    for (std::uint32_t i = 0; i < 8; ++i) EXPECT_FALSE(most.coded(i).empty()) << i;
    const auto end = read_bytes(late_streams(8), more, plan);
    ASSERT_TRUE(end) << words_of(end);
    EXPECT_TRUE(end->end.partial);
    EXPECT_EQ(end->end.code, Errc::kLimit);
    EXPECT_NE(end->end.detail.find("8 of 9"), std::string::npos) << end->end.detail;
  }
}

TEST(ReadVideoTest, AMovingPictureEndsWithItsMarkWhateverIsAround) {
  for (const char* format : {"gif", "apng"}) {
    const bool gif = format[0] == 'g';
    const std::string file = coded_film(30, coding_of(format, format, 0));
    const std::size_t mark = file.size() - (gif ? 1 : 12);
    const std::string remark = gif ? "\x21\xFE\x05hello\0"s : "\0\0\0\x05tEXta\0bcd1234"s;
    const std::string files[] = {file, file.substr(0, mark) + remark + remark + file.substr(mark),
                                 file + std::string(500, '\0'), file + "more of something else"};
    for (const ReadPlan& plan : kBothPlans) {
      for (const std::string& variant : files) {
        VideoCollector sink;
        EXPECT_EQ(words_of(read_bytes(variant, sink, plan)), "whole") << format;
        if (plan.reading == Reading::kEveryFrame) {
          EXPECT_EQ(sink.frames.size(), 30u);
        }
      }
      for (const std::string& cut : {file.substr(0, mark), file.substr(0, mark) + remark,
                                     file.substr(0, mark) + remark.substr(0, 5)}) {
        VideoCollector sink;
        const auto end = read_bytes(cut, sink, plan);
        ASSERT_TRUE(end) << words_of(end);
        EXPECT_EQ(end->end.code, Errc::kTruncated) << format << " " << words_of(end);
      }
    }
  }
}

/// A Flash video up to behind its tag of that number, with another duration stated.
std::string flash_cut(std::string file, std::size_t tags, const std::string& duration) {
  const std::size_t stated = file.find("duration");
  EXPECT_NE(stated, std::string::npos);
  if (stated != std::string::npos) file.replace(stated + 9, 8, duration);
  std::size_t at = 13;
  for (std::size_t i = 0; i < tags && at + 15 < file.size(); ++i) {
    std::size_t size = 0;
    for (std::size_t k = 1; k < 4; ++k) size = size << 8 | static_cast<std::uint8_t>(file[at + k]);
    at += size + 15;
  }
  return file.substr(0, at);
}

TEST(ReadVideoTest, AFileWhoseStampsStartLateIsSeenToBeCut) {
  VideoCoding coding = coding_of("flv");
  coding.time_ms = [](std::uint32_t i) { return 100'000 + std::int64_t{i} * 40; };
  const std::string film = coded_film(300, coding);
  const std::string twelve = "\x40\x28\0\0\0\0\0\0"s;          // as a double, seconds
  const std::string hundred_twelve = "\x40\x5C\0\0\0\0\0\0"s;  // as our encoder states it
  for (const std::string& stated : {twelve, hundred_twelve}) {
    VideoCollector sink;
    EXPECT_EQ(words_of(read_bytes(flash_cut(film, 10'000, stated), sink)), "whole");
    EXPECT_EQ(sink.frames.size(), 300u);
  }
  VideoCollector sink;
  const auto end = read_bytes(flash_cut(film, 150, twelve), sink);
  ASSERT_TRUE(end) << words_of(end);
  EXPECT_EQ(end->end.code, Errc::kTruncated);
  EXPECT_NE(end->end.detail.find(" of 12000 ms"), std::string::npos) << end->end.detail;
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
