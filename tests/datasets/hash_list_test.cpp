// SPDX-License-Identifier: Apache-2.0
#include "datasets/hash_list.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>

#include "core/files.h"

namespace semblance::datasets {
namespace {

std::string fresh_path(const char* name) {
  const std::string path = testing::TempDir() + "semblance-" + name;
  std::filesystem::remove(path);
  return path;
}

TEST(RandomHashTest, HasHalfItsBitsSetAndFavoursNone) {
  Random random(1);
  std::array<int, 256> set{};
  for (int i = 0; i < 2000; ++i) {
    const Hash256 hash = random_hash(random);
    ASSERT_EQ(hamming_distance(hash, Hash256{}), 128);
    for (std::size_t bit = 0; bit < 256; ++bit) {
      set[bit] += (hash.bytes[bit / 8] >> (bit % 8)) & 1;
    }
  }
  for (const int count : set) EXPECT_NEAR(count, 1000, 120);  // five deviations
}

TEST(HashListTest, WritesTheRowsOfItsFormat) {
  for (const HashListFormat format : {HashListFormat::kCsv, HashListFormat::kHex}) {
    const std::string path = fresh_path("list");
    HashListOptions options;
    options.count = 300;
    options.format = format;
    auto written = write_hash_list(path, options);
    ASSERT_TRUE(written) << written.error().what;
    std::istringstream text(*read_file(path, 1 << 20));
    std::set<std::string> rows;
    const bool csv = format == HashListFormat::kCsv;
    for (std::string line; std::getline(text, line);) {
      ASSERT_EQ(line.size(), csv ? 4U + 64U + 10U : 64U);
      if (csv) {
        EXPECT_EQ(line.substr(0, 4), "pdq,");
        EXPECT_EQ(line.substr(68), ",synthetic");
      }
      EXPECT_TRUE(parse_hash256(line.substr(csv ? 4 : 0, 64)));
      rows.insert(line);
    }
    EXPECT_EQ(rows.size(), 300U);
  }
}

TEST(HashListTest, FollowsItsSeedAndDoesNotOverwriteUnasked) {
  const std::string path = fresh_path("list-seed");
  HashListOptions options;
  options.count = 10;
  ASSERT_TRUE(write_hash_list(path, options));
  const std::string first = *read_file(path, 1 << 20);
  auto refused = write_hash_list(path, options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kExists);
  options.force = true;
  ASSERT_TRUE(write_hash_list(path, options));
  EXPECT_EQ(*read_file(path, 1 << 20), first);
  options.seed = 2;
  ASSERT_TRUE(write_hash_list(path, options));
  EXPECT_NE(*read_file(path, 1 << 20), first);
}

}  // namespace
}  // namespace semblance::datasets
