// SPDX-License-Identifier: Apache-2.0
// vPDQ against the reference: its files, the percentages of its two rules, and the features of its
// own test videos, decoded and hashed here.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "conformance/video_data.h"
#include "sanitized.h"

namespace semblance {
namespace {

constexpr VpdqRule kCommand = {30, 50, false};  // vpdq/cpp: less than 31 bits, every frame counts
constexpr VpdqRule kPython = {31, 50, true};    // python-threatexchange

std::string text_of(double percent) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", percent);
  return text;
}

std::size_t of_sufficient_quality(const VideoSignal& signal) {
  std::size_t count = 0;
  for (const KnownFrame& frame : signal.frames) count += frame.at.quality >= 50 ? 1U : 0U;
  return count;
}

// All ordered pairs of a folder of feature files, as a CSV file has them.
void expect_pairs(const std::string& csv, const std::string& folder) {
  std::map<std::string, VideoSignal> signals;
  for (const std::string& name : conformance::names_in(folder, ".txt")) {
    signals[name] = conformance::vpdq_of(folder + "/" + name);
  }
  std::size_t pairs = 0;
  for (const std::vector<std::string>& row : conformance::rows_of(csv)) {
    ASSERT_EQ(row.size(), 8U);
    const VideoSignal& query = signals[row[0]];
    const VideoSignal& entry = signals[row[1]];
    const VpdqPercents command = vpdq_percents(query.frames, entry.frames, kCommand);
    const VpdqPercents python = vpdq_percents(query.frames, entry.frames, kPython);
    const std::vector<std::string> ours = {text_of(command.query),
                                           text_of(command.entry),
                                           text_of(python.query),
                                           text_of(python.entry),
                                           std::to_string(of_sufficient_quality(query)),
                                           std::to_string(of_sufficient_quality(entry))};
    EXPECT_EQ(ours, std::vector<std::string>(row.begin() + 2, row.end()))
        << row[0] << ' ' << row[1];
    ++pairs;
  }
  EXPECT_GE(pairs, 196U);
  std::printf("%s: %zu pairs\n", csv.c_str(), pairs);
}

TEST(VpdqConformance, PercentagesOfTheStoredFilesAreTheReferences) {
  if (!exists(conformance::video_folder())) GTEST_SKIP() << "no " << conformance::video_folder();
  expect_pairs("vpdq-expected-pairs-stored-every-frame.csv", "vpdq-stored");
}

TEST(VpdqConformance, PercentagesOfGeneratedFilesAreTheReferences) {
  if (!exists(conformance::video_folder())) GTEST_SKIP() << "no " << conformance::video_folder();
  expect_pairs("vpdq-expected-pairs-r1.csv", "vpdq-generated/r1");
}

TEST(VpdqConformance, FilesAreWrittenAsTheyWereRead) {
  if (!exists(conformance::video_folder())) GTEST_SKIP() << "no " << conformance::video_folder();
  std::size_t files = 0;
  for (const std::string folder :
       {"vpdq-stored", "vpdq-generated/every-frame", "vpdq-generated/every-frame-s128",
        "vpdq-generated/r1", "vpdq-generated/r1-s64", "vpdq-generated/r05"}) {
    for (const std::string& name : conformance::names_in(folder, ".txt")) {
      const std::string file = folder + "/" + name;
      std::ostringstream out;
      EXPECT_TRUE(write_vpdq(out, conformance::vpdq_of(file).frames));
      EXPECT_EQ(out.str(), conformance::bytes_of(file)) << file;
      ++files;
    }
  }
  std::printf("%zu files\n", files);
}

// How the frames of a folder of feature files were sampled and scaled.
struct Sampled {
  const char* folder;
  double seconds_per_hash;
  std::uint32_t side;  // 0: the video's own
};

// Differences over the frames of some videos.
struct Differences {
  std::size_t frames = 0;
  std::size_t usable = 0;  // of quality 50 and more
  std::size_t equal = 0;
  std::size_t within_2 = 0;
  int largest = 0;  // bits, of the usable
  int quality = 0;

  void add(const KnownFrame& ours, const KnownFrame& reference) {
    ++frames;
    quality = std::max(quality, std::abs(int{ours.at.quality} - int{reference.at.quality}));
    if (reference.at.quality < 50) return;
    const int bits = hamming_distance(ours.hash, reference.hash);
    ++usable;
    equal += bits == 0 ? 1U : 0U;
    within_2 += bits <= 2 ? 1U : 0U;
    largest = std::max(largest, bits);
  }
};

// The extraction of one sample against its feature file.
void compare(const std::string& name, const Sampled& how, Differences& all) {
  Plan plan;
  plan.digests.clear();
  plan.frames = {Sampling::kVpdq, how.seconds_per_hash, how.side, how.side};
  const Extraction found = conformance::extract_sample(name + ".mp4", plan);
  const std::vector<KnownFrame> ours = to_known(Sampling::kVpdq, 0, found.frames).frames;
  const std::vector<KnownFrame> theirs =
      conformance::vpdq_of("vpdq-generated/" + std::string(how.folder) + "/" + name + ".txt")
          .frames;
  ASSERT_EQ(ours.size(), theirs.size()) << name;
  Differences own;
  for (std::size_t k = 0; k < ours.size(); ++k) {
    EXPECT_EQ(ours[k].at.number, theirs[k].at.number) << name << ' ' << k;
    EXPECT_EQ(ours[k].at.start_ms, theirs[k].at.start_ms) << name << ' ' << k;
    own.add(ours[k], theirs[k]);
    all.add(ours[k], theirs[k]);
  }
  EXPECT_LE(own.quality, 1) << name;
  EXPECT_LE(own.largest, 4) << name;
  EXPECT_GE(100 * own.within_2, 95 * own.usable) << name;
}

class VpdqFeatures : public ::testing::TestWithParam<Sampled> {};

TEST_P(VpdqFeatures, AreThoseOfTheReference) {
  if (test::kSanitized && GetParam().seconds_per_hash == 0)
    GTEST_SKIP() << test::kSlowWhenSanitized;
  if (!exists(conformance::video_folder())) GTEST_SKIP() << "no " << conformance::video_folder();
  Differences all;
  const auto files =
      conformance::names_in(std::string("vpdq-generated/") + GetParam().folder, ".txt");
  ASSERT_EQ(files.size(), 14U);
  for (const std::string& file : files) compare(file.substr(0, file.size() - 4), GetParam(), all);
  std::printf(
      "%s: %zu frames, %zu of quality 50 and more: %zu equal, %zu within 2 bits, largest %d; "
      "quality off by %d at most\n",
      GetParam().folder, all.frames, all.usable, all.equal, all.within_2, all.largest, all.quality);
}

INSTANTIATE_TEST_SUITE_P(Samples, VpdqFeatures,
                         ::testing::Values(Sampled{"r1", 1, 0}, Sampled{"r1-s64", 1, 64},
                                           Sampled{"r05", 0.5, 0},
                                           Sampled{"every-frame-s128", 0, 128},
                                           Sampled{"every-frame", 0, 0}),
                         [](const auto& each) {
                           std::string name = each.param.folder;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace semblance
