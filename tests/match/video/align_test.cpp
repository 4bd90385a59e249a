// SPDX-License-Identifier: Apache-2.0
#include "match/video/align.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <vector>

namespace semblance::match {
namespace {

// Frames that are looked at every `step_ms`, each one signal.
std::vector<FramePlace> frames_every(std::uint32_t step_ms, std::uint32_t until_ms) {
  std::vector<FramePlace> frames;
  for (std::uint32_t at = 0; at < until_ms; at += step_ms) {
    frames.push_back({.start_ms = at, .end_ms = at, .quality = 100});
  }
  return frames;
}

// A copy: from `query_ms` on, for `length_ms`, the query shows the entry from `entry_ms` on.
struct Copy {
  double query_ms = 0;
  double entry_ms = 0;
  double length_ms = 0;  // of the query
  double speed = 1;
};

// Frames are alike up to `reach_ms` of the entry around the one that is shown, less the further.
void add_hits(const Copy& copy, const std::vector<FramePlace>& query,
              const std::vector<FramePlace>& entry, double reach_ms, std::vector<FrameHit>& into) {
  for (std::uint32_t q = 0; q < query.size(); ++q) {
    const double into_copy = query[q].start_ms - copy.query_ms;
    if (into_copy < 0 || into_copy > copy.length_ms) continue;
    const double shown = copy.entry_ms + copy.speed * into_copy;
    for (std::uint32_t e = 0; e < entry.size(); ++e) {
      const double off = std::abs(entry[e].start_ms - shown);
      if (off <= reach_ms) into.push_back({q, e, 8 + static_cast<int>(off / reach_ms * 20)});
    }
  }
}

void expect_near(const TimeSpan& span, double start_ms, double end_ms, double tolerance_ms) {
  EXPECT_NEAR(span.start_ms, start_ms, tolerance_ms);
  EXPECT_NEAR(span.end_ms, end_ms, tolerance_ms);
}

TEST(Align, NothingWithoutHits) {
  const auto frames = frames_every(125, 10'000);
  EXPECT_TRUE(align(frames, frames, {}).empty());
  EXPECT_TRUE(align({}, {}, {}).empty());
}

TEST(Align, FindsAClipInsideAnotherVideo) {
  const auto query = frames_every(125, 60'000);
  const auto entry = frames_every(125, 120'000);
  std::vector<FrameHit> hits;
  add_hits({.query_ms = 20'000, .entry_ms = 71'300, .length_ms = 10'000}, query, entry, 200, hits);
  const auto found = align(query, entry, hits);
  ASSERT_EQ(found.size(), 1U);
  expect_near(found[0].query, 20'000, 30'000, 130);
  expect_near(found[0].entry, 71'300, 81'300, 200);
  EXPECT_EQ(found[0].speed, 1.0);
  EXPECT_GE(found[0].frames, 78U);
  EXPECT_EQ(found[0].frames, found[0].compared);
  EXPECT_GT(found[0].confidence, 0.95);
  EXPECT_LE(found[0].distance, 16);
}

class AlignAtSpeed : public testing::TestWithParam<double> {};

TEST_P(AlignAtSpeed, FindsTheSpeedAndBothIntervals) {
  const double speed = GetParam();
  const auto query = frames_every(125, 40'000);
  const auto entry = frames_every(125, 90'000);
  std::vector<FrameHit> hits;
  add_hits({.query_ms = 9'000, .entry_ms = 30'000, .length_ms = 12'000, .speed = speed}, query,
           entry, 250, hits);
  const auto found = align(query, entry, hits);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].speed, speed, 0.03 * speed);
  expect_near(found[0].query, 9'000, 21'000, 500);
  expect_near(found[0].entry, 30'000, 30'000 + speed * 12'000, 600);
}

INSTANTIATE_TEST_SUITE_P(Speeds, AlignAtSpeed,
                         testing::Values(0.5, 0.62, 0.8, 0.93, 0.98, 1.0, 1.04, 1.17, 1.25, 1.5,
                                         1.77, 2.0));

TEST(Align, FindsALongCopyAtAnOddSpeed) {
  const auto query = frames_every(125, 600'000);
  const auto entry = frames_every(125, 700'000);
  std::vector<FrameHit> hits;
  add_hits({.query_ms = 0, .entry_ms = 10'000, .length_ms = 590'000, .speed = 1.037}, query, entry,
           150, hits);
  const auto found = align(query, entry, hits);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].speed, 1.037, 0.001);
  expect_near(found[0].query, 0, 590'000, 1'000);
}

TEST(Align, FindsAClipAmongKeyFrames) {
  const auto query = frames_every(2'000, 60'000);
  const auto entry = frames_every(125, 120'000);
  std::vector<FrameHit> hits;
  add_hits({.query_ms = 21'100, .entry_ms = 50'000, .length_ms = 10'000}, query, entry, 200, hits);
  const auto found = align(query, entry, hits);
  ASSERT_EQ(found.size(), 1U);
  expect_near(found[0].query, 21'100, 31'100, 1'000);
  EXPECT_EQ(found[0].frames, 5U);
}

TEST(Align, TwoPartsInAnotherOrderAreTwoIntervals) {
  const auto query = frames_every(125, 30'000);
  const auto entry = frames_every(125, 60'000);
  std::vector<FrameHit> hits;
  add_hits({.query_ms = 2'000, .entry_ms = 40'000, .length_ms = 6'000}, query, entry, 150, hits);
  add_hits({.query_ms = 15'000, .entry_ms = 5'000, .length_ms = 8'000}, query, entry, 150, hits);
  const auto found = align(query, entry, hits);
  ASSERT_EQ(found.size(), 2U);
  expect_near(found[0].query, 2'000, 8'000, 400);
  expect_near(found[0].entry, 40'000, 46'000, 500);
  expect_near(found[1].query, 15'000, 23'000, 400);
  expect_near(found[1].entry, 5'000, 13'000, 500);
}

TEST(Align, APauseOnOneLineIsTwoIntervals) {
  const auto query = frames_every(125, 60'000);
  const auto entry = frames_every(125, 60'000);
  std::vector<FrameHit> hits;
  add_hits({.query_ms = 1'000, .entry_ms = 3'000, .length_ms = 8'000}, query, entry, 150, hits);
  add_hits({.query_ms = 20'000, .entry_ms = 22'000, .length_ms = 8'000}, query, entry, 150, hits);
  const auto found = align(query, entry, hits);
  ASSERT_EQ(found.size(), 2U);
  expect_near(found[0].query, 1'000, 9'000, 400);
  expect_near(found[1].query, 20'000, 28'000, 400);
}

TEST(Align, ASlowShotIsOneIntervalAtTheRightOffset) {
  // Everything within three seconds is alike, the nearer the more.
  const auto query = frames_every(125, 20'000);
  const auto entry = frames_every(125, 40'000);
  std::vector<FrameHit> hits;
  add_hits({.query_ms = 4'000, .entry_ms = 12'000, .length_ms = 10'000}, query, entry, 3'000, hits);
  const auto found = align(query, entry, hits);
  ASSERT_EQ(found.size(), 1U);
  expect_near(found[0].query, 4'000, 14'000, 130);
  expect_near(found[0].entry, 12'000, 22'000, 200);
}

TEST(Align, ScenesThatStandStillAgreeAnywhereOnThem) {
  // Four scenes of some seconds, each one signal on both sides; the clip begins within the first.
  std::vector<FramePlace> entry;
  std::vector<FramePlace> query;
  std::vector<FrameHit> hits;
  const std::vector<std::uint32_t> cuts = {10'000, 16'000, 21'000, 23'000, 31'000};
  for (std::uint32_t i = 0; i + 1 < cuts.size(); ++i) {
    entry.push_back({.start_ms = cuts[i], .end_ms = cuts[i + 1] - 125, .quality = 90});
    const std::uint32_t start = i == 0 ? 5'000 : cuts[i] - 9'000;
    query.push_back({.start_ms = start, .end_ms = cuts[i + 1] - 9'125, .quality = 90});
    hits.push_back({i, i, 6});
  }
  const auto found = align(query, entry, hits);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].speed, 1.0);
  expect_near(found[0].query, 5'000, 22'000, 200);
  expect_near(found[0].entry, 14'000, 31'000, 500);
}

TEST(Align, AListOfEveryFrameOfShotsThatStandStillIsAlignedByItsCuts) {
  // Every frame of both sides, 40 ms apart; shots of some seconds that hardly move, three of them.
  const auto query = frames_every(40, 20'000);
  const auto entry = frames_every(40, 40'000);
  const std::vector<std::uint32_t> cuts = {0, 3'000, 8'000, 12'000, 20'000};  // of the query
  std::mt19937 random(5);
  std::vector<FrameHit> hits;
  for (std::uint32_t shot = 0; shot + 1 < cuts.size(); ++shot) {
    for (std::uint32_t q = cuts[shot] / 40; q < cuts[shot + 1] / 40; ++q) {
      for (std::uint32_t e = q + 250 - 10; e < cuts[shot + 1] / 40 + 250; ++e) {
        if (e < cuts[shot] / 40 + 250) continue;  // the entry shows all this 10 s later
        hits.push_back({q, e, static_cast<int>(random() % 3)});
      }
    }
  }
  const auto found = align(query, entry, hits);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].speed, 1.0);
  expect_near(found[0].query, 0, 20'000, 500);
  expect_near(found[0].entry, 10'000, 30'000, 700);
}

TEST(Align, AStillShotOfAnyLengthIsBoundedWork) {
  // Every frame of some minutes is like every one of a short entry, by noise more or less: nothing
  // agrees for long, and the answer comes at once.
  const auto query = frames_every(40, 400'000);
  const auto entry = frames_every(40, 960);
  std::mt19937 random(9);
  std::vector<FrameHit> hits;
  for (std::uint32_t q = 0; q < query.size(); ++q) {
    for (std::uint32_t e = 0; e < entry.size(); ++e) {
      hits.push_back({q, e, static_cast<int>(random() % 28)});
    }
  }
  for (const AlignedInterval& one : align(query, entry, hits)) {
    EXPECT_LE(one.entry.end_ms, 1'000U);
  }
}

TEST(Align, ALongCopyIsFoundAmongMorePairsThanAreLookedAt) {
  const auto query = frames_every(40, 900'000);
  const auto entry = frames_every(40, 1'000'000);
  std::vector<FrameHit> hits;
  add_hits({.query_ms = 10'000, .entry_ms = 60'000, .length_ms = 880'000}, query, entry, 400, hits);
  const auto found = align(query, entry, hits);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].speed, 1.0);
  expect_near(found[0].query, 10'000, 890'000, 500);
  expect_near(found[0].entry, 60'000, 940'000, 600);
}

TEST(Align, TooFewOrScatteredHitsAreNothing) {
  const auto frames = frames_every(125, 60'000);
  const std::vector<FrameHit> two = {{10, 100, 3}, {18, 108, 3}};
  EXPECT_TRUE(align(frames, frames, two).empty());
  std::mt19937 random(7);
  std::vector<FrameHit> scattered;
  for (std::uint32_t i = 0; i < 12; ++i) {
    scattered.push_back({i * 40, static_cast<std::uint32_t>(random() % frames.size()), 28});
  }
  for (const AlignedInterval& interval : align(frames, frames, scattered)) {
    EXPECT_LT(interval.confidence, 0.2);  // whatever chance puts on a line is sparse on it
  }
}

TEST(Align, OneFrameOfTheEntryThatIsShownAgainAndAgainIsNothing) {
  const auto query = frames_every(125, 10'000);
  const auto entry = frames_every(125, 10'000);
  std::vector<FrameHit> hits;
  for (std::uint32_t q = 0; q < query.size(); ++q) hits.push_back({q, 40, 2});
  EXPECT_TRUE(align(query, entry, hits).empty());
}

TEST(Align, FormsOfOneTimeAreOneWitness) {
  std::vector<FramePlace> query;
  for (const FramePlace& frame : frames_every(1'000, 2'000)) {
    query.push_back(frame);
    query.push_back(frame);
    query.back().form = FrameForm::kTrimmed;
  }
  const auto entry = frames_every(125, 10'000);
  // Two times, four frames.
  const std::vector<FrameHit> hits = {{0, 16, 3}, {1, 16, 3}, {2, 24, 3}, {3, 24, 3}};
  EXPECT_TRUE(align(query, entry, hits).empty());
}

TEST(Align, SurvivesNoiseAndMissesWithinTheCopy) {
  const auto query = frames_every(125, 60'000);
  const auto entry = frames_every(125, 120'000);
  std::mt19937 random(3);
  std::vector<FrameHit> all;
  add_hits({.query_ms = 30'000, .entry_ms = 60'000, .length_ms = 10'000}, query, entry, 150, all);
  std::vector<FrameHit> hits;
  for (const FrameHit& hit : all) {
    if (random() % 2 == 0) hits.push_back(hit);
  }
  for (int i = 0; i < 40; ++i) {
    hits.push_back({static_cast<std::uint32_t>(random() % query.size()),
                    static_cast<std::uint32_t>(random() % entry.size()), 30});
  }
  const auto found = align(query, entry, hits);
  ASSERT_FALSE(found.empty());
  const auto best = std::max_element(
      found.begin(), found.end(),
      [](const AlignedInterval& a, const AlignedInterval& b) { return a.frames < b.frames; });
  EXPECT_NEAR(best->query.start_ms, 30'000, 1'000);
  EXPECT_NEAR(best->query.end_ms, 40'000, 1'000);
}

TEST(Align, AnswersTheSameWhateverTheOrderOfHits) {
  const auto query = frames_every(125, 30'000);
  const auto entry = frames_every(125, 60'000);
  std::vector<FrameHit> hits;
  add_hits({.query_ms = 2'000, .entry_ms = 40'000, .length_ms = 6'000, .speed = 1.25}, query, entry,
           400, hits);
  const auto first = align(query, entry, hits);
  std::shuffle(hits.begin(), hits.end(), std::mt19937(11));
  const auto second = align(query, entry, hits);
  ASSERT_EQ(first.size(), 1U);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(first[0].query, second[0].query);
  EXPECT_EQ(first[0].entry, second[0].entry);
  EXPECT_EQ(first[0].speed, second[0].speed);
}

}  // namespace
}  // namespace semblance::match
