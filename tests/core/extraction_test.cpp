// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "semblance/extract.h"

namespace semblance {
namespace {

TEST(ReasonTest, TheWordsAreTheClosedListOfRecords) {
  std::set<std::string_view> words;
  for (std::size_t i = 0; i < kReasons; ++i) words.insert(name(static_cast<Reason>(i)));
  EXPECT_THAT(words, ::testing::UnorderedElementsAre("", "open_failed", "not_media", "unsupported",
                                                     "decode_failed", "truncated", "low_quality",
                                                     "over_limit", "timed_out", "decoder_crashed"));
  EXPECT_EQ(name(Reason::kNone), "");
}

TEST(MediaKindTest, WordsAreThoseOfRecords) {
  EXPECT_EQ(name(MediaKind::kUnknown), "unknown");
  EXPECT_EQ(name(MediaKind::kImage), "image");
  EXPECT_EQ(name(MediaKind::kVideo), "video");
  EXPECT_EQ(name(MediaKind::kAudio), "audio");
  EXPECT_EQ(name(MediaKind::kContainer), "container");
}

TEST(CollectingSinkTest, KeepsAllThatItIsTold) {
  Extraction item;
  CollectingSink sink(item);
  const SignalValue digest{SignalKind::kMd5, std::vector<std::uint8_t>(16, 1)};
  sink.on_digests({&digest, 1});
  Facts facts;
  facts.kind = MediaKind::kImage;
  facts.format = "png";
  sink.on_facts(facts);
  PdqSignal signal;
  for (int batch = 0; batch < 2; ++batch) {  // batches add up
    signal.quality = batch;
    sink.on_pdq({&signal, 1});
  }
  const ProbeSignal part{{ProbeKind::kPanel, {0, 0, 5'000, 10'000}}, signal};
  sink.on_probes({&part, 1});
  FeatureSet features;
  for (const bool mirrored : {false, true}) {
    features.mirrored = mirrored;
    sink.on_features(features);
  }
  const EmbeddingSignal embedding{{"gist", "gist-1", 2}, {0.6F, 0.8F}};
  sink.on_embedding(embedding);
  const Thumbnail thumbnail{1, 2, {1, 2, 3, 4, 5, 6}};
  sink.on_thumbnail(thumbnail);
  const Ending ending{Reason::kTruncated, true, "decode: ends early"};
  sink.on_end(ending);

  EXPECT_THAT(item.digests, ::testing::ElementsAre(digest));
  EXPECT_EQ(item.facts, facts);
  ASSERT_EQ(item.pdq.size(), 2U);
  EXPECT_EQ(item.pdq[1].quality, 1);
  EXPECT_EQ(item.ending, ending);
  EXPECT_THAT(item.probes, ::testing::ElementsAre(part));
  ASSERT_EQ(item.features.size(), 2U);
  EXPECT_TRUE(item.features[1].mirrored);
  EXPECT_THAT(item.embeddings, ::testing::ElementsAre(embedding));
  EXPECT_EQ(item.thumbnail, thumbnail);
}

TEST(CollectingSinkTest, PutsFramesInOrder) {
  Extraction item;
  CollectingSink sink(item);
  const auto frame_at = [](std::uint8_t stream, std::uint32_t start_ms, FrameForm form) {
    FrameSignal frame;
    frame.at.stream = stream;
    frame.at.start_ms = frame.at.end_ms = start_ms;
    frame.at.form = form;
    return frame;
  };
  const std::vector<FrameSignal> first = {frame_at(0, 40, FrameForm::kWhole),
                                          frame_at(1, 0, FrameForm::kWhole)};
  const std::vector<FrameSignal> second = {frame_at(0, 40, FrameForm::kTrimmed),
                                           frame_at(0, 10, FrameForm::kTrimmed)};
  sink.on_frames(first);
  sink.on_frames(second);
  sink.on_end({});
  EXPECT_THAT(item.frames, ::testing::ElementsAre(second[1], first[0], second[0], first[1]));
}

TEST(FramePlanTest, FiguresOutOfRangeAreNamed) {
  EXPECT_TRUE(check(FramePlan{}));
  EXPECT_TRUE(check({Sampling::kVpdq, 0, kMaxPlannedSide, 5}));
  EXPECT_TRUE(check({Sampling::kVpdq, kMaxPlannedSeconds, 0, 0}));
  const std::vector<std::pair<FramePlan, std::string>> wrong = {
      {{Sampling::kVpdq, -0.5, 0, 0}, "-0.5"},
      {{Sampling::kVpdq, std::numeric_limits<double>::quiet_NaN(), 0, 0}, "nan"},
      {{Sampling::kVpdq, std::numeric_limits<double>::infinity(), 0, 0}, "inf"},
      {{Sampling::kVpdq, 1, kMaxPlannedSide + 1, 0}, "8193"},
      {{Sampling::kVpdq, 1, 0, kMaxPlannedSide + 1}, "8193"},
      {{static_cast<Sampling>(3), 1, 0, 0}, "sampling"}};
  for (const auto& [plan, words] : wrong) {
    const Status checked = check(plan);
    ASSERT_FALSE(checked) << words;
    EXPECT_EQ(checked.error().code, Errc::kBadArgument);
    EXPECT_THAT(checked.error().what, ::testing::HasSubstr(words));
  }
}

TEST(FramePlanTest, WithTmkKeyFramesAreNotAlone) {
  Plan plan;
  plan.frames.sampling = Sampling::kKeyframes;
  EXPECT_EQ(sampling_of(plan), Sampling::kKeyframes);
  plan.tmk = true;
  EXPECT_EQ(sampling_of(plan), Sampling::kDense);
  plan.frames.sampling = Sampling::kVpdq;
  EXPECT_EQ(sampling_of(plan), Sampling::kVpdq);
}

TEST(FramePlanTest, EachSamplingHasItsVersion) {
  EXPECT_EQ(frames_version(Sampling::kDense), "frames-1/pdq-1");
  EXPECT_EQ(frames_version(Sampling::kKeyframes), "frames-1/pdq-1");
  EXPECT_EQ(frames_version(Sampling::kVpdq), "vpdq/pdq-1");
}

TEST(FactsTest, VideosAndPicturesThatMoveHaveFrames) {
  Facts facts;
  for (const MediaKind kind : {MediaKind::kUnknown, MediaKind::kImage, MediaKind::kVideo,
                               MediaKind::kAudio, MediaKind::kContainer}) {
    facts.kind = kind;
    EXPECT_EQ(has_frames(facts), kind == MediaKind::kVideo) << name(kind);
  }
  facts.kind = MediaKind::kImage;
  facts.animated = true;
  EXPECT_TRUE(has_frames(facts));
}

}  // namespace
}  // namespace semblance
