// SPDX-License-Identifier: Apache-2.0
#include "datasets/library.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/files.h"
#include "datasets/alterations.h"

namespace semblance::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = std::size_t{1} << 26;

struct Row {
  std::string copy, original, alteration, within_reach;
};

std::vector<Row> truth_of(const std::string& folder) {
  std::istringstream text(*read_file(folder + "/truth.csv", kMaxBytes));
  std::vector<Row> rows;
  std::string line;
  std::getline(text, line);
  EXPECT_EQ(line, "copy,original,alteration,within_reach");
  while (std::getline(text, line)) {
    std::istringstream cells(line);
    Row row;
    std::getline(cells, row.copy, ',');
    std::getline(cells, row.original, ',');
    std::getline(cells, row.alteration, ',');
    std::getline(cells, row.within_reach);
    rows.push_back(row);
  }
  return rows;
}

// Every file below the folder, by its path there.
std::map<std::string, std::string> contents(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files[fs::relative(entry.path(), folder)] = *read_file(entry.path(), kMaxBytes);
  }
  return files;
}

class LibraryTest : public testing::Test {
 protected:
  LibraryTest() {
    options_.originals = 4;
    options_.copies = 6;
    options_.unrelated = 3;
    options_.width = 80;
    options_.height = 64;
    fs::remove_all(folder_);
  }
  ~LibraryTest() override { fs::remove_all(folder_); }

  LibraryOptions options_;
  std::string folder_ = testing::TempDir() + "semblance-library-" +
                        testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(LibraryTest, TruthNamesEveryCopyOnce) {
  std::uint32_t last = 0;
  auto written = write_library(folder_, options_, [&](std::uint32_t done, std::uint32_t total) {
    EXPECT_EQ(done, last + 1);
    EXPECT_EQ(total, 4U + 4U * 6U + 3U);
    last = done;
  });
  ASSERT_TRUE(written) << written.error().what;
  EXPECT_EQ(last, 31U);

  const auto files = contents(folder_);
  const auto rows = truth_of(folder_);
  EXPECT_EQ(rows.size(), 24U);
  EXPECT_EQ(files.size(), 32U);
  std::set<std::string> copies;
  for (const Row& row : rows) {
    EXPECT_TRUE(copies.insert(row.copy).second);
    ASSERT_TRUE(files.contains(row.copy)) << row.copy;
    ASSERT_TRUE(files.contains(row.original)) << row.original;
    EXPECT_EQ(files.at(row.copy) == files.at(row.original), row.alteration == "identical");
    if (row.alteration == "identical") {
      EXPECT_EQ(row.within_reach, "true");
    } else {
      auto alteration = find_alteration(row.alteration);
      ASSERT_TRUE(alteration) << row.alteration;
      EXPECT_EQ(row.within_reach, "false") << "these originals are too small to promise anything";
    }
  }
}

TEST_F(LibraryTest, ReachIsThatOfTheCatalogueForOriginalsLargeEnough) {
  options_.originals = 1;
  options_.unrelated = 0;
  options_.copies = 0;
  options_.width = kMeasuredSide;
  ASSERT_TRUE(write_library(folder_, options_, {}));
  for (const Row& row : truth_of(folder_)) {
    if (row.alteration == "identical") continue;
    EXPECT_EQ(row.within_reach, find_alteration(row.alteration)->within_reach ? "true" : "false");
  }
}

TEST_F(LibraryTest, NamesOfCopiesAndStrangersSayNothing) {
  ASSERT_TRUE(write_library(folder_, options_, {}));
  for (const char* part : {"/copies", "/unrelated"}) {
    for (const auto& entry : fs::directory_iterator(folder_ + part)) {
      const std::string stem = entry.path().stem();
      EXPECT_EQ(stem.size(), 12U);
      EXPECT_EQ(stem.find_first_not_of("0123456789abcdef"), std::string::npos) << stem;
    }
  }
}

TEST_F(LibraryTest, FollowsItsSeed) {
  ASSERT_TRUE(write_library(folder_, options_, {}));
  const auto first = contents(folder_);
  fs::remove_all(folder_);
  ASSERT_TRUE(write_library(folder_, options_, {}));
  EXPECT_EQ(contents(folder_), first);
  fs::remove_all(folder_);
  options_.seed = 2;
  ASSERT_TRUE(write_library(folder_, options_, {}));
  EXPECT_NE(contents(folder_), first);
}

TEST_F(LibraryTest, ZeroCopiesMeansEveryAlteration) {
  options_.originals = 1;
  options_.copies = 0;
  ASSERT_TRUE(write_library(folder_, options_, {}));
  std::set<std::string> used;
  for (const Row& row : truth_of(folder_)) used.insert(row.alteration);
  EXPECT_EQ(used.size(), alterations().size() + 1);
}

TEST_F(LibraryTest, RefusesAFolderWithContentUnlessForced) {
  fs::create_directories(folder_ + "/mine");
  auto refused = write_library(folder_, options_, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kExists);
  EXPECT_FALSE(fs::exists(folder_ + "/truth.csv"));
  options_.force = true;
  EXPECT_TRUE(write_library(folder_, options_, {}));
  EXPECT_TRUE(fs::exists(folder_ + "/mine"));
}

TEST_F(LibraryTest, PicturesHaveTheSizeAskedFor) {
  PicturesOptions options;
  options.count = 2;
  options.megapixels = 0.012;
  auto written = write_pictures(folder_, options, {});
  ASSERT_TRUE(written) << written.error().what;
  const auto files = contents(folder_);
  ASSERT_EQ(files.size(), 2U);
  for (const auto& [name, bytes] : files) {
    const std::size_t at = bytes.find("\xff\xc0");
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_EQ(bytes.substr(at + 5, 4), std::string("\0\x5f\0\x7e", 4)) << "95 rows, 126 columns";
  }
}

}  // namespace
}  // namespace semblance::datasets
