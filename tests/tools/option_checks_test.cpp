// SPDX-License-Identifier: Apache-2.0
#include "option_checks.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>

namespace semblance::tool {
namespace {

TEST(OptionChecks, SamplingFollowsFromFormatAndPrecision) {
  HashOptions options;
  EXPECT_EQ(settle(options, {}), "");
  EXPECT_EQ(options.frames, FramePlan{});

  options = {};
  options.precision = Precision::kFast;
  EXPECT_EQ(settle(options, {}), "");
  EXPECT_EQ(options.frames.sampling, Sampling::kKeyframes);

  options = {};
  options.format = HashFormat::kVpdq;
  EXPECT_EQ(settle(options, {}), "");
  EXPECT_EQ(options.frames.sampling, Sampling::kVpdq);
  EXPECT_EQ(options.frames.seconds_per_hash, 1.0);

  options = {};
  const GivenFrames given{Sampling::kVpdq, 0.5, PixelSize{128, 64}};
  EXPECT_EQ(settle(options, given), "");
  EXPECT_EQ(options.frames, (FramePlan{Sampling::kVpdq, 0.5, 128, 64}));
}

TEST(OptionChecks, WhatContradictsIsNamed) {
  HashOptions options;
  options.precision = Precision::kFast;
  options.profile = PdqProfile::kCli512;
  EXPECT_NE(settle(options, {}).find("cli512"), std::string::npos);

  options = {};
  options.format = HashFormat::kVpdq;
  EXPECT_NE(
      settle(options, {.sampling = Sampling::kDense, .seconds_per_hash = {}, .downsample = {}}),
      "");
  options = {};
  EXPECT_NE(settle(options, {.sampling = {}, .seconds_per_hash = 1.0, .downsample = {}}), "");
  options.format = HashFormat::kTmk;
  EXPECT_NE(
      settle(options, {.sampling = {}, .seconds_per_hash = {}, .downsample = PixelSize{1, 1}}), "");
  options = {};
  options.out = "folder";
  EXPECT_NE(settle(options, {}).find("--out"), std::string::npos);
  options.format = HashFormat::kTmk;
  EXPECT_EQ(settle(options, {}), "");
}

TEST(OptionChecks, MoreOfPicturesIsInLinesAlone) {
  HashOptions options;
  options.features = true;
  options.probes = {ProbeKind::kPanel};
  options.embeddings = {"gist"};
  EXPECT_EQ(settle(options, {}), "");
  options.precision = Precision::kFast;
  EXPECT_NE(settle(options, {}).find("every pixel"), std::string::npos);
  options.features = false;
  options.embeddings.clear();
  EXPECT_EQ(settle(options, {}), "") << "parts can be made of low frequencies";
  options.precision = Precision::kExact;
  options.format = HashFormat::kTmk;
  EXPECT_NE(settle(options, {}).find("--format json"), std::string::npos);
}

TEST(OptionChecks, TwoVideosAreTwoFilesAndNoBank) {
  MatchOptions options;
  const GivenForMatch floor{.quality_floor = true, .embeddings = {}};
  EXPECT_EQ(settle(options, {}), "");
  EXPECT_NE(settle(options, floor).find("--video"), std::string::npos);
  options.video = true;
  EXPECT_NE(settle(options, {}), "");
  options.hashes = {"a.mp4", "b.mp4"};
  EXPECT_EQ(settle(options, floor), "");
  EXPECT_TRUE(options.embeddings.empty());
  options.banks = {"demo"};
  EXPECT_NE(settle(options, floor).find("--bank"), std::string::npos);
  options.banks.clear();
  options.profile = PdqProfile::kFull;
  EXPECT_NE(settle(options, {}), "");
}

TEST(OptionChecks, TwoPicturesAreComparedByGistUnlessOthersAreNamed) {
  MatchOptions options;
  options.picture = true;
  EXPECT_NE(settle(options, {}).find("--picture: name two"), std::string::npos);
  options.hashes = {"a.png", "b.png"};
  MatchOptions others = options;
  EXPECT_EQ(settle(options, {}), "");
  EXPECT_EQ(options.embeddings, (std::map<std::string, float>{{"gist", 0.80F}}));
  const LeastCosine lab{"lab", 0.5F};
  EXPECT_EQ(settle(others, {.quality_floor = true, .embeddings = {lab}}), "");
  EXPECT_EQ(others.embeddings, (std::map<std::string, float>{{"lab", 0.5F}}));
  EXPECT_NE(settle(others, {.quality_floor = false, .embeddings = {lab, lab}}).find("twice"),
            std::string::npos);
}

TEST(OptionChecks, WhatIsOfPicturesIsNotOfVideosNorOfHashes) {
  MatchOptions pictures;
  pictures.picture = true;
  pictures.hashes = {"a.png", "b.png"};
  pictures.explain = "why.png";
  MatchOptions options = pictures;
  EXPECT_EQ(settle(options, {}), "");
  options = pictures;
  options.explain = "-";
  EXPECT_NE(settle(options, {}).find("standard output"), std::string::npos);
  options = pictures;
  options.tmk = true;
  EXPECT_NE(settle(options, {}).find("--tmk"), std::string::npos);
  options = pictures;
  options.video = true;
  EXPECT_NE(settle(options, {}).find("one of the two"), std::string::npos);
  options.picture = false;
  EXPECT_NE(settle(options, {}).find("--explain"), std::string::npos);
  options.video = false;
  EXPECT_NE(settle(options, {}).find("--explain"), std::string::npos);
  const GivenForMatch gist{.quality_floor = false, .embeddings = {{"gist", 0.5F}}};
  options.explain.clear();
  EXPECT_NE(settle(options, gist).find("--embedding"), std::string::npos);
}

TEST(OptionChecks, WordsOfFormatsAndPrecisions) {
  EXPECT_EQ(*parse_hash_format("json"), HashFormat::kJson);
  EXPECT_EQ(*parse_hash_format("vpdq"), HashFormat::kVpdq);
  EXPECT_EQ(*parse_hash_format("tmk"), HashFormat::kTmk);
  EXPECT_FALSE(parse_hash_format("csv"));
  EXPECT_EQ(*parse_hash_precision("fast"), Precision::kFast);
  EXPECT_FALSE(parse_hash_precision("auto"));
}

TEST(OptionChecks, AFlagThatEndsInEqualsHasNoValue) {
  const std::array words = {"semblance", "scan", "--out=", "folder"};
  EXPECT_EQ(flag_without_value(4, words.data()), "--out");
  const std::array good = {"semblance", "scan", "--out=a", "--", "--out="};
  EXPECT_EQ(flag_without_value(5, good.data()), "");
}

}  // namespace
}  // namespace semblance::tool
