// SPDX-License-Identifier: Apache-2.0
// Real files: every valid one of a format we decode gives its picture, and no hostile one harms.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "decode/collected_picture.h"

namespace semblance::decode {
namespace {

namespace fs = std::filesystem;

const fs::path kData = SEMBLANCE_TEST_DATA;

ByteVector read_all(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Counts rows and keeps nothing: some of these pictures are large.
class RowCounter final : public RowSink {
 public:
  void begin(const PictureInfo& info) override {
    ++begun;
    height = info.height;
  }
  void rows(const std::uint8_t*, std::ptrdiff_t, std::uint32_t count) override {
    rows_seen += count;
  }
  bool whole() const { return begun == 1 && rows_seen == height; }

  int begun = 0;
  std::uint64_t height = 0, rows_seen = 0;
};

// The files that the manifest says some common reader opens, and this build does not, each with
// its reason.
const std::map<std::string, Errc> kNotDecoded = {
    // Lossless JPEG and 12 bits: not in Debian's libjpeg-turbo.
    {"jpeg/jd--1-jpeg_lossless_sel1.jpg", Errc::kUnsupported},
    {"jpeg/jd--1-jpeg_lossless_sel2.jpg", Errc::kUnsupported},
    {"jpeg/jd--1-jpeg_lossless_sel3.jpg", Errc::kUnsupported},
    {"jpeg/jd--1-jpeg_lossless_sel4.jpg", Errc::kUnsupported},
    {"jpeg/jd--1-jpeg_lossless_sel5.jpg", Errc::kUnsupported},
    {"jpeg/jd--1-jpeg_lossless_sel6.jpg", Errc::kUnsupported},
    {"jpeg/jd--1-jpeg_lossless_sel7.jpg", Errc::kUnsupported},
    {"jpeg/ljt--monkey12.jpg", Errc::kUnsupported},
    // LZW codes of 11 bits for 8-bit pixels, which giflib refuses.
    {"gif/pil--issue_2811.gif", Errc::kDecode},
    // A sequence without a still picture.
    {"heic/nk--C041.heic", Errc::kUnsupported},
    // Ends right behind its header; some readers make a flat gray picture of it.
    {"jpeg/pil--ultrahdr.jpg", Errc::kTruncated},
    // A strip of no bytes.
    {"tiff/gen--jpeg.tiff", Errc::kDecode},
};

/// Column 0 and `opened_by` of the manifest; its fields hold no quoted commas before that column.
std::map<std::string, std::string> read_manifest() {
  std::map<std::string, std::string> opened_by;
  std::ifstream in(kData / "formats" / "manifest.csv");
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string field, file;
    for (int i = 0; i <= 6 && std::getline(fields, field, ','); ++i) {
      if (i == 0) file = field;
      if (i == 6) opened_by[file] = field;
    }
  }
  return opened_by;
}

TEST(FilesTest, EveryValidFileOfOurFormatsIsDecoded) {
  if (!fs::is_directory(kData / "formats")) GTEST_SKIP() << "no folder formats in the test data";
  std::map<std::string, int> decoded;
  for (const auto& [file, opened_by] : read_manifest()) {
    if (opened_by.substr(0, 5).find("not ") != std::string::npos)
      continue;  // no common reader opens it
    const ByteVector bytes = read_all(kData / "formats" / file);
    const Format format = sniff(std::span(bytes).first(std::min<std::size_t>(bytes.size(), 4096)));
    if (!decodable(format)) continue;
    RowCounter sink;
    const auto end = decode_picture(bytes, format, Limits{}, sink);
    const auto known = kNotDecoded.find(file);
    if (known != kNotDecoded.end()) {
      ASSERT_FALSE(end) << file;
      EXPECT_EQ(end.error().code, known->second) << end.error().what;
      continue;
    }
    EXPECT_TRUE(end) << file << ": " << (end ? "" : end.error().what);
    EXPECT_TRUE(!end || sink.whole()) << file;
    if (end) ++decoded[std::string(name(format))];
  }
  for (const auto& [format, count] : decoded) {
    RecordProperty(format, count);
    EXPECT_GT(count, 10) << format;
  }
  EXPECT_EQ(decoded.size(), 8u);
}

TEST(FilesTest, EveryHostileFileEndsInAResult) {
  if (!fs::is_directory(kData / "hostile")) GTEST_SKIP() << "no folder hostile in the test data";
  int files = 0;
  testing::internal::CaptureStderr();  // the library and those below it print nothing
  for (const fs::path& path : files_below(kData / "hostile")) {
    const ByteVector bytes = read_all(path);
    const Format format = sniff(std::span(bytes).first(std::min<std::size_t>(bytes.size(), 4096)));
    RowCounter sink;
    const auto end = decode_picture(bytes, format, Limits{}, sink);
    if (end) {
      EXPECT_TRUE(sink.whole()) << path;
    } else {
      EXPECT_EQ(sink.begun, 0) << path;
      EXPECT_EQ(end.error().what.find("decode "), 0u) << end.error().what;
      EXPECT_EQ(end.error().what.find('\n'), std::string::npos) << end.error().what;
    }
    ++files;
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_GT(files, 100);
}

TEST(FilesTest, NoPictureFolderHoldsAFileThatIsUnknown) {
  if (!fs::is_directory(kData / "formats")) GTEST_SKIP() << "no folder formats in the test data";
  const std::map<std::string, Format> expected = {
      {"png", Format::kPng}, {"webp", Format::kWebp}, {"psd", Format::kPsd}};
  for (const auto& [folder, format] : expected) {
    for (const fs::path& path : files_below(kData / "formats" / folder)) {
      ByteVector head = read_all(path);
      head.resize(std::min<std::size_t>(head.size(), 4096));
      EXPECT_EQ(sniff(head), format) << path;
    }
  }
}

}  // namespace
}  // namespace semblance::decode
