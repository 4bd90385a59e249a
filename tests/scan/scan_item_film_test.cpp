// SPDX-License-Identifier: Apache-2.0
// The two looks at a video: when its key frames are enough, and what is said of it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "scan/fakes.h"
#include "scan/scan_item.h"

namespace semblance::scanner {
namespace {

using nlohmann::json;
using scan_test::TempFolder;

/// A file that begins with `film` is one of four seconds: each word after it is the hash, one digit
/// long, of what half a second shows, `.` of black. Key frames are the even ones.
class FilmExtractor final : public Extractor {
 public:
  std::vector<Plan> plans;
  Ending fast_ending{Reason::kNone, false, "", 4'000};
  Ending dense_ending{Reason::kNone, false, "", 4'000};  // which may say how far that look gets
  bool fast_finds = true;

  void extract(int descriptor, const Plan& plan, const Limits&, ExtractSink& sink) override {
    plans.push_back(plan);
    std::array<std::uint8_t, 4096> block{};
    const auto got = read_at(descriptor, block, 0, "");
    std::istringstream words(std::string(block.begin(), block.begin() + std::ptrdiff_t(*got)));
    std::string word;
    words >> word;
    if (word != "film") return sink.on_end({Reason::kNotMedia, false, "sniff: nothing"});
    Facts facts;
    facts.kind = MediaKind::kVideo;
    facts.decoder = "libfilm 1";
    sink.on_facts(facts);
    const bool fast = sampling_of(plan) == Sampling::kKeyframes;
    for (std::uint32_t i = 0; words >> word; ++i) {
      if (word == "." || (fast && (i % 2 != 0 || !fast_finds))) continue;
      if (!fast && 500 * i > *dense_ending.reached_ms) break;
      FrameSignal frame;
      frame.at = {i, 500 * i, 500 * i + 400, 0, FrameForm::kWhole, 90};
      for (Hash256& hash : frame.hashes) hash = *parse_hash256(std::string(64, word[0]));
      sink.on_frames({&frame, 1});
    }
    sink.on_end(fast ? fast_ending : dense_ending);
  }
};

/// Knows one frame.
class OneFrameMatcher final : public scan_test::FakeMatcher {
 public:
  Hash256 known_frame = *parse_hash256(std::string(64, 'a'));

  using FakeMatcher::match;

  Result<MatchResult> match(const Extraction& item) const override {
    MatchResult found;
    for (const FrameSignal& frame : item.frames) {
      if (frame.hashes[0] != known_frame) continue;
      Match match;
      match.bank = "demo";
      match.query_interval = {frame.at.start_ms, frame.at.end_ms};
      found.matches.push_back(match);
    }
    return found;
  }
  Result<bool> rules_out(const Extraction& item) const override {
    return match(item)->matches.empty();
  }
};

struct ScanFilmTest : testing::Test {
  TempFolder folder;
  FilmExtractor extractor;
  OneFrameMatcher matcher;

  json only(const std::string& film, Precision precision, ScanReport* report = nullptr) {
    folder.put("a", film);
    RunOptions options{{folder.path()}, 1};
    options.precision = precision;
    extractor.plans.clear();
    std::string line;
    const auto write = [&](std::string_view one) {
      line = one;
      return ok();
    };
    auto done = scan(options, matcher, extractor, write, nullptr, nullptr);
    EXPECT_TRUE(done) << done.error().what;
    if (done && report != nullptr) *report = *done;
    return json::parse(line);
  }
  std::vector<Sampling> looks() const {
    std::vector<Sampling> samplings;
    for (const Plan& plan : extractor.plans) samplings.push_back(plan.frames.sampling);
    return samplings;
  }
};

const std::vector<Sampling> kOnlyKeyFrames = {Sampling::kKeyframes};
const std::vector<Sampling> kOnlyDense = {Sampling::kDense};
const std::vector<Sampling> kBothLooks = {Sampling::kKeyframes, Sampling::kDense};

TEST_F(ScanFilmTest, WhatItsKeyFramesRuleOutIsNotLookedAtAgain) {
  ScanReport report;
  const json record = only("film 1 2 3 4", Precision::kAuto, &report);
  EXPECT_EQ(record["outcome"], "clean");
  EXPECT_EQ(record["signals"][0]["sampling"], "keyframes");
  EXPECT_EQ(record["signals"][0]["precision"], "fast");
  EXPECT_EQ(record["signals"][0]["frames"], 2);
  EXPECT_EQ(looks(), kOnlyKeyFrames);
  EXPECT_EQ(report.counts.extracted_twice, 0U);
}

TEST_F(ScanFilmTest, WhatItsKeyFramesDoNotRuleOutIsReportedByADenseLook) {
  ScanReport report;
  const json record = only("film 1 2 a a a", Precision::kAuto, &report);
  EXPECT_EQ(record["outcome"], "matched");
  EXPECT_EQ(record["signals"][0]["sampling"], "dense");
  EXPECT_EQ(record["signals"][0]["frames"], 5);
  EXPECT_EQ(record["matches"].size(), 3U);
  EXPECT_EQ(record["matches"][0]["query_interval"], json::parse("[1.0,1.4]"));
  EXPECT_EQ(looks(), kBothLooks);
  EXPECT_EQ(report.counts.extracted_twice, 1U);
  EXPECT_EQ(record, only("film 1 2 a a a", Precision::kExact));
  EXPECT_EQ(looks(), kOnlyDense);
}

TEST_F(ScanFilmTest, FastIsKeyFramesAndNoMore) {
  const json record = only("film 1 2 a a a", Precision::kFast);
  EXPECT_EQ(record["matches"].size(), 2U);
  EXPECT_EQ(looks(), kOnlyKeyFrames);
}

TEST_F(ScanFilmTest, AVideoWhoseKeyFramesShowNothingIsLookedAtAgain) {
  EXPECT_EQ(only("film . a . 1", Precision::kAuto)["outcome"], "matched");
  EXPECT_EQ(looks(), kBothLooks);
  const json black = only("film . . . .", Precision::kAuto);
  EXPECT_EQ(black["outcome"], "not_evaluated");
  EXPECT_EQ(black["reason"], "low_quality");
  EXPECT_EQ(looks(), kBothLooks);
}

TEST_F(ScanFilmTest, AFastLookAtDamageIsNotBelieved) {
  for (const bool partial : {true, false}) {
    for (const Reason reason : {Reason::kDecodeFailed, Reason::kTruncated}) {
      extractor.fast_finds = partial;
      extractor.fast_ending = {reason, partial, "decode: no", 1'000};
      EXPECT_EQ(only("film 1 2", Precision::kAuto)["outcome"], "clean");
      EXPECT_EQ(looks(), kBothLooks) << name(reason);
    }
  }
}

TEST_F(ScanFilmTest, WhatIsTooLongOrCannotBeDecodedAtAllIsLookedAtOnce) {
  for (const Reason reason :
       {Reason::kTimedOut, Reason::kOverLimit, Reason::kUnsupported, Reason::kDecoderCrashed}) {
    extractor.fast_finds = false;
    extractor.fast_ending = {reason, false, "decode: no"};
    EXPECT_EQ(only("film 1 2", Precision::kAuto)["reason"], std::string(name(reason)));
    EXPECT_EQ(looks(), kOnlyKeyFrames) << name(reason);
    extractor.fast_finds = true;
    extractor.fast_ending = {reason, true, "decode: no", 1'000};
    const json record = only("film 1 2 a", Precision::kAuto);
    EXPECT_EQ(record["outcome"], "matched") << "by the frames that came";
    EXPECT_EQ(record["complete"], false);
    EXPECT_EQ(record["decoded_to"], 1.0);
    EXPECT_EQ(looks(), kOnlyKeyFrames) << name(reason);
  }
}

TEST_F(ScanFilmTest, WhatADenseLookHasNoTimeForCountsAsItsKeyFramesFoundIt) {
  extractor.dense_ending = {Reason::kTimedOut, true, "decode: not done", 400};
  ScanReport report;
  json record = only("film 1 2 a", Precision::kAuto, &report);
  EXPECT_EQ(record["outcome"], "matched");
  EXPECT_EQ(record["signals"][0]["sampling"], "keyframes");
  EXPECT_EQ(record["matches"][0]["query_interval"], json::parse("[1.0,1.4]"));
  EXPECT_FALSE(record.contains("reason"));
  EXPECT_EQ(looks(), kBothLooks);
  EXPECT_EQ(report.counts.extracted_twice, 1U);
  // What it does find is told by it, and what neither finds is not evaluated.
  record = only("film a 2 a", Precision::kAuto);
  EXPECT_EQ(record["signals"][0]["sampling"], "dense");
  EXPECT_EQ(record["complete"], false);
  extractor.fast_ending = {Reason::kTruncated, true, "decode: ends early", 1'000};
  record = only("film 1 2 3", Precision::kAuto);
  EXPECT_EQ(record["outcome"], "not_evaluated");
  EXPECT_EQ(record["reason"], "timed_out");
}

TEST_F(ScanFilmTest, WhereTmkTakesEveryFrameTheFirstLookIsDense) {
  matcher.mutable_plan().tmk = true;
  const json record = only("film 1 2 a", Precision::kAuto);
  EXPECT_EQ(record["outcome"], "matched");
  EXPECT_EQ(record["signals"][0]["sampling"], "dense");
  EXPECT_EQ(extractor.plans.size(), 1U);
}

}  // namespace
}  // namespace semblance::scanner
