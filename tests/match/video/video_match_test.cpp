// SPDX-License-Identifier: Apache-2.0
// Two videos beside each other: what is said of what they show alike.
#include "match/video/video_match.h"

#include <gtest/gtest.h>

#include "match/video/made_up_video.h"

namespace semblance {
namespace {

const VideoSignal& known() {
  static const VideoSignal video = made_up_video(1, 480);  // a minute
  return video;
}

std::vector<Match> compare(const std::vector<FrameSignal>& query, const VideoSignal& entry,
                           const FrameRule& rule = {}) {
  auto matches = match_videos(query, 0, entry, rule);
  EXPECT_TRUE(matches) << (matches ? "" : matches.error().what);
  return matches ? *std::move(matches) : std::vector<Match>();
}

void expect_near(const std::optional<TimeSpan>& span, std::uint32_t start_ms,
                 std::uint32_t end_ms) {
  ASSERT_TRUE(span);
  EXPECT_NEAR(span->start_ms, start_ms, 1'000);
  EXPECT_NEAR(span->end_ms, end_ms, 1'000);
}

TEST(MatchVideos, AClipInTheMiddleIsOneIntervalOfBoth) {
  const auto query = made_up_query(2, 400, known(), {{.at = 160, .from = 200, .frames = 80}});
  const auto matches = compare(query, known());
  ASSERT_EQ(matches.size(), 1U);
  const Match& match = matches[0];
  EXPECT_EQ(match.kind, SignalKind::kVpdq);
  EXPECT_EQ(match.transform, Transform::kNone);
  EXPECT_EQ(match.max_distance, kDefaultMaxDistance);
  EXPECT_GE(match.distance, 1);
  EXPECT_LE(match.distance, 10);
  EXPECT_EQ(match.query_form, FrameForm::kWhole);
  expect_near(match.query_interval, 20'000, 30'000);
  expect_near(match.entry_interval, 25'000, 35'000);
  ASSERT_TRUE(match.alignment);
  EXPECT_NEAR(match.alignment->speed, 1, 0.02);
  EXPECT_NEAR(match.alignment->query_covered, 0.2, 0.03);
  EXPECT_NEAR(match.alignment->entry_covered, 1.0 / 6, 0.03);
  EXPECT_GE(match.alignment->frames, 75U);
  EXPECT_LE(match.alignment->frames, match.alignment->compared);
  EXPECT_GT(match.alignment->confidence, 0.8);
  EXPECT_NEAR(match.alignment->vpdq.query, 20, 1);
  EXPECT_TRUE(match.bank.empty());
  EXPECT_FALSE(match.profile);
}

TEST(MatchVideos, ADurationThatIsToldIsWhatIsCovered) {
  const auto query = made_up_query(2, 400, known(), {{.at = 160, .from = 200, .frames = 80}});
  const auto matches = match_videos(query, 100'000, known(), {});
  ASSERT_TRUE(matches);
  ASSERT_EQ(matches->size(), 1U);
  EXPECT_NEAR((*matches)[0].alignment->query_covered, 0.1, 0.02);
}

TEST(MatchVideos, AFasterCopyIsFoundWithItsSpeed) {
  const auto query =
      made_up_query(3, 300, known(), {{.at = 100, .from = 80, .frames = 100, .step = 2}});
  const auto matches = compare(query, known());
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_NEAR(matches[0].alignment->speed, 2, 0.05);
  expect_near(matches[0].query_interval, 12'500, 25'000);
  expect_near(matches[0].entry_interval, 10'000, 35'000);
}

TEST(MatchVideos, EachTurnIsFoundAndNamed) {
  for (std::size_t turn = 0; turn < kTransforms; ++turn) {
    const auto query = made_up_query(
        4 + turn, 200, known(),
        {{.at = 60, .from = 300, .frames = 60, .turn = static_cast<Transform>(turn)}});
    const auto matches = compare(query, known());
    ASSERT_EQ(matches.size(), 1U) << turn;
    EXPECT_EQ(matches[0].transform, static_cast<Transform>(turn));
    expect_near(matches[0].query_interval, 7'500, 15'000);
  }
}

TEST(MatchVideos, TurnsThatAreNotKnownAreNotCompared) {
  const auto query = made_up_query(
      4, 200, known(), {{.at = 60, .from = 300, .frames = 60, .turn = Transform::kFlipY}});
  EXPECT_TRUE(compare(query, known(), {.turns = 1}).empty());
  EXPECT_EQ(compare(query, known(), {.turns = kTransforms}).size(), 1U);
  EXPECT_FALSE(match_videos(query, 0, known(), {.turns = 0}));
  EXPECT_FALSE(match_videos(query, 0, known(), {.turns = kTransforms + 1}));
}

TEST(MatchVideos, APictureThatIsNearItsOwnMirrorIsToldOnce) {
  std::mt19937_64 rng(5);
  auto query = made_up_query(5, 200, known(), {{.at = 60, .from = 300, .frames = 60, .noise = 9}});
  // Of each second frame the mirror image is nearer than the frame itself.
  for (std::size_t i = 60; i < 120; i += 2) {
    query[i].hashes[static_cast<std::size_t>(Transform::kFlipY)] =
        near_hash(known().frames[240 + i].hash, 1, rng);
  }
  const auto matches = compare(query, known());
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].transform, Transform::kNone);
}

TEST(MatchVideos, TwoClipsAreTwoIntervalsInTheirOrder) {
  const auto query =
      made_up_query(6, 400, known(),
                    {{.at = 40, .from = 400, .frames = 60}, {.at = 250, .from = 30, .frames = 70}});
  const auto matches = compare(query, known());
  ASSERT_EQ(matches.size(), 2U);
  expect_near(matches[0].query_interval, 5'000, 12'500);
  expect_near(matches[0].entry_interval, 50'000, 57'500);
  expect_near(matches[1].query_interval, 31'250, 40'000);
  expect_near(matches[1].entry_interval, 3'750, 12'500);
}

TEST(MatchVideos, UnrelatedVideosHaveNothingInCommon) {
  for (std::uint64_t seed = 10; seed < 20; ++seed) {
    EXPECT_TRUE(compare(made_up_query(seed, 300, known(), {}), known()).empty()) << seed;
  }
}

TEST(MatchVideos, AFrameAloneIsALead) {
  const auto query = made_up_query(7, 200, known(), {{.at = 80, .from = 121, .frames = 1}});
  const auto matches = compare(query, known());
  ASSERT_EQ(matches.size(), 1U);
  const Match& match = matches[0];
  EXPECT_EQ(match.kind, SignalKind::kPdq);
  EXPECT_EQ(match.profile, PdqProfile::kFull);
  EXPECT_EQ(match.entry_quality, 100);
  EXPECT_FALSE(match.alignment);
  EXPECT_EQ(match.query_interval, (TimeSpan{10'000, 10'000}));
  ASSERT_TRUE(match.entry_interval);
  EXPECT_LE(match.entry_interval->start_ms, 121 * kStepMs);
  EXPECT_GE(match.entry_interval->end_ms, 121 * kStepMs);
}

// A film shown within borders: whole it is like nothing, and without them it is the copy.
TEST(MatchVideos, FormsWithoutBordersAreComparedWithWholeOnes) {
  std::mt19937_64 rng(8);
  std::vector<FrameSignal> query;
  for (const FrameSignal& frame :
       made_up_query(8, 200, known(), {{.at = 50, .from = 100, .frames = 80}})) {
    FrameSignal bordered = shown_at(frame.at.start_ms, any_hash(rng), rng);
    FrameSignal trimmed = frame;
    trimmed.at.form = FrameForm::kTrimmed;
    query.push_back(bordered);
    query.push_back(trimmed);
  }
  const auto matches = compare(query, known());
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].query_form, FrameForm::kTrimmed);
  expect_near(matches[0].query_interval, 6'250, 16'250);
  EXPECT_GT(matches[0].alignment->confidence, 0.8);
  EXPECT_EQ(matches[0].alignment->vpdq.query, 0);  // the reference knows whole frames alone
}

TEST(MatchVideos, FramesUnderTheFloorOfEitherSideDoNotCount) {
  auto query = made_up_query(9, 200, known(), {{.at = 50, .from = 100, .frames = 80}});
  for (FrameSignal& frame : query) frame.at.quality = 49;
  EXPECT_TRUE(compare(query, known()).empty());
  EXPECT_EQ(compare(query, known(), {kDefaultMaxDistance, 49}).size(), 1U);
  VideoSignal dark = known();
  for (KnownFrame& frame : dark.frames) frame.at.quality = 30;
  EXPECT_TRUE(compare(query, dark, {kDefaultMaxDistance, 49}).empty());
  // Whatever the floor, a flat frame has no hash.
  for (FrameSignal& frame : query) frame.at.quality = 0;
  EXPECT_TRUE(compare(query, known(), {kDefaultMaxDistance, 0}).empty());
}

TEST(MatchVideos, StreamsAreKeptApart) {
  auto query = made_up_query(11, 200, known(), {{.at = 50, .from = 100, .frames = 80}});
  auto second = made_up_query(12, 200, known(), {{.at = 100, .from = 300, .frames = 60}});
  for (FrameSignal& frame : second) frame.at.stream = 1;
  query.insert(query.end(), second.begin(), second.end());
  const auto matches = compare(query, known());
  ASSERT_EQ(matches.size(), 2U);
  expect_near(matches[0].query_interval, 6'250, 16'250);
  expect_near(matches[1].query_interval, 12'500, 20'000);
}

// Every frame of two stills: as many pairs as there can be.
TEST(MatchVideos, ShotsThatDoNotMoveAreBounded) {
  std::mt19937_64 rng(13);
  const Hash256 still = any_hash(rng);
  VideoSignal entry = made_up_video(14, 4'000);
  for (KnownFrame& frame : entry.frames) frame.hash = near_hash(still, 1, rng);
  std::vector<FrameSignal> query;
  for (std::uint32_t i = 0; i < 4'000; ++i) {
    query.push_back(shown_at(i * kStepMs, near_hash(still, 1, rng), rng));
  }
  const auto matches = compare(query, entry);
  ASSERT_FALSE(matches.empty());
  EXPECT_LE(matches[0].distance, 2);
  EXPECT_TRUE(matches[0].query_interval);
}

TEST(MatchVideos, ABorderedCopyOfALongStillShotIsFound) {
  constexpr std::size_t kFrames = 2'000;
  std::mt19937_64 rng(31);
  VideoSignal shot = made_up_video(1, kFrames);
  const Hash256 still = any_hash(rng);
  for (KnownFrame& frame : shot.frames) frame.hash = still;
  std::vector<FrameSignal> query;
  for (std::uint32_t i = 0; i < kFrames; ++i) {
    query.push_back(shown_at(i * kStepMs, any_hash(rng), rng));  // with its borders
    query.push_back(shown_at(i * kStepMs, still, rng));
    query.back().at.form = FrameForm::kTrimmed;
  }
  const auto matches = compare(query, shot);
  ASSERT_FALSE(matches.empty());
  EXPECT_LE(matches[0].distance, kDefaultMaxDistance);
  EXPECT_EQ(matches[0].query_form, FrameForm::kTrimmed);
}

TEST(MatchVideos, OfVeryManyIntervalsThoseOfMostFramesAreTold) {
  constexpr std::size_t kClips = 12;  // of each of eight streams; the last one's are longer
  std::vector<FrameSignal> query;
  for (std::uint8_t stream = 0; stream < 8; ++stream) {
    std::vector<Clip> clips;
    for (std::size_t i = 0; i < kClips; ++i) {
      clips.push_back({.at = 80 * i, .from = i * 164 % 410, .frames = stream == 7 ? 40U : 25U});
    }
    for (FrameSignal& frame : made_up_query(32U + stream, 80 * kClips, known(), clips)) {
      frame.at.stream = stream;
      query.push_back(frame);
    }
  }
  const auto matches = compare(query, known());
  EXPECT_EQ(matches.size(), match::kMaxIntervals);
  std::size_t longer = 0;
  for (const Match& match : matches) {
    ASSERT_TRUE(match.alignment);
    longer += match.alignment->frames > 30 ? 1U : 0U;
  }
  EXPECT_EQ(longer, kClips);
}

TEST(MatchVideos, NothingIsLikeNothing) {
  EXPECT_TRUE(compare({}, known()).empty());
  EXPECT_TRUE(compare(made_up_query(15, 20, known(), {}), VideoSignal{}).empty());
  for (const int distance : {-1, 257}) {
    const auto refused = match_videos({}, 0, known(), {distance, 50});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::kBadArgument);
  }
}

// Times that no honest file has, in any order.
TEST(MatchVideos, HostileTimesAreNoTrouble) {
  std::mt19937_64 rng(16);
  auto query = made_up_query(16, 100, known(), {{.at = 10, .from = 10, .frames = 80}});
  VideoSignal entry = known();
  for (FrameSignal& frame : query) {
    frame.at.start_ms = static_cast<std::uint32_t>(rng());
    frame.at.end_ms = UINT32_MAX;
  }
  for (KnownFrame& frame : entry.frames) {
    frame.at.start_ms = frame.at.end_ms = rng() % 2 == 0 ? 0 : UINT32_MAX;
  }
  for (const Match& match : compare(query, entry)) {
    ASSERT_TRUE(match.query_interval && match.entry_interval);
    EXPECT_LE(match.query_interval->start_ms, match.query_interval->end_ms);
    EXPECT_LE(match.entry_interval->start_ms, match.entry_interval->end_ms);
    if (match.alignment) {
      EXPECT_LE(match.alignment->query_covered, 1);
    }
  }
}

}  // namespace
}  // namespace semblance
