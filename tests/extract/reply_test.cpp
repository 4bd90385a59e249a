// SPDX-License-Identifier: Apache-2.0
// What is believed of a worker, message by message.
#include "extract/reply.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "semblance/tmk.h"

namespace semblance::extract {
namespace {

constexpr std::uint64_t kItem = 77;

Request asked(std::vector<PdqProfile> profiles = {PdqProfile::kFull}, bool tmk = false) {
  return {kItem, 1000, std::move(profiles), Precision::kExact, {}, tmk, {}};
}

Facts facts_of(MediaKind kind, std::uint16_t streams = 1) {
  Facts facts;
  facts.kind = kind;
  facts.video_streams = streams;
  return facts;
}

FrameSignal frame_at(std::uint32_t start_ms, std::uint32_t end_ms, std::uint8_t stream = 0,
                     FrameForm form = FrameForm::kWhole) {
  FrameSignal frame;
  frame.at = {0, start_ms, end_ms, stream, form, 80};
  return frame;
}

End whole() { return {kItem, false, {}}; }

End ended(Reason reason, bool partial) { return {kItem, false, {reason, partial, "decode: so"}}; }

/// Whether all of the messages are believed, in this order.
bool believed(Reply& reply, std::vector<Message> messages) {
  for (Message& message : messages) {
    if (!reply.accept(std::move(message))) return false;
  }
  return true;
}

bool believed(const Request& request, std::vector<Message> messages) {
  Reply reply(request);
  return believed(reply, std::move(messages));
}

std::vector<Message> parts_of(const std::vector<std::uint8_t>& value) {
  std::vector<Message> parts;
  for (std::size_t at = 0; at < value.size(); at += kMaxTmkPartBytes) {
    const std::size_t size = std::min(kMaxTmkPartBytes, value.size() - at);
    const auto from = value.begin() + static_cast<std::ptrdiff_t>(at);
    parts.push_back(
        TmkPart{static_cast<std::uint32_t>(at), {from, from + static_cast<std::ptrdiff_t>(size)}});
  }
  return parts;
}

TmkSignal some_tmk() {
  TmkSignal signal;
  signal.frames = 30;
  signal.mean.fill(0.5F);
  signal.cosines.assign(kTmkWaves, 1e-5F);
  signal.sines.assign(kTmkWaves, -1e-5F);
  return signal;
}

TEST(Reply, AVideoHasFactsThenAnyNumberOfFrames) {
  const Facts video = facts_of(MediaKind::kVideo, 2);
  EXPECT_TRUE(believed(asked(), {video, whole()}));
  EXPECT_TRUE(believed(asked(), {video, FrameBatch{{frame_at(0, 0), frame_at(40, 90)}},
                                 FrameBatch{{frame_at(90, 90), frame_at(40, 80, 1),
                                             frame_at(0, 90, 0, FrameForm::kTrimmed)}},
                                 whole()}));
  EXPECT_FALSE(believed(asked(), {FrameBatch{{frame_at(0, 0)}}})) << "before its facts";
  EXPECT_FALSE(believed(asked(), {video, FrameBatch{}})) << "an empty batch";
  EXPECT_TRUE(believed(asked(), {video, FrameBatch{{frame_at(0, 0, 2)}}})) << "a late stream";
  EXPECT_FALSE(believed(asked(), {video, FrameBatch{{frame_at(50, 60), frame_at(40, 60)}}}))
      << "back in time";
  EXPECT_FALSE(
      believed(asked(), {video, FrameBatch{{frame_at(50, 60)}}, FrameBatch{{frame_at(59, 60)}}}))
      << "scenes over each other";
  EXPECT_FALSE(believed(asked({}), {video, FrameBatch{{frame_at(0, 0)}}})) << "not asked for";
  EXPECT_FALSE(believed(asked(), {video, whole(), FrameBatch{{frame_at(0, 0)}}}))
      << "after the end";
}

TEST(Reply, OnlyWhatMovesHasFrames) {
  const FrameBatch one{{frame_at(0, 0)}};
  for (const MediaKind kind :
       {MediaKind::kImage, MediaKind::kAudio, MediaKind::kContainer, MediaKind::kUnknown}) {
    EXPECT_FALSE(believed(asked(), {facts_of(kind), one})) << name(kind);
  }
  Facts moving = facts_of(MediaKind::kImage, 0);
  moving.animated = true;
  EXPECT_TRUE(believed(asked(), {moving, PdqBatch{{PdqSignal{}}}, one, whole()}));
  EXPECT_FALSE(believed(asked(), {moving, one, whole()})) << "without its first picture";
  End far = whole();
  far.ending.reached_ms = 5;
  EXPECT_TRUE(believed(asked(), {moving, PdqBatch{{PdqSignal{}}}, far}));
  EXPECT_FALSE(believed(asked(), {facts_of(MediaKind::kImage), PdqBatch{{PdqSignal{}}}, far}));
}

TEST(Reply, TheReferencesSamplingHasOneStreamAndNoForms) {
  Request request = asked();
  request.frames.sampling = Sampling::kVpdq;
  const Facts video = facts_of(MediaKind::kVideo, 2);
  EXPECT_TRUE(believed(request, {video, FrameBatch{{frame_at(0, 0), frame_at(1000, 1000)}}}));
  EXPECT_FALSE(believed(request, {video, FrameBatch{{frame_at(0, 0, 1)}}}));
  EXPECT_FALSE(believed(request, {video, FrameBatch{{frame_at(0, 0, 0, FrameForm::kTrimmed)}}}));
}

TEST(Reply, AVideoMayCarryAPictureAndASoundMust) {
  const PdqBatch cover{{PdqSignal{}}};
  PdqBatch fast = cover;
  fast.signals[0].orders = 2;
  Request request = asked();
  request.precision = Precision::kAuto;
  EXPECT_TRUE(believed(request, {facts_of(MediaKind::kVideo), cover, whole()}));
  EXPECT_FALSE(believed(request, {facts_of(MediaKind::kVideo), fast}));
  EXPECT_TRUE(believed(request, {facts_of(MediaKind::kImage), fast, whole()}));
  EXPECT_TRUE(believed(asked(), {facts_of(MediaKind::kAudio), cover, whole()}));
  EXPECT_FALSE(believed(asked(), {facts_of(MediaKind::kAudio), whole()}));
  EXPECT_TRUE(believed(asked(), {facts_of(MediaKind::kAudio), ended(Reason::kUnsupported, false)}));
  Request two = asked({PdqProfile::kFull, PdqProfile::kCli512});
  EXPECT_FALSE(believed(two, {facts_of(MediaKind::kVideo), cover, whole()})) << "half a picture";
}

TEST(Reply, SoManyPicturesAreCarriedEachInEveryProfile) {
  PdqBatch both{{PdqSignal{}, PdqSignal{}}};
  both.signals[1].profile = PdqProfile::kCli512;
  const Request request = asked({PdqProfile::kFull, PdqProfile::kCli512});
  for (const MediaKind kind : {MediaKind::kVideo, MediaKind::kAudio}) {
    std::vector<Message> all(kMostAttached, Message{both});
    all.insert(all.begin(), facts_of(kind));
    all.push_back(whole());
    EXPECT_TRUE(believed(request, all)) << name(kind);
    all.insert(all.begin() + 1, both);
    EXPECT_FALSE(believed(request, all)) << name(kind);
    const PdqBatch half{{both.signals[0]}};
    EXPECT_FALSE(believed(request, {facts_of(kind), both, half, whole()})) << name(kind);
    EXPECT_FALSE(believed(request, {facts_of(kind), both, half, half})) << name(kind);
  }
  EXPECT_FALSE(believed(request, {facts_of(MediaKind::kImage), both, both}));
  EXPECT_FALSE(believed(asked({}), {facts_of(MediaKind::kAudio), both})) << "not asked for";
  EXPECT_TRUE(believed(asked({}), {facts_of(MediaKind::kAudio), whole()}));
}

TEST(Reply, OneReachesBeyondAnotherByItsFrames) {
  const Request request = asked();
  const Facts video = facts_of(MediaKind::kVideo);
  Reply none(request), near(request), far(request);
  ASSERT_TRUE(believed(none, {video}));
  ASSERT_TRUE(believed(near, {video, FrameBatch{{frame_at(0, 5)}}}));
  ASSERT_TRUE(believed(far, {video, FrameBatch{{frame_at(0, 9)}}}));
  EXPECT_TRUE(near.reaches_beyond(none));
  EXPECT_FALSE(none.reaches_beyond(near));
  EXPECT_TRUE(far.reaches_beyond(near));
  EXPECT_FALSE(near.reaches_beyond(far));
  EXPECT_FALSE(far.reaches_beyond(far));
}

TEST(Reply, ATmkComesWholeAndWhereItWasAskedFor) {
  const Facts video = facts_of(MediaKind::kVideo);
  const auto parts = parts_of(to_bytes(some_tmk()));
  ASSERT_GT(parts.size(), 2U);
  std::vector<Message> all = {video};
  all.insert(all.end(), parts.begin(), parts.end());
  EXPECT_FALSE(believed(asked(), all)) << "not asked for";
  const Request request = asked({PdqProfile::kFull}, true);
  EXPECT_FALSE(believed(request, {video, whole()})) << "asked for, and did not come";
  EXPECT_FALSE(believed(request, {video, parts[0], whole()})) << "a part of one";
  EXPECT_FALSE(believed(request, {video, parts[1]})) << "its end first";
  EXPECT_FALSE(believed(request, {video, parts[0], parts[0]})) << "a part twice";
  EXPECT_FALSE(believed(request, {video, TmkPart{0, {}}})) << "an empty part";
  EXPECT_FALSE(believed(request, {facts_of(MediaKind::kImage), parts[0]}));
  EXPECT_TRUE(believed(request, {video, parts[0], ended(Reason::kTruncated, true)}));
  auto more = all;
  more.push_back(TmkPart{kTmkBytes, {1}});
  EXPECT_FALSE(believed(request, more)) << "more than there is of one";
  auto bent = all;
  std::get<TmkPart>(bent[1]).bytes[0] ^= 1;
  EXPECT_FALSE(believed(request, bent)) << "no TMK";
  all.push_back(whole());
  EXPECT_TRUE(believed(request, all));
}

TEST(Reply, SoManyFramesAreEnough) {
  const Request request = asked();
  Reply reply(request);
  ASSERT_TRUE(believed(reply, {facts_of(MediaKind::kVideo)}));
  FrameBatch batch;
  batch.frames.assign(kMaxFrameBatch, frame_at(7, 7));
  for (std::size_t count = 0; count < kMaxSignalFrames; count += kMaxFrameBatch) {
    ASSERT_TRUE(believed(reply, {batch})) << count;
  }
  EXPECT_FALSE(believed(reply, {FrameBatch{{frame_at(7, 7)}}}));
}

TEST(Reply, TellsWhatCameOnceAndNothingOfAFormerWorker) {
  const Request request = asked();
  Reply reply(request);
  EXPECT_FALSE(reply.reached_ms());
  ASSERT_TRUE(believed(reply, {facts_of(MediaKind::kVideo), FrameBatch{{frame_at(900, 950)}}}));
  EXPECT_EQ(reply.reached_ms(), 950U);
  EXPECT_TRUE(reply.runs_long());
  reply.begin_again();
  EXPECT_FALSE(reply.reached_ms());
  EXPECT_FALSE(reply.runs_long());
  ASSERT_TRUE(
      believed(reply, {facts_of(MediaKind::kVideo), FrameBatch{{frame_at(1, 2), frame_at(3, 4)}},
                       FrameBatch{{frame_at(0, 9, 0, FrameForm::kTrimmed)}}}));
  Extraction found;
  CollectingSink sink(found);
  reply.tell(sink);
  sink.on_end({});
  ASSERT_EQ(found.frames.size(), 3U);
  EXPECT_EQ(found.frames[0].at.end_ms, 9U) << "by time, whatever the order of their batches";
  EXPECT_EQ(found.frames[2].at.start_ms, 3U);
  EXPECT_EQ(reply.reached_ms(), 9U);
}

TEST(Reply, PartsOfWhatHasFramesCountAndOfAPictureNone) {
  const Request request = asked();
  Reply still(request);
  ASSERT_TRUE(believed(still, {facts_of(MediaKind::kImage), PdqBatch{{PdqSignal{}}}}));
  EXPECT_FALSE(still.has_part());
  Facts moving = facts_of(MediaKind::kImage, 0);
  moving.animated = true;
  Reply animation(request);
  ASSERT_TRUE(believed(animation, {moving}));
  EXPECT_FALSE(animation.has_part());
  ASSERT_TRUE(believed(animation, {PdqBatch{{PdqSignal{}}}}));
  EXPECT_TRUE(animation.has_part());
  EXPECT_FALSE(animation.reached_ms());
  Reply video(request);
  ASSERT_TRUE(believed(video, {facts_of(MediaKind::kVideo), FrameBatch{{frame_at(0, 0)}}}));
  EXPECT_TRUE(video.has_part());
  EXPECT_EQ(video.reached_ms(), 0U);
}

}  // namespace
}  // namespace semblance::extract
