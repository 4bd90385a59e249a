// SPDX-License-Identifier: Apache-2.0
// Pictures and their parts: which pairs match, how far, and what is said of it.
#include "match/pdq_match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "match/matcher_fixture.h"

namespace semblance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Window kHere{1'000, 2'000, 5'000, 4'000};
constexpr Window kThere{0, 0, 9'000, 9'000};

ProbeSignal part(ProbeKind kind, const Hash256& hash, const Window& window = kHere,
                 int quality = 100) {
  return {{kind, window}, picture(hash, quality)};
}

BankSignal known_part(ProbeKind kind, const Hash256& hash, const Window& window = kThere,
                      std::optional<int> quality = 100) {
  BankSignal signal = pdq(hash, quality);
  signal.part = Probe{kind, window};
  signal.version = "probe-1/pdq-1";
  return signal;
}

// A picture that is like nothing, with one part.
Extraction item_with(const ProbeSignal& part) {
  Extraction item = item_of(picture(random_hash(4'242)));
  item.probes = {part};
  return item;
}

BankPolicy with_probes(std::map<ProbeKind, int> probes, int max_distance = 31) {
  BankPolicy made = policy(max_distance);
  made.probes = std::move(probes);
  return made;
}

class PdqMatchTest : public MatcherTest {};

TEST_F(PdqMatchTest, APanelOfTheQueryShowsAWholePicture) {
  add(bank("demo", with_probes({{ProbeKind::kPanel, 24}})), {pdq(known_, 77)}, {"label"});
  const auto m = matcher();
  EXPECT_THAT(m->plan().probes, ElementsAre(ProbeKind::kPanel));
  const auto matches = look_up(*m, item_with(part(ProbeKind::kPanel, flipped(known_, 24)))).matches;
  ASSERT_THAT(where(matches), ElementsAre("demo/1"));
  EXPECT_EQ(matches[0].kind, SignalKind::kPdq);
  EXPECT_EQ(matches[0].distance, 24);
  EXPECT_EQ(matches[0].max_distance, 24);
  EXPECT_EQ(matches[0].query_probe, (Probe{ProbeKind::kPanel, kHere}));
  EXPECT_FALSE(matches[0].entry_probe);
  EXPECT_EQ(matches[0].profile, PdqProfile::kFull);
  EXPECT_EQ(matches[0].entry_quality, 77);
  EXPECT_THAT(matches[0].labels, ElementsAre("label"));
  EXPECT_THAT(look_up(*m, item_with(part(ProbeKind::kPanel, flipped(known_, 25)))).matches,
              IsEmpty());
}

TEST_F(PdqMatchTest, TheWholeOfTheQueryShowsAPartOfTheEntry) {
  add(bank("demo", with_probes({{ProbeKind::kWindow, 20}})),
      {pdq(random_hash(2)), known_part(ProbeKind::kWindow, known_)});
  const auto m = matcher();
  EXPECT_EQ(m->banks()[0].pdq_indexed, 2U);
  EXPECT_EQ(m->banks()[0].parts_indexed, 1U);
  const auto matches = look_up(*m, item_of(picture(flipped(known_, 20)))).matches;
  ASSERT_THAT(where(matches), ElementsAre("demo/1"));
  EXPECT_EQ(matches[0].max_distance, 20);
  EXPECT_FALSE(matches[0].query_probe);
  EXPECT_EQ(matches[0].entry_probe, (Probe{ProbeKind::kWindow, kThere}));
  EXPECT_THAT(look_up(*m, item_of(picture(flipped(known_, 21)))).matches, IsEmpty());
  // Bare values are whole pictures.
  EXPECT_THAT(where(look_up(*m, pdq_value(flipped(known_, 20)))), ElementsAre("demo/1"));
  EXPECT_THAT(look_up(*m, pdq_value(flipped(known_, 21))), IsEmpty());
}

TEST_F(PdqMatchTest, OfTwoPartsOnlyWhatBordersEncloseIsCompared) {
  const auto demo = bank(
      "demo",
      with_probes({{ProbeKind::kTrimmed, 30}, {ProbeKind::kPanel, 30}, {ProbeKind::kWindow, 25}}));
  add(demo, {known_part(ProbeKind::kTrimmed, known_)});
  add(demo, {known_part(ProbeKind::kWindow, known_)});
  const auto m = matcher();
  const Hash256 query = flipped(known_, 3);
  EXPECT_THAT(where(look_up(*m, item_with(part(ProbeKind::kTrimmed, query))).matches),
              ElementsAre("demo/1", "demo/2"));
  EXPECT_THAT(look_up(*m, item_with(part(ProbeKind::kPanel, query))).matches, IsEmpty());
  EXPECT_THAT(look_up(*m, item_with(part(ProbeKind::kWindow, query))).matches, IsEmpty());
  const Hash256 farther = flipped(known_, 26);  // than windows may be
  EXPECT_THAT(where(look_up(*m, item_with(part(ProbeKind::kTrimmed, farther))).matches),
              ElementsAre("demo/1"));
}

TEST_F(PdqMatchTest, EachBankMatchesByThePartsOfItsPolicy) {
  add(bank("all", with_probes({{ProbeKind::kTrimmed, 31}, {ProbeKind::kPanel, 31}})),
      {pdq(known_)});
  add(bank("none", with_probes({})), {pdq(known_), known_part(ProbeKind::kWindow, random_hash(8))});
  add(bank("strict", with_probes({{ProbeKind::kTrimmed, 5}})), {pdq(known_)});
  const auto m = matcher();
  EXPECT_THAT(m->plan().probes, ElementsAre(ProbeKind::kTrimmed, ProbeKind::kPanel));
  EXPECT_THAT(where(look_up(*m, item_with(part(ProbeKind::kTrimmed, flipped(known_, 5)))).matches),
              ElementsAre("all/1", "strict/3"));
  EXPECT_THAT(where(look_up(*m, item_with(part(ProbeKind::kTrimmed, flipped(known_, 6)))).matches),
              ElementsAre("all/1"));
  EXPECT_THAT(where(look_up(*m, item_with(part(ProbeKind::kPanel, known_))).matches),
              ElementsAre("all/1"));
  EXPECT_THAT(look_up(*m, item_with(part(ProbeKind::kWindow, known_))).matches, IsEmpty());
  EXPECT_THAT(look_up(*m, item_of(picture(random_hash(8)))).matches, IsEmpty());
  EXPECT_THAT(look_up(*m, item_of(picture(known_))).matches, ::testing::SizeIs(3));
}

TEST_F(PdqMatchTest, PanelsAndWindowsAreLookedUpAsTheyStandAndMirrored) {
  add(bank("demo",
           with_probes(
               {{ProbeKind::kTrimmed, 31}, {ProbeKind::kPanel, 31}, {ProbeKind::kWindow, 31}})),
      {pdq(known_)});
  const auto m = matcher();
  for (const ProbeKind kind : {ProbeKind::kTrimmed, ProbeKind::kPanel, ProbeKind::kWindow}) {
    for (std::size_t turn = 0; turn < kTransforms; ++turn) {
      ProbeSignal turned = part(kind, random_hash(77));
      turned.pdq.hashes[turn] = known_;
      const auto matches = look_up(*m, item_with(turned)).matches;
      const bool found = kind == ProbeKind::kTrimmed || turn == 0 || turn == 5;
      ASSERT_EQ(matches.size(), found ? 1U : 0U) << name(kind) << ' ' << turn;
      if (found) {
        EXPECT_EQ(matches[0].transform, static_cast<Transform>(turn));
      }
    }
  }
}

TEST_F(PdqMatchTest, TheNearestPairIsToldAndOfEquallyNearTheWhole) {
  add(bank("demo",
           with_probes(
               {{ProbeKind::kTrimmed, 31}, {ProbeKind::kPanel, 31}, {ProbeKind::kWindow, 31}})),
      {known_part(ProbeKind::kWindow, known_), pdq(flipped(known_, 4), 60),
       known_part(ProbeKind::kTrimmed, flipped(known_, 2))});
  const auto m = matcher();
  Extraction item = item_of(picture(flipped(known_, 9)));  // 9, 5 and 7 bits away
  auto matches = look_up(*m, item).matches;
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].distance, 5);
  EXPECT_FALSE(matches[0].query_probe || matches[0].entry_probe);

  item.probes = {part(ProbeKind::kPanel, flipped(known_, 1), {5'000, 0, 5'000, 10'000}),
                 part(ProbeKind::kPanel, flipped(known_, 1), {0, 0, 5'000, 10'000})};
  matches = look_up(*m, item).matches;  // three bits from the whole
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].distance, 3);
  ASSERT_TRUE(matches[0].query_probe);
  EXPECT_EQ(matches[0].query_probe->window.left, 0) << "the first window of two as near";
  EXPECT_EQ(matches[0].entry_quality, 60);

  item.pdq[0].hashes[0] = flipped(known_, 7);  // now the whole is as near
  matches = look_up(*m, item).matches;
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].distance, 3);
  EXPECT_FALSE(matches[0].query_probe);
}

TEST_F(PdqMatchTest, APartUnderTheFloorIsNotLookedUpAndNotTold) {
  BankPolicy strict = with_probes({{ProbeKind::kPanel, 31}, {ProbeKind::kWindow, 31}});
  strict.quality_floor = 60;
  const auto demo = bank("demo", strict);
  add(demo, {pdq(known_)});
  add(demo, {known_part(ProbeKind::kWindow, random_hash(5), kThere, 59)});
  const auto m = matcher();
  EXPECT_EQ(m->banks()[0].pdq_below_floor, 1U);
  EXPECT_EQ(m->banks()[0].parts_indexed, 0U);
  const MatchResult low = look_up(*m, item_with(part(ProbeKind::kPanel, known_, kHere, 59)));
  EXPECT_THAT(low.matches, IsEmpty());
  EXPECT_THAT(low.below_floor, IsEmpty());
  EXPECT_THAT(where(look_up(*m, item_with(part(ProbeKind::kPanel, known_, kHere, 60))).matches),
              ElementsAre("demo/1"));
  EXPECT_THAT(look_up(*m, item_of(picture(random_hash(5)))).matches, IsEmpty());
}

TEST_F(PdqMatchTest, AFlatPartIsNeverLookedUp) {
  BankPolicy lax = with_probes({{ProbeKind::kPanel, 31}});
  lax.quality_floor = 0;
  add(bank("demo", lax), {pdq(Hash256{}, 50)});
  const auto m = matcher();
  EXPECT_THAT(look_up(*m, item_with(part(ProbeKind::kPanel, Hash256{}, kHere, 0))).matches,
              IsEmpty());
  EXPECT_THAT(look_up(*m, item_with(part(ProbeKind::kPanel, Hash256{}, kHere, 1))).matches,
              ::testing::SizeIs(1));
}

TEST_F(PdqMatchTest, WithdrawnOrChangedSinceIsJudgedByTheStore) {
  const auto demo = bank("demo", with_probes({{ProbeKind::kWindow, 31}}));
  add(demo, {known_part(ProbeKind::kWindow, known_)});
  const auto m = matcher();
  const Extraction item = item_of(picture(known_));
  EXPECT_THAT(where(look_up(*m, item).matches), ElementsAre("demo/1"));
  store_.at(1).item.signals = {known_part(ProbeKind::kPanel, known_)};  // no longer a window
  EXPECT_THAT(look_up(*m, item).matches, IsEmpty());
  store_.at(1).item.signals = {known_part(ProbeKind::kWindow, known_)};
  ASSERT_TRUE(store_.withdraw(demo, 1, "mistake"));
  EXPECT_THAT(look_up(*m, item).matches, IsEmpty());
}

TEST_F(PdqMatchTest, AnItemThatIsNearTooManyEntriesIsCountedOnce) {
  const auto demo = bank("demo", with_probes({{ProbeKind::kTrimmed, 31}, {ProbeKind::kPanel, 31}}));
  for (std::size_t i = 0; i < kMaxEntriesOfFrame + 5; ++i) {
    add(demo, {pdq(flipped(known_, i < 5 ? 20 : 10))});
  }
  const auto m = matcher();
  Extraction item = item_of(picture(known_));
  item.probes = {part(ProbeKind::kTrimmed, known_), part(ProbeKind::kPanel, known_)};
  const MatchResult result = look_up(*m, item);
  EXPECT_EQ(result.crowded_frames, 1U);
  ASSERT_EQ(result.matches.size(), kMaxEntriesOfFrame);
  EXPECT_EQ(result.matches.front().entry, 6);
  EXPECT_EQ(result.matches.back().distance, 10);
}

TEST_F(PdqMatchTest, PartsAreOfTheProfileFullAlone) {
  add(bank("demo", with_probes({{ProbeKind::kTrimmed, 31}})),
      {pdq(known_, 100, PdqProfile::kCli512)});
  const auto m = matcher();
  EXPECT_THAT(m->plan().probes, IsEmpty());
  EXPECT_THAT(look_up(*m, item_with(part(ProbeKind::kTrimmed, known_))).matches, IsEmpty());
}

}  // namespace
}  // namespace semblance
