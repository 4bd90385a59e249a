// SPDX-License-Identifier: Apache-2.0
#include "scan/evidence.h"

#include "core/base64.h"
#include "scan/fakes.h"

namespace semblance::scanner {
namespace {

using scan_test::TempFolder;

Evidence count(const std::string& path, Progress* progress = nullptr) {
  auto evidence = count_evidence({{path}}, progress, nullptr);
  EXPECT_TRUE(evidence && evidence->has_value());
  return **evidence;
}

TEST(EvidenceTest, CountsItemsAndBytes) {
  const TempFolder folder;
  folder.put("a", "123");
  folder.put("b/c", "4567");
  Progress progress;
  const Evidence evidence = count(folder.path(), &progress);
  EXPECT_EQ(evidence.items, 2u);
  EXPECT_EQ(evidence.bytes, 7u);
  EXPECT_EQ(progress.total_items, 2u);
  EXPECT_EQ(progress.total_bytes, 7u);
  EXPECT_EQ(count(folder.path()), evidence);
}

TEST(EvidenceTest, ChangesWithNamesSizesAndTimes) {
  const TempFolder folder;
  folder.put("a", "123");
  folder.put("b", "456");
  const Evidence before = count(folder.path());
  const auto time = std::filesystem::last_write_time(folder.at("a"));

  std::filesystem::last_write_time(folder.at("a"), time + std::chrono::nanoseconds(1'000));
  EXPECT_NE(count(folder.path()).sha256, before.sha256);
  std::filesystem::last_write_time(folder.at("a"), time);
  EXPECT_EQ(count(folder.path()), before);

  std::filesystem::rename(folder.at("b"), folder.at("c"));
  EXPECT_NE(count(folder.path()).sha256, before.sha256);
  std::filesystem::rename(folder.at("c"), folder.at("b"));
  EXPECT_EQ(count(folder.path()), before);

  folder.put("a", "1234");
  std::filesystem::last_write_time(folder.at("a"), time);
  EXPECT_NE(count(folder.path()).sha256, before.sha256);
}

TEST(EvidenceTest, StopsOnRequest) {
  const TempFolder folder;
  const StopFlag stop{true};
  auto evidence = count_evidence({{folder.path()}}, nullptr, &stop);
  ASSERT_TRUE(evidence);
  EXPECT_FALSE(evidence->has_value());
}

TEST(EvidenceTest, NamesTheFirstRecordThatDiffers) {
  const TempFolder folder;
  folder.put("a", "123");
  folder.put("b\xff", "456");
  const std::string b64 = to_base64(folder.at("b\xff"));
  const std::string good = R"({"path":")" + folder.at("a") + R"(","bytes":3})" + "\n" +
                           R"({"path":")" + folder.at("b\uFFFD") + R"(","path_b64":")" + b64 +
                           R"("})" + "\n";
  const auto difference = [&](const std::string& text, std::uint64_t records) {
    const TempFolder results;
    results.put("r", text);
    auto found = first_difference({{folder.path()}}, results.at("r"), records);
    EXPECT_TRUE(found);
    return found ? *found : std::string();
  };
  EXPECT_EQ(difference(good, 2), "");
  const std::string longer = R"({"path":")" + folder.at("a") + R"(","bytes":4})" + "\n";
  EXPECT_EQ(difference(longer, 1),
            "record 1 is of \"" + folder.at("a") + "\" with 4 bytes, which now has 3");
  EXPECT_EQ(difference(R"({"path":"other"})"
                       "\n",
                       1),
            "record 1 is of \"other\", the walk now meets \"" + folder.at("a") + "\" there");
  EXPECT_EQ(difference(good + R"({"path":"gone"})"
                              "\n",
                       3),
            "record 3 is of \"gone\", where the walk now ends");
  EXPECT_EQ(difference(longer, 0), "");
}

}  // namespace
}  // namespace semblance::scanner
