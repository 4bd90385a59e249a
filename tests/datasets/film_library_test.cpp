// SPDX-License-Identifier: Apache-2.0
#include "datasets/film_library.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/files.h"
#include "datasets/output.h"

namespace semblance::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = std::size_t{1} << 26;

std::map<std::string, std::string> contents(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files[fs::relative(entry.path(), folder)] = *read_file(entry.path(), kMaxBytes);
  }
  return files;
}

std::vector<std::vector<std::string>> cells_of(const std::string& csv) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream text(csv);
  for (std::string line; std::getline(text, line);) {
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  return rows;
}

class FilmLibraryTest : public testing::Test {
 protected:
  FilmLibraryTest() {
    options_.films = 1;
    options_.clips = 4;
    options_.unrelated = 1;
    options_.seconds = 2;
    options_.clip_seconds = 1;
    options_.width = 96;
    options_.height = 64;
    // Tests of one program may run at the same time.
    folder_ = testing::TempDir() + "/film_library_test_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
  }
  ~FilmLibraryTest() override { fs::remove_all(folder_); }

  std::string folder_;
  FilmLibraryOptions options_;
};

TEST_F(FilmLibraryTest, WritesEveryFileThatTheTruthNames) {
  std::uint32_t told = 0;
  const Status written =
      write_film_library(folder_, options_, [&](std::uint32_t done, std::uint32_t total) {
        EXPECT_EQ(total, 7U);
        told = done;
      });
  ASSERT_TRUE(written) << written.error().what;
  EXPECT_EQ(told, 7U);
  const auto files = contents(folder_);
  EXPECT_EQ(files.size(), 9U);
  const auto rows = cells_of(files.at("truth.csv"));
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_EQ(rows[0], (std::vector<std::string>{"clip", "known", "clip_start", "clip_end",
                                               "known_start", "known_end", "alteration"}));
  std::set<std::string> alterations;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i].size(), 7U);
    EXPECT_TRUE(files.contains(rows[i][0]));
    EXPECT_TRUE(files.contains(rows[i][1]));
    const double shown = std::stod(rows[i][3]) - std::stod(rows[i][2]);
    const double known = std::stod(rows[i][5]) - std::stod(rows[i][4]);
    EXPECT_NEAR(known, 1.0, 0.002);
    EXPECT_NEAR(shown, rows[i][6] == "faster" ? 0.8 : 1.0, 0.002);
    EXPECT_GE(std::stod(rows[i][4]), 0.0);
    EXPECT_LE(std::stod(rows[i][5]), options_.seconds);
    alterations.insert(rows[i][6]);
  }
  const auto stills = cells_of(files.at("stills.csv"));
  ASSERT_EQ(stills.size(), 2U);
  EXPECT_EQ(stills[0], (std::vector<std::string>{"still", "known", "time"}));
  EXPECT_TRUE(files.contains(stills[1][0]));
  EXPECT_EQ(stills[1][1], "known/0000.mp4");
  EXPECT_LT(std::stod(stills[1][2]), options_.seconds);
  EXPECT_EQ(alterations, (std::set<std::string>{"bordered", "plain", "faster", "mirrored"}));
}

TEST_F(FilmLibraryTest, LeavesAFolderThatIsNotEmptyAlone) {
  fs::create_directories(folder_);
  ASSERT_TRUE(write_file(folder_ + "/mine.txt", "mine", false));
  const Status written = write_film_library(folder_, options_, {});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::kExists);
  EXPECT_EQ(contents(folder_).size(), 1U);
}

}  // namespace
}  // namespace semblance::datasets
