// SPDX-License-Identifier: Apache-2.0
// Videos that are looked up in banks of videos and of pictures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "match/matcher_fixture.h"
#include "match/video/made_up_video.h"

namespace semblance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class VideoMatcherTest : public MatcherTest {
 protected:
  static Extraction item_of(std::vector<FrameSignal> frames) {
    Extraction item;
    item.facts.kind = MediaKind::kVideo;
    item.frames = std::move(frames);
    return item;
  }
  // Ten seconds of `video_` from its 25th, at the 20th of a query.
  std::vector<FrameSignal> clip() const {
    return made_up_query(2, 400, video_, {{.at = 160, .from = 200, .frames = 80}});
  }
  std::vector<FrameSignal> one_frame() const {
    return made_up_query(3, 200, video_, {{.at = 80, .from = 200, .frames = 1, .noise = 3}});
  }

  const VideoSignal video_ = made_up_video(1, 480);
};

TEST_F(VideoMatcherTest, AClipIsFoundAmongOtherVideos) {
  const auto demo = bank("demo");
  for (std::uint64_t seed = 50; seed < 60; ++seed) {
    add(demo, {vpdq_signal(made_up_video(seed, 300))});
  }
  add(demo, {vpdq_signal(video_)}, {"label"});
  const auto m = matcher();
  ASSERT_EQ(m->banks().size(), 1U);
  EXPECT_EQ(m->banks()[0].videos, 11U);
  EXPECT_EQ(m->banks()[0].frames_indexed, 10U * 300 + 480);
  EXPECT_EQ(m->banks()[0].pdq_indexed, 0U);
  const MatchResult result = look_up(*m, item_of(clip()));
  ASSERT_EQ(result.matches.size(), 1U);
  const Match& match = result.matches[0];
  EXPECT_EQ(match.kind, SignalKind::kVpdq);
  EXPECT_EQ(match.entry, 11);
  EXPECT_EQ(match.bank, "demo");
  EXPECT_EQ(match.source_id, "item-11");
  EXPECT_THAT(match.labels, ElementsAre("label"));
  EXPECT_NEAR(match.query_interval->start_ms, 20'000, 1'000);
  EXPECT_NEAR(match.query_interval->end_ms, 30'000, 1'000);
  EXPECT_NEAR(match.entry_interval->start_ms, 25'000, 1'000);
  EXPECT_NEAR(match.alignment->query_covered, 0.2, 0.03);
  EXPECT_EQ(result.crowded_frames, 0U);
  EXPECT_THAT(result.below_floor, IsEmpty());
  EXPECT_THAT(look_up(*m, item_of(made_up_query(77, 300, video_, {}))).matches, IsEmpty());
}

TEST_F(VideoMatcherTest, WhatIsSaidIsWhatTwoVideosAloneGive) {
  add(bank("demo"), {vpdq_signal(video_)});
  const auto found = look_up(*matcher(), item_of(clip())).matches;
  const auto alone = match_videos(clip(), 0, video_, {});
  ASSERT_TRUE(alone);
  ASSERT_EQ(found.size(), alone->size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].query_interval, (*alone)[i].query_interval);
    EXPECT_EQ(found[i].entry_interval, (*alone)[i].entry_interval);
    EXPECT_EQ(found[i].alignment, (*alone)[i].alignment);
    EXPECT_EQ(found[i].distance, (*alone)[i].distance);
  }
}

TEST_F(VideoMatcherTest, ABankedPictureIsFoundInAVideo) {
  add(bank("demo"), {pdq(video_.frames[210].hash, 87)});
  const auto m = matcher();
  const auto matches = look_up(*m, item_of(clip())).matches;
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].kind, SignalKind::kPdq);
  EXPECT_EQ(matches[0].profile, PdqProfile::kFull);
  EXPECT_EQ(matches[0].entry_quality, 87);
  EXPECT_LE(matches[0].distance, 5);
  ASSERT_TRUE(matches[0].query_interval);
  // Frame 210 of the film is shown at 170 of the query; its neighbours are like it as well.
  EXPECT_LE(matches[0].query_interval->start_ms, 170 * kStepMs);
  EXPECT_GE(matches[0].query_interval->end_ms, 170 * kStepMs);
  EXPECT_LT(matches[0].query_interval->end_ms - matches[0].query_interval->start_ms, 2'500U);
  EXPECT_FALSE(matches[0].entry_interval);
  EXPECT_FALSE(matches[0].alignment);
}

TEST_F(VideoMatcherTest, APictureIsFoundInABankedVideo) {
  add(bank("demo"), {vpdq_signal(video_)});
  const auto m = matcher();
  PdqSignal still = picture(random_hash(9));
  still.hashes[3] = flipped(video_.frames[300].hash, 2);
  const auto matches = look_up(*m, semblance::item_of(still)).matches;
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].kind, SignalKind::kPdq);
  EXPECT_EQ(matches[0].distance, 2);
  EXPECT_EQ(matches[0].transform, Transform::kRot270);
  EXPECT_EQ(matches[0].entry_quality, 100);
  EXPECT_FALSE(matches[0].query_interval);
  ASSERT_TRUE(matches[0].entry_interval);
  EXPECT_LE(matches[0].entry_interval->start_ms, 300 * kStepMs);
  EXPECT_GE(matches[0].entry_interval->end_ms, 300 * kStepMs);
  // A bare hash, too.
  const auto bare = look_up(*m, pdq_value(video_.frames[300].hash));
  ASSERT_EQ(bare.size(), 1U);
  EXPECT_EQ(bare[0].distance, 0);
  EXPECT_THAT(look_up(*m, pdq_value(random_hash(5))), IsEmpty());
}

TEST_F(VideoMatcherTest, FramesAreOfTheProfileFull) {
  add(bank("demo"), {vpdq_signal(video_)});
  add(bank("cli"), {pdq(video_.frames[210].hash, 100, PdqProfile::kCli512)});
  const auto m = matcher();
  EXPECT_THAT(m->plan().pdq_profiles, ElementsAre(PdqProfile::kFull, PdqProfile::kCli512));
  EXPECT_THAT(where(look_up(*m, item_of(clip())).matches), ElementsAre("demo/1"));
  const PdqSignal still = picture(video_.frames[210].hash, 100, PdqProfile::kCli512);
  EXPECT_THAT(where(look_up(*m, semblance::item_of(still)).matches), ElementsAre("cli/2"));
}

TEST_F(VideoMatcherTest, AnEntryOfPicturesAndAVideoGivesBoth) {
  add(bank("demo"),
      {pdq(video_.frames[210].hash), vpdq_signal(video_), digest(SignalKind::kSha256, 7)});
  Extraction item = item_of(clip());
  item.digests = {digest_value(SignalKind::kSha256, 7)};
  const auto matches = look_up(*matcher(), item).matches;
  ASSERT_EQ(matches.size(), 3U);
  EXPECT_EQ(matches[0].kind, SignalKind::kSha256);
  EXPECT_EQ(matches[1].kind, SignalKind::kVpdq);
  EXPECT_EQ(matches[2].kind, SignalKind::kPdq);
}

TEST_F(VideoMatcherTest, OneFrameIsALead) {
  add(bank("demo"), {vpdq_signal(video_)});
  const auto matches = look_up(*matcher(), item_of(one_frame())).matches;
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].kind, SignalKind::kPdq);
  EXPECT_EQ(matches[0].query_interval, (TimeSpan{10'000, 10'000}));
  EXPECT_TRUE(matches[0].entry_interval);
}

TEST_F(VideoMatcherTest, OfSeveralSignalsOfOneVideoTheBetterTells) {
  VideoSignal sparse = video_;
  sparse.sampling = Sampling::kVpdq;
  std::erase_if(sparse.frames, [](const KnownFrame& frame) { return frame.at.number % 8 != 0; });
  add(bank("demo"), {vpdq_signal(sparse), vpdq_signal(video_)});
  const auto matches = look_up(*matcher(), item_of(clip())).matches;
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_GE(matches[0].alignment->frames, 75U);
}

TEST_F(VideoMatcherTest, WithdrawnExpiredOrNotSelectedMatchesNothing) {
  const auto demo = bank("demo");
  for (int i = 0; i < 3; ++i) add(demo, {vpdq_signal(video_)});
  add(bank("other"), {vpdq_signal(video_)});
  const auto m = matcher({{"demo"}, std::nullopt});
  EXPECT_THAT(where(look_up(*m, item_of(clip())).matches),
              ElementsAre("demo/1", "demo/2", "demo/3"));
  ASSERT_TRUE(store_.withdraw(demo, 1, "mistake"));
  store_.at(2).item.expires_at = 1'000;
  EXPECT_THAT(where(look_up(*m, item_of(clip())).matches), ElementsAre("demo/3"));
}

TEST_F(VideoMatcherTest, ARefreshBringsVideosAndWhatBecameOfThem) {
  const auto demo = bank("demo");
  add(demo, {pdq(random_hash(1))});
  const auto m = matcher();
  add(demo, {vpdq_signal(video_)});
  EXPECT_THAT(look_up(*m, item_of(clip())).matches, IsEmpty());
  ASSERT_TRUE(m->refresh());
  EXPECT_THAT(where(look_up(*m, item_of(clip())).matches), ElementsAre("demo/2"));
  const VideoSignal other = made_up_video(30, 480);
  store_.update(2, {vpdq_signal(other)});
  store_.update(1, {pdq(random_hash(1)), vpdq_signal(video_)});
  ASSERT_TRUE(m->refresh());
  EXPECT_THAT(where(look_up(*m, item_of(clip())).matches), ElementsAre("demo/1"));
  const auto of_other = made_up_query(2, 400, other, {{.at = 160, .from = 200, .frames = 80}});
  EXPECT_THAT(where(look_up(*m, item_of(of_other)).matches), ElementsAre("demo/2"));
  ASSERT_TRUE(store_.withdraw(demo, 2, ""));
  ASSERT_TRUE(m->refresh());
  EXPECT_THAT(look_up(*m, item_of(of_other)).matches, IsEmpty());
  EXPECT_EQ(m->banks()[0].videos, 1U);
}

TEST_F(VideoMatcherTest, AVideoUnderABanksFloorIsNotLookedUpThereAndItIsNamed) {
  add(bank("strict", policy(31, 60)), {vpdq_signal(video_)});
  add(bank("lax", policy(31, 10)), {vpdq_signal(video_)});
  const auto m = matcher();
  auto frames = clip();
  for (FrameSignal& frame : frames) frame.at.quality = 40;
  MatchResult result = look_up(*m, item_of(frames));
  EXPECT_THAT(where(result.matches), ElementsAre("lax/2"));
  EXPECT_THAT(result.below_floor, ElementsAre("strict"));
  frames[5].at.quality = 60;  // one good frame, of nothing known: it was looked at
  result = look_up(*m, item_of(frames));
  EXPECT_THAT(where(result.matches), ElementsAre("lax/2"));
  EXPECT_THAT(result.below_floor, IsEmpty());
}

TEST_F(VideoMatcherTest, BankedFramesUnderTheFloorAreCountedAndNotSearched) {
  VideoSignal dim = video_;
  for (KnownFrame& frame : dim.frames) {
    if (frame.at.number % 2 == 0) frame.at.quality = 20;
  }
  add(bank("demo"), {vpdq_signal(dim)});
  const auto m = matcher();
  EXPECT_EQ(m->banks()[0].frames_indexed, 240U);
  EXPECT_EQ(m->banks()[0].frames_below_floor, 240U);
  EXPECT_EQ(m->banks()[0].pdq_below_floor, 0U);
  EXPECT_THAT(where(look_up(*m, item_of(clip())).matches), ElementsAre("demo/1"));
}

TEST_F(VideoMatcherTest, AFrameThatAllVideosHaveIsBounded) {
  const auto demo = bank("demo");
  VideoSignal title;
  title.frames = {video_.frames[200]};
  constexpr std::size_t kMany = kMaxEntriesOfFrame + 100;
  for (std::size_t i = 0; i < kMany; ++i) add(demo, {vpdq_signal(title)});
  add(demo, {vpdq_signal(video_)});
  const auto m = matcher();
  auto query = clip();
  query[160].hashes[0] = video_.frames[200].hash;
  store_.entry_reads = 0;
  const MatchResult result = look_up(*m, item_of(query));
  EXPECT_GE(result.crowded_frames, 1U);
  ASSERT_FALSE(result.matches.empty());
  // The video of which more is shown is found by its other frames.
  EXPECT_EQ(result.matches[0].kind, SignalKind::kVpdq);
  EXPECT_EQ(result.matches[0].entry, static_cast<std::int64_t>(kMany) + 1);
  EXPECT_LE(static_cast<std::size_t>(store_.entry_reads), kMaxEntriesOfFrame + 1);
}

TEST_F(VideoMatcherTest, APictureThatAllVideosShowIsBounded) {
  const auto demo = bank("demo");
  VideoSignal title;
  title.frames = {video_.frames[200]};
  const Hash256 shown = title.frames[0].hash;
  title.frames[0].hash.bytes[0] ^= 1;
  for (std::size_t i = 0; i < kMaxEntriesOfFrame; ++i) add(demo, {vpdq_signal(title)});
  title.frames[0].hash = shown;
  add(demo, {vpdq_signal(title)});
  const auto m = matcher();
  store_.entry_reads = 0;
  const MatchResult result = look_up(*m, semblance::item_of(picture(shown)));
  EXPECT_EQ(result.crowded_frames, 1U);
  ASSERT_EQ(result.matches.size(), kMaxEntriesOfFrame);
  EXPECT_EQ(result.matches[0].entry, std::int64_t{kMaxEntriesOfFrame} + 1) << "the nearest";
  EXPECT_EQ(static_cast<std::size_t>(store_.entry_reads), kMaxEntriesOfFrame);
  EXPECT_EQ(look_up(*m, pdq(shown).value).size(), kMaxEntriesOfFrame);
}

TEST_F(VideoMatcherTest, AVideoOfWhichNoFrameWasHashedIsNotRuledOut) {
  add(bank("demo"), {vpdq_signal(video_)});
  const auto m = matcher();
  EXPECT_FALSE(ruled_out(*m, item_of({})));
  Extraction item = semblance::item_of(picture(random_hash(9)));
  EXPECT_TRUE(ruled_out(*m, item));
  item.facts.animated = true;
  EXPECT_FALSE(ruled_out(*m, item));
}

TEST_F(VideoMatcherTest, AVideoIsReadOnceForSeveralValues) {
  add(bank("demo"), {vpdq_signal(video_), pdq(random_hash(9))});
  const auto m = matcher();
  const std::vector<SignalValue> values = {pdq(video_.frames[200].hash).value,
                                           vpdq_signal(video_).value, pdq(random_hash(9)).value};
  store_.entry_reads = 0;
  const auto found = m->match(values, std::nullopt);
  ASSERT_TRUE(found);
  EXPECT_EQ(store_.entry_reads, 1);
  for (const auto& matches : *found) EXPECT_EQ(matches.size(), 1U);
}

TEST_F(VideoMatcherTest, AVideoThatCannotBeReadIsDamage) {
  const auto demo = bank("demo");
  add(demo, {vpdq_signal(video_)});
  const auto m = matcher();
  store_.at(1).item.signals[0].value.bytes.resize(100);
  const auto failed = m->match(item_of(clip()));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::kCorruptStore);
  EXPECT_THAT(failed.error().what, ::testing::HasSubstr("entry 1"));
}

TEST_F(VideoMatcherTest, AValueIsLookedUpByItsFramesAsTheyStand) {
  add(bank("demo"), {vpdq_signal(video_)});
  const auto m = matcher();
  VideoSignal part = video_;
  part.frames.erase(part.frames.begin(), part.frames.begin() + 200);
  part.frames.resize(60);
  part.duration_ms = 0;
  const auto found = look_up(*m, vpdq_signal(part).value);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, SignalKind::kVpdq);
  EXPECT_EQ(found[0].distance, 0);
  EXPECT_EQ(found[0].alignment->vpdq.query, 100);
  const SignalValue bad{SignalKind::kVpdq, {1, 2, 3}};
  const auto refused = m->match({&bad, 1}, std::nullopt);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kBadArgument);
}

TEST_F(VideoMatcherTest, KeyFramesAreRuledOutBeyondTheMargin) {
  add(bank("demo", policy(31)), {vpdq_signal(video_)});
  const auto m = matcher();
  Extraction item = item_of(made_up_query(40, 30, video_, {}));
  item.sampling = Sampling::kKeyframes;
  EXPECT_TRUE(ruled_out(*m, item));
  const Hash256 known = video_.frames[0].hash;
  for (std::size_t turn = 0; turn < kTransforms; ++turn) {
    Extraction near = item;
    near.frames[7].hashes[turn] = flipped(known, 31 + kSparseFrameMargin);
    EXPECT_FALSE(ruled_out(*m, near)) << turn;
  }
  // `flipped` of the first frame of a shot is further from the others than from it.
  item.frames[7].hashes[0] = flipped(known, 31 + 60);
  EXPECT_TRUE(ruled_out(*m, item));
}

TEST_F(VideoMatcherTest, ADenseSamplingNeedsNoMargin) {
  add(bank("demo"), {pdq(known_)});
  const auto m = matcher();
  Extraction item = item_of(made_up_query(41, 30, video_, {}));
  item.frames[3].hashes[0] = flipped(known_, 32);
  item.sampling = Sampling::kDense;
  EXPECT_TRUE(ruled_out(*m, item));
  item.sampling = Sampling::kKeyframes;
  EXPECT_FALSE(ruled_out(*m, item));
}

TEST_F(VideoMatcherTest, KeyFramesDecideNothingBesideVideosThatWereSampledSparsely) {
  VideoSignal sparse = video_;
  sparse.sampling = Sampling::kVpdq;
  for (KnownFrame& frame : sparse.frames) {
    frame.at.start_ms = frame.at.number * 40;
    frame.at.end_ms = frame.at.start_ms;
  }
  const auto demo = bank("demo");
  add(demo, {vpdq_signal(sparse)});  // every frame: as good as dense
  const auto m = matcher();
  Extraction item = item_of(made_up_query(42, 30, video_, {}));
  item.sampling = Sampling::kKeyframes;
  EXPECT_TRUE(ruled_out(*m, item));
  std::erase_if(sparse.frames, [](const KnownFrame& frame) { return frame.at.number % 8 != 0; });
  add(demo, {vpdq_signal(sparse)});
  ASSERT_TRUE(m->refresh());
  EXPECT_FALSE(ruled_out(*m, item));
  item.sampling = Sampling::kDense;
  EXPECT_TRUE(ruled_out(*m, item));
}

TEST_F(VideoMatcherTest, AVideoUnderAFloorIsNotRuledOut) {
  add(bank("demo", policy(31, 60)), {vpdq_signal(video_)});
  const auto m = matcher();
  Extraction item = item_of(made_up_query(43, 30, video_, {}));
  EXPECT_TRUE(ruled_out(*m, item));
  for (FrameSignal& frame : item.frames) frame.at.quality = 59;
  EXPECT_FALSE(ruled_out(*m, item));
}

}  // namespace
}  // namespace semblance
