// SPDX-License-Identifier: Apache-2.0
#include "match/video/frame_pairs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "match/video/made_up_video.h"

namespace semblance::match {
namespace {

std::vector<NearFrame> all_of(const std::vector<FrameSignal>& query) {
  std::vector<NearFrame> near;
  for (std::uint32_t frame = 0; frame < query.size(); ++frame) {
    for (std::size_t turn = 0; turn < kTransforms; ++turn) {
      near.push_back({frame, static_cast<Transform>(turn)});
    }
  }
  return near;
}

FramePairs pairs_of(VideoQuery& query, const std::vector<NearFrame>& near, const VideoSignal& entry,
                    int max_distance) {
  const VideoFrames entry_frames(places_of(entry.frames), 50);
  auto found = find_pairs(query, query.usable(50), near, entry, entry_frames, max_distance);
  EXPECT_TRUE(found);
  return *std::move(found);
}

// What a comparison of everything with everything gives.
std::vector<std::tuple<std::uint32_t, Transform, std::uint32_t, int>> by_hand(
    const std::vector<FrameSignal>& query, const VideoSignal& entry, int max_distance) {
  std::vector<std::tuple<std::uint32_t, Transform, std::uint32_t, int>> all;
  for (const NearFrame& near : all_of(query)) {
    for (std::uint32_t e = 0; e < entry.frames.size(); ++e) {
      const FrameSignal& frame = query[near.frame];
      if (frame.at.quality < 50 || entry.frames[e].at.quality < 50) continue;
      const int distance =
          hamming_distance(frame.hashes[static_cast<std::size_t>(near.turn)], entry.frames[e].hash);
      if (distance <= max_distance) all.emplace_back(near.frame, near.turn, e, distance);
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

TEST(FramePairs, AreAllPairsInReachHoweverManyThereAre) {
  for (const std::size_t frames : {3U, 40U, 900U}) {  // directly, and by an index
    VideoSignal entry = made_up_video(1, frames);
    entry.frames[1].at.quality = 49;
    auto query = made_up_query(2, 100, entry, {{.at = 5, .from = 0, .frames = 3}});
    query[6].at.quality = 20;
    for (const int distance : {0, 31, 100}) {
      VideoQuery prepared(query, 0);
      const FramePairs found = pairs_of(prepared, all_of(query), entry, distance);
      EXPECT_EQ(found.stride, 1U);
      std::vector<std::tuple<std::uint32_t, Transform, std::uint32_t, int>> all;
      for (const FramePair& pair : found.pairs) {
        all.emplace_back(pair.query, pair.turn, pair.entry, pair.distance);
      }
      std::sort(all.begin(), all.end());
      EXPECT_EQ(all, by_hand(query, entry, distance)) << frames << ' ' << distance;
    }
  }
}

TEST(FramePairs, OnlyWhatIsNearIsCompared) {
  const VideoSignal entry = made_up_video(1, 50);
  const auto query = made_up_query(2, 100, entry, {{.at = 5, .from = 0, .frames = 30}});
  VideoQuery prepared(query, 0);
  const FramePairs found = pairs_of(prepared, {{9, Transform::kNone}, {12, Transform::kNone}},
                                    entry, kDefaultMaxDistance);
  ASSERT_FALSE(found.pairs.empty());
  for (const FramePair& pair : found.pairs) EXPECT_TRUE(pair.query == 9 || pair.query == 12);
}

// A still with borders: at each time a whole frame that is like nothing, and a trimmed one.
TEST(FramePairs, TooManyAreThinnedEvenlyAllFormsOfATimeTogether) {
  std::mt19937_64 rng(3);
  constexpr std::uint32_t kTimes = 3'000;
  VideoSignal entry = made_up_video(1, kTimes);
  const Hash256 still = any_hash(rng);
  for (KnownFrame& frame : entry.frames) frame.hash = still;
  std::vector<FrameSignal> query;
  for (std::uint32_t i = 0; i < kTimes; ++i) {
    query.push_back(shown_at(i * kStepMs, any_hash(rng), rng));
    query.push_back(shown_at(i * kStepMs, still, rng));
    query.back().at.form = FrameForm::kTrimmed;
  }
  VideoQuery prepared(query, 0);
  const FramePairs found = pairs_of(prepared, all_of(query), entry, 31);
  EXPECT_GT(found.stride, 1U);
  EXPECT_LE(found.pairs.size(), kMaxPairs);
  EXPECT_EQ(found.pairs.size(), kTimes / found.stride * kTimes);
  for (const FramePair& pair : found.pairs) {
    ASSERT_EQ(query[pair.query].at.start_ms / kStepMs % found.stride, 0U);
  }
}

// Each frame of a list without times counts as a time of its own.
TEST(FramePairs, TooManyOfAListWithoutTimesAreThinnedToo) {
  std::mt19937_64 rng(3);
  const Hash256 still = any_hash(rng);
  VideoSignal entry = made_up_video(1, 3'000);
  for (KnownFrame& frame : entry.frames) frame.hash = still;
  const std::vector<FrameSignal> query(3'000, shown_at(0, still, rng));
  VideoQuery prepared(query, 0);
  const FramePairs found = pairs_of(prepared, all_of(query), entry, 31);
  EXPECT_GT(found.stride, 1U);
  EXPECT_LE(found.pairs.size(), kMaxPairs);
}

// The reference's two percentages, from pairs that are known already.
TEST(FramePairs, PercentagesAreThoseOfTheRuleItself) {
  std::mt19937_64 rng(4);
  for (int round = 0; round < 20; ++round) {
    VideoSignal entry = made_up_video(rng(), 60);
    auto query = made_up_query(rng(), 80, entry,
                               {{.at = 10, .from = 5, .frames = 1 + rng() % 50, .noise = 12}});
    for (std::size_t i = 0; i < query.size(); i += 7) query[i].at.quality = 30;
    for (std::size_t i = 1; i < query.size(); i += 9) query[i].hashes = query[i - 1].hashes;
    for (std::size_t i = 1; i < entry.frames.size(); i += 5) {
      entry.frames[i].hash = entry.frames[i - 1].hash;
    }
    // Of equal hashes the first counts, even if it is of too little quality and another is not.
    for (std::size_t i = 0; i < entry.frames.size(); i += 10) entry.frames[i].at.quality = 30;
    for (std::size_t i = 3; i < entry.frames.size(); i += 11) {
      entry.frames[i].at.form = FrameForm::kTrimmed;
    }
    VideoQuery prepared(query, 0);
    const VideoFrames entry_frames(places_of(entry.frames), 50);
    const FramePairs found = pairs_of(prepared, all_of(query), entry, 31);
    const VpdqPercents ours =
        percents_of(found, prepared, prepared.usable(50), entry, entry_frames);
    const VideoSignal known = to_known(Sampling::kDense, 0, query);
    EXPECT_EQ(ours, vpdq_percents(known.frames, entry.frames, {31, 50, true})) << round;
  }
}

}  // namespace
}  // namespace semblance::match
