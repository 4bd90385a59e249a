// SPDX-License-Identifier: Apache-2.0
// Real files: every valid video gives its frames, and no hostile one harms.
#include <gtest/gtest.h>

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>

#include "core/files.h"
#include "decode/video/collected_video.h"

namespace semblance::decode {
namespace {

namespace fs = std::filesystem;

const fs::path kData = SEMBLANCE_TEST_DATA;

std::string read_all(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Format format_of(const std::string& file) {
  return sniff({reinterpret_cast<const std::uint8_t*>(file.data()),
                std::min<std::size_t>(file.size(), 4096)});
}

/// What the manifest says of a file.
struct Listed {
  std::string format;     // container and codings, such as `mov/h264+aac`
  double seconds = 0;     // 0 where it is not known
  std::string opened_by;  // `decodes`, or what happens instead
  std::uint32_t width = 0, height = 0;
};

/// The fields that count here stand before any that can hold a comma.
std::map<std::string, Listed> read_manifest() {
  std::map<std::string, Listed> files;
  std::ifstream in(kData / "videos" / "manifest.csv");
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::vector<std::string> row(8);
    for (std::string& field : row) std::getline(fields, field, ',');
    Listed& listed = files[row[0]];
    listed.width = row[3].empty() ? 0 : static_cast<std::uint32_t>(std::stoul(row[3]));
    listed.height = row[4].empty() ? 0 : static_cast<std::uint32_t>(std::stoul(row[4]));
    listed.format = row[5];
    listed.seconds = row[6].empty() ? 0 : std::stod(row[6]);
    listed.opened_by = row[7];
  }
  return files;
}

bool has_video(const Listed& listed) { return listed.width > 0; }
bool is_cover(const std::string& file) {
  return file.find("attached-pic") != std::string::npos || file.find("apic") != std::string::npos;
}

class VideoFilesTest : public testing::TestWithParam<Reading> {};
INSTANTIATE_TEST_SUITE_P(Plans, VideoFilesTest,
                         testing::Values(Reading::kEveryFrame, Reading::kKeyframes),
                         [](const auto& p) {
                           return p.param == Reading::kEveryFrame ? "every_frame" : "key_frames";
                         });

TEST_P(VideoFilesTest, EveryValidFileIsRead) {
  if (!fs::is_directory(kData / "videos")) GTEST_SKIP() << "no folder videos in the test data";
  int read = 0;
  for (const auto& [file, listed] : read_manifest()) {
    SCOPED_TRACE(file);
    const std::string bytes = read_all(kData / "videos" / file);
    ASSERT_TRUE(has_frames(format_of(bytes)));
    VideoCollector sink;
    const auto end = read_bytes(bytes, sink, {GetParam(), false});
    ++read;
    if (is_cover(file)) {
      EXPECT_EQ(sink.pictures.size(), 1u);
    }
    const bool cut = file.find("truncated") != std::string::npos;
    if (!has_video(listed) || is_cover(file) || listed.opened_by.find("FAILS") == 0) {
      ASSERT_FALSE(end);
      EXPECT_EQ(end.error().code, cut ? Errc::kTruncated : Errc::kUnsupported);
      continue;
    }
    ASSERT_TRUE(end) << end.error().what;
    EXPECT_EQ(end->end.partial, cut) << end->end.detail;
    if (cut) {
      EXPECT_EQ(end->end.code, Errc::kTruncated) << end->end.detail;
    }
    EXPECT_EQ(sink.info.width, listed.width);
    EXPECT_EQ(sink.info.height, listed.height);
    EXPECT_EQ(end->frames, sink.frames.size());
    if (!cut && listed.seconds > 0 && listed.format.find('+') == std::string::npos) {
      EXPECT_NEAR(end->reached_ms, listed.seconds * 1000, 100);
    }
    for (std::uint32_t stream = 0; stream < sink.info.video_streams; ++stream) {
      EXPECT_LE(sink.longest_gap_us(stream), 2'000'000);
    }
  }
  EXPECT_GT(read, 50);
}

TEST_P(VideoFilesTest, EveryHostileFileEndsInAResult) {
  if (!fs::is_directory(kData / "hostile")) GTEST_SKIP() << "no folder hostile in the test data";
  int files = 0;
  testing::internal::CaptureStderr();  // the library and those below it print nothing
  for (const auto& entry : fs::directory_iterator(kData / "hostile")) {
    const std::string bytes = read_all(entry.path());
    const Format format = format_of(bytes);
    if (!has_frames(format)) continue;
    SCOPED_TRACE(entry.path());
    VideoCollector sink;
    Limits limits;
    limits.max_video_seconds = 5;
    const auto end = read_bytes_as(bytes, format, sink, {GetParam(), false}, limits);
    if (end) {
      EXPECT_EQ(end->frames, sink.frames.size());
      EXPECT_GT(end->frames, 0u);
      EXPECT_EQ(end->end.partial, !end->end.detail.empty());
    } else {
      EXPECT_TRUE(sink.frames.empty());
      EXPECT_EQ(end.error().what.find("decode "), 0u) << end.error().what;
      EXPECT_EQ(end.error().what.find('\n'), std::string::npos) << end.error().what;
      EXPECT_EQ(end.error().what.find(" @ 0x"), std::string::npos) << end.error().what;
    }
    ++files;
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_GT(files, 50);
}

TEST(VideoFilesTest, TheFirstStreamAloneIsReadWhereThatIsAsked) {
  const fs::path path = kData / "videos" / "gen-two-video-streams.mkv";
  if (!fs::is_regular_file(path)) GTEST_SKIP() << "no such file in the test data";
  VideoCollector both, first;
  ASSERT_TRUE(read_bytes(read_all(path), both));
  ASSERT_TRUE(read_bytes(read_all(path), first, {Reading::kEveryFrame, true}));
  EXPECT_EQ(both.info.video_streams, 2u);
  EXPECT_EQ(both.frames.size(), 300u);
  EXPECT_EQ(first.frames.size(), 150u);
  EXPECT_EQ(first.coded(0), both.coded(0));
}

}  // namespace
}  // namespace semblance::decode
