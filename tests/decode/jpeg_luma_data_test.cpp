// SPDX-License-Identifier: Apache-2.0
// Real files, good and bad: whatever is read of one is what libjpeg-turbo and decode_picture say.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "decode/collected_picture.h"
#include "decode/jpeg_luma.h"
#include "decode/jpeg_luma_oracle.h"

namespace semblance::decode {
namespace {

namespace fs = std::filesystem;

struct Tally {
  int files = 0;  // that sniff as JPEG
  int opened = 0;
  int read = 0;
};

Tally judge_folder(const std::string& name) {
  Tally tally;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(SEMBLANCE_TEST_DATA) / name)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  for (const fs::path& path : paths) {
    std::ifstream in(path, std::ios::binary);
    const ByteVector bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const auto head = std::span(bytes).first(std::min<std::size_t>(bytes.size(), 4096));
    if (sniff(head) != Format::kJpeg) continue;
    const LumaVerdict verdict = judge_luma(bytes);
    EXPECT_EQ(verdict.wrong, "") << path;
    tally.files += 1;
    tally.opened += verdict.opened ? 1 : 0;
    tally.read += verdict.all_read() ? 1 : 0;
  }
  return tally;
}

void judge(const std::string& folder, double least_read) {
  if (!fs::is_directory(fs::path(SEMBLANCE_TEST_DATA) / folder)) {
    GTEST_SKIP() << "no folder " << folder << " in the test data";
  }
  const Tally tally = judge_folder(folder);
  testing::Test::RecordProperty("files", tally.files);
  testing::Test::RecordProperty("opened", tally.opened);
  testing::Test::RecordProperty("read", tally.read);
  EXPECT_GT(tally.files, 0);
  EXPECT_GE(tally.read, least_read * tally.files)
      << tally.read << " of " << tally.files << ", " << tally.opened << " opened";
}

// Nine of ten real photographs are of the usual kind.
TEST(JpegLumaDataTest, ReadsPhotographs) { judge("photos", 0.9); }
TEST(JpegLumaDataTest, ReadsTheReferencesPictures) { judge("conformance", 0.9); }
TEST(JpegLumaDataTest, AgreesOnEveryKindOfFile) { judge("formats", 0.2); }
TEST(JpegLumaDataTest, AgreesOnHostileFiles) { judge("hostile", 0.0); }

}  // namespace
}  // namespace semblance::decode
