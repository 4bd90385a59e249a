// SPDX-License-Identifier: Apache-2.0
// TMK+PDQF against the reference: its files, the scores of their pairs, and the signals of its own
// test videos, decoded and hashed here.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "conformance/video_data.h"
#include "sanitized.h"

namespace semblance {
namespace {

// All pairs of a folder of `.tmk` files, as a CSV file has them.
void expect_pairs(const std::string& csv, const std::string& folder) {
  std::map<std::string, TmkSignal> signals;
  for (const std::string& name : conformance::names_in(folder, ".tmk")) {
    signals[name] = conformance::tmk_of(folder + "/" + name);
  }
  constexpr float kTolerance = 0.005F;
  float largest1 = 0;
  float largest2 = 0;
  const auto rows = conformance::rows_of(csv);
  EXPECT_GE(rows.size(), 100U);
  for (const std::vector<std::string>& row : rows) {
    ASSERT_EQ(row.size(), 4U);
    const TmkSignal& a = signals[row[0]];
    const TmkSignal& b = signals[row[1]];
    const float off1 = std::abs(tmk_level1(a, b) - std::stof(row[2]));
    const float off2 = std::abs(tmk_level2(a, b) - std::stof(row[3]));
    EXPECT_LE(off1, kTolerance) << row[0] << ' ' << row[1];
    EXPECT_LE(off2, kTolerance) << row[0] << ' ' << row[1];
    largest1 = std::max(largest1, off1);
    largest2 = std::max(largest2, off2);
  }
  std::printf("%s: %zu pairs, largest difference %.2g at level 1, %.2g at level 2\n", csv.c_str(),
              rows.size(), static_cast<double>(largest1), static_cast<double>(largest2));
}

TEST(TmkConformance, ScoresOfTheStoredFilesAreTheReferences) {
  if (!exists(conformance::video_folder())) GTEST_SKIP() << "no " << conformance::video_folder();
  expect_pairs("tmk-expected-pairs-stored.csv", "tmk-stored");
}

TEST(TmkConformance, ScoresOfGeneratedFilesAreTheReferences) {
  if (!exists(conformance::video_folder())) GTEST_SKIP() << "no " << conformance::video_folder();
  expect_pairs("tmk-expected-pairs-generated.csv", "tmk-generated");
}

TEST(TmkConformance, FilesAreWrittenAsTheyWereRead) {
  if (!exists(conformance::video_folder())) GTEST_SKIP() << "no " << conformance::video_folder();
  for (const std::string folder : {"tmk-stored", "tmk-generated"}) {
    for (const std::string& name : conformance::names_in(folder, ".tmk")) {
      const std::string file = folder + "/" + name;
      const std::vector<std::uint8_t> written = to_bytes(conformance::tmk_of(file));
      const std::string read = conformance::bytes_of(file);
      EXPECT_TRUE(std::equal(written.begin(), written.end(), read.begin(), read.end(),
                             [](std::uint8_t a, char b) { return static_cast<char>(a) == b; }))
          << file;
    }
  }
}

// The first condition is what must hold; the second is what does, where the libraries that decode
// and scale are those of the reference's run (FFmpeg 5.1.9): the very bytes.
TEST(TmkConformance, OwnSignalsAreTheReferences) {
  if (test::kSanitized) GTEST_SKIP() << test::kSlowWhenSanitized;
  if (!exists(conformance::video_folder())) GTEST_SKIP() << "no " << conformance::video_folder();
  Plan plan;
  plan.digests.clear();
  plan.pdq_profiles.clear();
  plan.tmk = true;
  std::size_t same = 0;
  float least1 = 1;
  float least2 = 1;
  const auto names = conformance::names_in("tmk-generated", ".tmk");
  ASSERT_EQ(names.size(), 14U);
  for (const std::string& name : names) {
    const Extraction found =
        conformance::extract_sample(name.substr(0, name.size() - 4) + ".mp4", plan);
    ASSERT_TRUE(found.tmk) << name;
    for (const std::string folder : {"tmk-stored", "tmk-generated"}) {
      if (!exists(conformance::video_folder() / folder / name)) continue;
      const TmkSignal reference = conformance::tmk_of(folder + "/" + name);
      const float level1 = tmk_level1(*found.tmk, reference);
      const float level2 = tmk_level2(*found.tmk, reference);
      EXPECT_GT(level1, 0.999F) << folder << ' ' << name;
      EXPECT_GT(level2, 0.999F) << folder << ' ' << name;
      EXPECT_EQ(found.tmk->frames, reference.frames) << folder << ' ' << name;
      least1 = std::min(least1, level1);
      least2 = std::min(least2, level2);
      if (folder == "tmk-generated" && *found.tmk == reference) ++same;
    }
  }
  std::printf("least level 1 %.7f, level 2 %.7f; %zu of %zu are the reference's to the byte\n",
              static_cast<double>(least1), static_cast<double>(least2), same, names.size());
}

}  // namespace
}  // namespace semblance
