// SPDX-License-Identifier: Apache-2.0
#include "option_checks.h"

#include <gtest/gtest.h>

#include <array>

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

TEST(OptionChecks, TwoVideosAreTwoFilesAndNoBank) {
  MatchOptions options;
  EXPECT_EQ(fault_of(options, false), "");
  EXPECT_NE(fault_of(options, true).find("--video"), std::string::npos);
  options.video = true;
  EXPECT_NE(fault_of(options, false), "");
  options.hashes = {"a.mp4", "b.mp4"};
  EXPECT_EQ(fault_of(options, true), "");
  options.banks = {"demo"};
  EXPECT_NE(fault_of(options, true).find("--bank"), std::string::npos);
  options.banks.clear();
  options.profile = PdqProfile::kFull;
  EXPECT_NE(fault_of(options, false), "");
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
