// SPDX-License-Identifier: Apache-2.0
#include "scan/results.h"

#include "scan/fakes.h"

namespace semblance::scanner {
namespace {

using scan_test::slurp;
using scan_test::TempFolder;

TEST(ResultsTest, GoesOnFromWhatItsStretchesVouchFor) {
  const TempFolder folder;
  const std::string path = folder.at("r");
  std::vector<Stretch> stretches;
  std::string whole;
  {
    auto results = Results::open(path);
    ASSERT_TRUE(results && results->keep({}));
    ASSERT_TRUE(results->add("one") && results->add("two"));
    stretches.push_back(*results->settle());
    ASSERT_TRUE(results->add("three"));
    stretches.push_back(*results->settle());
    EXPECT_EQ(results->records(), 3u);
    EXPECT_EQ(results->bytes(), 14u);
    whole = results->sha256();
    EXPECT_EQ(whole, sha256_hex("one\ntwo\nthree\n"));
  }
  EXPECT_EQ(stretches[0].sha256, sha256_hex("one\ntwo\n"));
  EXPECT_EQ(stretches[1].sha256, sha256_hex("three\n"));
  std::ofstream(path, std::ios::app) << "not vouched for";
  {
    auto results = Results::open(path);
    ASSERT_TRUE(results && results->keep(stretches));
    EXPECT_EQ(slurp(path), "one\ntwo\nthree\n");
    EXPECT_EQ(results->records(), 3u);
    ASSERT_TRUE(results->add("four"));
    EXPECT_EQ(results->settle()->end, 19u);
    EXPECT_EQ(results->sha256(), sha256_hex("one\ntwo\nthree\nfour\n"));
  }
}

TEST(ResultsTest, RefusesRecordsThatAreMissingOrDiffer) {
  const TempFolder folder;
  const std::vector<Stretch> stretches = {{2, 8, sha256_hex("one\ntwo\n")}};
  for (const char* text : {"one\ntwo", "one\ntwO\n", ""}) {
    folder.put("r", text);
    auto results = Results::open(folder.at("r"));
    ASSERT_TRUE(results);
    const Status kept = results->keep(stretches);
    ASSERT_FALSE(kept) << text;
    EXPECT_EQ(kept.error().code, Errc::kMismatch);
    EXPECT_EQ(slurp(folder.at("r")), text) << "changed before it was refused";
  }
}

TEST(ResultsTest, WritesLinesOfAnySizeWhole) {
  const TempFolder folder;
  auto results = Results::open(folder.at("r"));
  ASSERT_TRUE(results && results->keep({}));
  const std::string big(3'000'000, 'x');
  ASSERT_TRUE(results->add("a") && results->add(big) && results->add("b"));
  ASSERT_TRUE(results->settle());
  EXPECT_EQ(slurp(folder.at("r")), "a\n" + big + "\nb\n");
}

}  // namespace
}  // namespace semblance::scanner
