// SPDX-License-Identifier: Apache-2.0
#include "datasets/encode_video.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "datasets/film.h"

extern "C" {
#include <libavformat/avformat.h>
#include <libavutil/display.h>
}

namespace semblance::datasets {
namespace {

// What a demuxer finds in the bytes of a file; nothing is decoded.
struct Found {
  std::string container;
  std::vector<AVMediaType> streams;
  std::vector<AVCodecID> codecs;
  std::int64_t width = 0;
  std::int64_t height = 0;
  double rotation = 0;          // counter-clockwise degrees, as libavutil counts
  std::vector<double> times;    // of the video, in order of display, seconds
  std::vector<double> keys;     // of those, the key frames
  std::vector<double> decoded;  // in the order of the file
};

struct Source {
  const std::string* bytes;
  std::int64_t position = 0;
};

int read_source(void* opaque, std::uint8_t* into, int size) {
  auto& source = *static_cast<Source*>(opaque);
  const auto left = static_cast<std::int64_t>(source.bytes->size()) - source.position;
  const auto count = static_cast<int>(std::min<std::int64_t>(size, left));
  if (count <= 0) return AVERROR_EOF;
  std::memcpy(into, source.bytes->data() + source.position, static_cast<std::size_t>(count));
  source.position += count;
  return count;
}

std::int64_t seek_source(void* opaque, std::int64_t offset, int whence) {
  auto& source = *static_cast<Source*>(opaque);
  const auto size = static_cast<std::int64_t>(source.bytes->size());
  if ((whence & AVSEEK_SIZE) != 0) return size;
  if (whence == SEEK_CUR) offset += source.position;
  if (whence == SEEK_END) offset += size;
  return source.position = offset;
}

void take_stream(const AVStream& stream, Found& found) {
  found.streams.push_back(stream.codecpar->codec_type);
  found.codecs.push_back(stream.codecpar->codec_id);
  if (stream.codecpar->codec_type != AVMEDIA_TYPE_VIDEO) return;
  found.width = stream.codecpar->width;
  found.height = stream.codecpar->height;
  const std::uint8_t* matrix = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr);
  if (matrix != nullptr) {
    std::array<std::int32_t, 9> values{};
    std::memcpy(values.data(), matrix, sizeof values);
    found.rotation = av_display_rotation_get(values.data());
  }
}

void take_packets(AVFormatContext& format, Found& found) {
  AVPacket* packet = av_packet_alloc();
  while (av_read_frame(&format, packet) >= 0) {
    const AVStream& stream = *format.streams[packet->stream_index];
    if (stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO) {
      // AVI has no more than the order in which frames are decoded.
      const std::int64_t stamp = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
      const double time = static_cast<double>(stamp) * av_q2d(stream.time_base);
      found.decoded.push_back(time);
      if ((packet->flags & AV_PKT_FLAG_KEY) != 0) found.keys.push_back(time);
    }
    av_packet_unref(packet);
  }
  av_packet_free(&packet);
  found.times = found.decoded;
  std::sort(found.times.begin(), found.times.end());
}

Found look_into(const std::string& bytes) {
  Found found;
  Source source{&bytes};
  AVFormatContext* format = avformat_alloc_context();
  auto* buffer = static_cast<std::uint8_t*>(av_malloc(4096));
  AVIOContext* io =
      avio_alloc_context(buffer, 4096, 0, &source, &read_source, nullptr, &seek_source);
  format->pb = io;
  if (avformat_open_input(&format, nullptr, nullptr, nullptr) < 0) {
    ADD_FAILURE() << "no container";
  } else if (avformat_find_stream_info(format, nullptr) < 0) {
    ADD_FAILURE() << "no streams";
  } else {
    found.container = format->iformat->name;
    for (unsigned i = 0; i < format->nb_streams; ++i) take_stream(*format->streams[i], found);
    take_packets(*format, found);
  }
  avformat_close_input(&format);
  av_freep(&io->buffer);
  avio_context_free(&io);
  return found;
}

// A short film of one shot after the other, `seconds` long at the coding's rate.
Result<std::string> encoded(const VideoCoding& coding, double seconds = 1.0) {
  const Film film({.seconds = seconds, .shot_seconds = 1.0, .width = 128, .height = 96});
  const double rate = static_cast<double>(coding.frame_rate_num) / coding.frame_rate_den;
  return encode_video(
      [&](std::uint32_t index) -> std::optional<Picture> {
        const double time = index / rate;
        if (time >= seconds) return std::nullopt;
        return film.frame(time);
      },
      coding);
}

class EveryCodecTest : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(EveryCodecTest, GivesAllFramesAtTheirTimes) {
  VideoCoding coding;
  coding.container = GetParam().first;
  coding.codec = GetParam().second;
  if (coding.codec == "mpeg4" || coding.codec == "mjpeg") coding.quality = 4;
  if (coding.container == "avi") coding.b_frames = 0;
  auto bytes = encoded(coding);
  ASSERT_TRUE(bytes) << bytes.error().what;
  const Found found = look_into(*bytes);
  ASSERT_EQ(found.streams, std::vector<AVMediaType>{AVMEDIA_TYPE_VIDEO});
  EXPECT_EQ(found.width, 128);
  EXPECT_EQ(found.height, 96);
  ASSERT_EQ(found.times.size(), 25U);
  for (std::size_t i = 0; i < found.times.size(); ++i) {
    EXPECT_NEAR(found.times[i] - found.times[0], static_cast<double>(i) / 25.0, 0.002);
  }
  auto again = encoded(coding);
  ASSERT_TRUE(again);
  EXPECT_EQ(*bytes, *again);
}

INSTANTIATE_TEST_SUITE_P(Codecs, EveryCodecTest,
                         testing::Values(std::pair{"mp4", "libx264"},
                                         std::pair{"matroska", "libx264"},
                                         std::pair{"mpegts", "libx264"}, std::pair{"avi", "mpeg4"},
                                         std::pair{"mov", "mjpeg"}, std::pair{"webm", "libvpx-vp9"},
                                         std::pair{"matroska", "ffv1"}, std::pair{"gif", "gif"}),
                         [](const auto& instance) {
                           std::string name =
                               std::string(instance.param.first) + "_" + instance.param.second;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(EncodeVideoTest, PlacesKeyFramesAsAsked) {
  VideoCoding coding;
  coding.key_interval = 250;
  coding.scene_cuts = false;
  coding.b_frames = 0;
  auto bytes = encoded(coding, 4.0);
  ASSERT_TRUE(bytes);
  Found found = look_into(*bytes);
  EXPECT_EQ(found.keys.size(), 1U);
  EXPECT_EQ(found.decoded, found.times);

  coding.key_interval = 20;
  bytes = encoded(coding, 4.0);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(look_into(*bytes).keys.size(), 5U);

  coding.key_interval = 250;
  coding.scene_cuts = true;
  bytes = encoded(coding, 4.0);
  ASSERT_TRUE(bytes);
  EXPECT_GT(look_into(*bytes).keys.size(), 2U);
}

TEST(EncodeVideoTest, ReordersFramesThatLookBothWays) {
  auto bytes = encoded({});
  ASSERT_TRUE(bytes);
  const Found found = look_into(*bytes);
  EXPECT_NE(found.decoded, found.times);
}

TEST(EncodeVideoTest, KeepsTimeStampsOfEachFrame) {
  for (const char* container : {"mp4", "matroska"}) {
    VideoCoding coding;
    coding.container = container;
    const auto time_ms = [](std::uint32_t i) { return std::int64_t{i} * 40 + (i % 3) * 13; };
    coding.time_ms = time_ms;
    auto bytes = encoded(coding);
    ASSERT_TRUE(bytes) << bytes.error().what;
    const Found found = look_into(*bytes);
    ASSERT_EQ(found.times.size(), 25U);
    for (std::uint32_t i = 0; i < 25; ++i) {
      EXPECT_NEAR(found.times[i], static_cast<double>(time_ms(i)) / 1000.0, 0.0011) << container;
    }
  }
}

TEST(EncodeVideoTest, WritesRotationForPlayers) {
  VideoCoding coding;
  coding.rotation = 90;
  auto bytes = encoded(coding);
  ASSERT_TRUE(bytes);
  const Found found = look_into(*bytes);
  EXPECT_EQ(found.rotation, -90.0);
  EXPECT_EQ(found.width, 128);
}

TEST(EncodeVideoTest, PutsSilenceBeforeTheVideo) {
  const std::map<std::string, std::string> codecs = {
      {"mp4", "libx264"}, {"mpegts", "libx264"}, {"avi", "mpeg4"}, {"webm", "libvpx-vp9"}};
  for (const auto& [container, codec] : codecs) {
    VideoCoding coding;
    coding.container = container;
    coding.codec = codec;
    coding.silent_audio_first = true;
    auto bytes = encoded(coding);
    ASSERT_TRUE(bytes) << bytes.error().what;
    const Found found = look_into(*bytes);
    EXPECT_EQ(found.streams, (std::vector{AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO})) << container;
    EXPECT_EQ(found.times.size(), 25U) << container;
  }
}

TEST(EncodeVideoTest, RefusesWhatItCannotMake) {
  VideoCoding coding;
  coding.codec = "none-such";
  auto bytes = encoded(coding);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, Errc::kUnsupported);

  coding = {};
  coding.container = "none-such";
  bytes = encoded(coding);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, Errc::kUnsupported);

  const auto nothing = [](std::uint32_t) { return std::optional<Picture>(); };
  bytes = encode_video(nothing, {});
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, Errc::kBadArgument);

  const auto growing = [](std::uint32_t i) { return std::optional(Picture(64 + 2 * i, 64)); };
  bytes = encode_video(growing, {});
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, Errc::kBadArgument);

  const auto odd = [](std::uint32_t) { return std::optional(Picture(65, 33)); };
  bytes = encode_video(odd, {});
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, Errc::kUnsupported);
}

}  // namespace
}  // namespace semblance::datasets
