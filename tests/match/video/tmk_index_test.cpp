// SPDX-License-Identifier: Apache-2.0
// Whole videos: found by the means of their TMK, and verified.
#include "match/video/tmk_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "match/matcher_fixture.h"
#include "match/video/made_up_tmk.h"
#include "match/video/made_up_video.h"

namespace semblance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TmkMatchTest : public MatcherTest {
 protected:
  static Extraction item_of(const TmkSignal& tmk) {
    Extraction item;
    item.facts.kind = MediaKind::kVideo;
    item.tmk = tmk;
    return item;
  }
};

TEST_F(TmkMatchTest, TheSameVideoIsFoundWithBothScores) {
  const auto demo = bank("demo");
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    add(demo, {tmk_signal(made_up_tmk(seed))}, {"label"});
  }
  const auto m = matcher();
  EXPECT_TRUE(m->plan().tmk);
  EXPECT_EQ(m->banks()[0].tmk, 20U);
  const auto matches = look_up(*m, item_of(made_up_tmk(7))).matches;
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].kind, SignalKind::kTmk);
  EXPECT_EQ(matches[0].entry, 7);
  EXPECT_EQ(matches[0].bank, "demo");
  EXPECT_THAT(matches[0].labels, ElementsAre("label"));
  ASSERT_TRUE(matches[0].tmk);
  EXPECT_NEAR(matches[0].tmk->level1, 1, 1e-4);
  EXPECT_GT(matches[0].tmk->level2, 0.99);
  EXPECT_FALSE(matches[0].query_interval);
  EXPECT_THAT(look_up(*m, item_of(made_up_tmk(99))).matches, IsEmpty());
}

TEST_F(TmkMatchTest, AMeanThatIsNearIsNotEnough) {
  TmkSignal known = made_up_tmk(1);
  add(bank("demo"), {tmk_signal(known)});
  TmkSignal other = made_up_tmk(2);
  other.mean = known.mean;
  EXPECT_THAT(look_up(*matcher(), item_of(other)).matches, IsEmpty());
  known.mean = made_up_tmk(3).mean;  // and the reverse
  EXPECT_THAT(look_up(*matcher(), item_of(known)).matches, IsEmpty());
}

TEST_F(TmkMatchTest, AMeanOfZerosIsLikeNothing) {
  TmkSignal black = made_up_tmk(1);
  black.mean.fill(0);
  add(bank("demo"), {tmk_signal(black)});
  EXPECT_THAT(look_up(*matcher(), item_of(black)).matches, IsEmpty());
}

TEST_F(TmkMatchTest, WithdrawnNotSelectedOrNewIsNotFound) {
  const auto demo = bank("demo");
  add(demo, {tmk_signal(made_up_tmk(1))});
  add(bank("other"), {tmk_signal(made_up_tmk(1))});
  const auto m = matcher({{"demo"}, std::nullopt});
  EXPECT_THAT(where(look_up(*m, item_of(made_up_tmk(1))).matches), ElementsAre("demo/1"));
  add(demo, {tmk_signal(made_up_tmk(1))});
  EXPECT_THAT(where(look_up(*m, item_of(made_up_tmk(1))).matches), ElementsAre("demo/1"));
  ASSERT_TRUE(m->refresh());
  EXPECT_THAT(where(look_up(*m, item_of(made_up_tmk(1))).matches), ElementsAre("demo/1", "demo/3"));
  ASSERT_TRUE(store_.withdraw(demo, 1, "mistake"));
  EXPECT_THAT(where(look_up(*m, item_of(made_up_tmk(1))).matches), ElementsAre("demo/3"));
}

TEST_F(TmkMatchTest, ABankThatGetsItsFirstOneIsAskedForFromThenOn) {
  const auto demo = bank("demo");
  const auto m = matcher();
  EXPECT_FALSE(m->plan().tmk);
  EXPECT_THAT(look_up(*m, item_of(made_up_tmk(1))).matches, IsEmpty());
  add(demo, {tmk_signal(made_up_tmk(1))});
  ASSERT_TRUE(m->refresh());
  EXPECT_TRUE(m->plan().tmk);
  EXPECT_THAT(where(look_up(*m, item_of(made_up_tmk(1))).matches), ElementsAre("demo/1"));
}

TEST_F(TmkMatchTest, AVideoWithoutOneIsNotRuledOut) {
  add(bank("demo"), {tmk_signal(made_up_tmk(1))});
  const auto m = matcher();
  Extraction item = item_of(made_up_tmk(2));
  EXPECT_FALSE(ruled_out(*m, item)) << "without a frame";
  item.frames = made_up_query(1, 10, {}, {});
  EXPECT_TRUE(ruled_out(*m, item));
  item.tmk = made_up_tmk(1);
  EXPECT_FALSE(ruled_out(*m, item));
  item.tmk.reset();
  EXPECT_FALSE(ruled_out(*m, item));
  item.facts.kind = MediaKind::kImage;
  item.frames.clear();
  EXPECT_TRUE(ruled_out(*m, item));
}

TEST_F(TmkMatchTest, AValueIsLookedUpAsItStands) {
  add(bank("demo"), {tmk_signal(made_up_tmk(1))});
  const auto m = matcher();
  EXPECT_THAT(where(look_up(*m, tmk_signal(made_up_tmk(1)).value)), ElementsAre("demo/1"));
  const SignalValue cut{SignalKind::kTmk, std::vector<std::uint8_t>(100)};
  const auto refused = m->match({&cut, 1}, std::nullopt);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kBadArgument);
}

}  // namespace
}  // namespace semblance
