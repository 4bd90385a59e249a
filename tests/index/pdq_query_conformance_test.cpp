// SPDX-License-Identifier: Apache-2.0
// The flat index on the published query set: 100 needles in a haystack of 1,350 hashes.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "semblance/index.h"

namespace semblance {
namespace {

bool next_line(std::istream& in, std::string& line) {
  if (!std::getline(in, line)) return false;
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

class PdqQueryConformanceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder_ / "needles.txt")) {
      GTEST_SKIP() << "no conformance data in " << folder_;
    }
    needles_ = read_hashes("needles.txt");
    ASSERT_TRUE(index_->add(read_hashes("haystack.txt")));
  }

  std::vector<Hash256> read_hashes(const char* name) const {
    std::vector<Hash256> hashes;
    std::ifstream file(folder_ / name);
    for (std::string line; next_line(file, line);) {
      auto hash = parse_hash256(line);
      EXPECT_TRUE(hash) << name << ": " << line;
      if (hash) hashes.push_back(*hash);
    }
    return hashes;
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(SEMBLANCE_TEST_DATA) / "conformance/pdq/query";
  std::unique_ptr<Index> index_ = make_flat_index();
  std::vector<Hash256> needles_;
};

TEST_F(PdqQueryConformanceTest, EveryPairUpTo96BitsIsFoundAndNoOther) {
  auto hits = index_->range_search(needles_, 96);
  ASSERT_TRUE(hits);
  std::sort(hits->begin(), hits->end());  // the file's order: needle, then line of the haystack
  std::ifstream file(folder_ / "query-expected-le96.csv");
  std::string line;
  ASSERT_TRUE(next_line(file, line));
  ASSERT_EQ(line, "needle_line,haystack_line,distance");
  std::size_t at = 0;
  for (; next_line(file, line); ++at) {
    ASSERT_LT(at, hits->size()) << "missing: " << line;
    const Hit& hit = (*hits)[at];
    ASSERT_EQ(std::to_string(hit.query) + ',' + std::to_string(hit.row) + ',' +
                  std::to_string(hit.distance),
              line);
  }
  EXPECT_EQ(at, hits->size());
}

TEST_F(PdqQueryConformanceTest, CountsAreTheReferences) {
  std::ifstream file(folder_ / "query-counts.json");
  const auto counts = nlohmann::json::parse(file);
  ASSERT_EQ(needles_.size(), counts.at("needles"));
  ASSERT_EQ(index_->size(), counts.at("haystack"));
  const auto& by_distance = counts.at("pairs_with_distance_le");
  ASSERT_FALSE(by_distance.empty());
  for (const auto& [distance, pairs] : by_distance.items()) {
    auto hits = index_->range_search(needles_, std::stoi(distance));
    ASSERT_TRUE(hits);
    EXPECT_EQ(hits->size(), pairs) << "distance <= " << distance;
  }
}

}  // namespace
}  // namespace semblance
