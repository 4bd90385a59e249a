// SPDX-License-Identifier: Apache-2.0
// Pictures found by their local features, and what those say of matches by other signals.
#include "match/feature_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "match/made_up_features.h"

namespace semblance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FeatureMatchTest : public MatcherTest {
 protected:
  static Extraction item_of(std::vector<FeatureSet> sets) {
    Extraction item;
    item.facts.kind = MediaKind::kImage;
    item.features = std::move(sets);
    return item;
  }
};

TEST_F(FeatureMatchTest, APictureWithinAnotherIsFoundWithItsRegion) {
  const auto demo = bank("demo");
  for (std::uint64_t seed = 1; seed <= 20; ++seed) add(demo, {orb(made_up_features(seed))}, {"l"});
  const auto m = matcher();
  EXPECT_EQ(m->plan().features, kQueryFeatures);
  EXPECT_TRUE(m->plan().mirrored_features);
  EXPECT_THAT(m->plan().probes, IsEmpty()) << "there is no hash to compare one with";
  EXPECT_EQ(m->banks()[0].features, 20U);
  const auto matches = look_up(*m, item_of({shown_small(made_up_features(7))})).matches;
  ASSERT_THAT(where(matches), ElementsAre("demo/7"));
  EXPECT_EQ(matches[0].kind, SignalKind::kOrb);
  EXPECT_EQ(matches[0].distance, 0);
  EXPECT_THAT(matches[0].labels, ElementsAre("l"));
  ASSERT_TRUE(matches[0].geometry);
  const Geometry& geometry = *matches[0].geometry;
  EXPECT_GT(geometry.inliers, 60U);
  EXPECT_FALSE(geometry.mirrored);
  EXPECT_NEAR(geometry.query_quad[0].x, 0.25, 0.02);
  EXPECT_NEAR(geometry.query_quad[2].y, 0.75, 0.02);
  EXPECT_NEAR(geometry.entry_quad[0].x, 0, 0.01);
  EXPECT_NEAR(geometry.entry_quad[2].x, 1, 0.01);
  EXPECT_THAT(look_up(*m, item_of({made_up_features(99)})).matches, IsEmpty());
  EXPECT_THAT(look_up(*m, item_of({FeatureSet{}})).matches, IsEmpty());
}

TEST_F(FeatureMatchTest, AMirroredCopyIsFoundByTheMirroredSet) {
  add(bank("demo"), {orb(made_up_features(1))});
  const auto m = matcher();
  // Of a picture that was mirrored, the set that is mirrored back shows what the entry shows.
  FeatureSet back = made_up_features(1);
  back.mirrored = true;
  const auto matches = look_up(*m, item_of({made_up_features(50), back})).matches;
  ASSERT_THAT(where(matches), ElementsAre("demo/1"));
  EXPECT_TRUE(matches[0].geometry->mirrored);
  EXPECT_THAT(look_up(*m, item_of({made_up_features(50)})).matches, IsEmpty());
}

TEST_F(FeatureMatchTest, FeaturesExplainAMatchByHashAndTakeNoneAway) {
  const auto demo = bank("demo");
  add(demo, {pdq(known_), orb(made_up_features(1))});
  add(demo, {pdq(flipped(known_, 2)), orb(made_up_features(2))});
  add(demo, {pdq(flipped(known_, 3))});
  const auto m = matcher();
  Extraction item = item_of({shown_small(made_up_features(1))});
  item.pdq = {picture(known_)};
  const auto matches = look_up(*m, item).matches;
  ASSERT_THAT(where(matches), ElementsAre("demo/1", "demo/2", "demo/3", "demo/1"));
  EXPECT_EQ(matches[0].kind, SignalKind::kPdq);
  EXPECT_TRUE(matches[0].geometry);
  EXPECT_FALSE(matches[1].geometry) << "its features are others";
  EXPECT_FALSE(matches[2].geometry);
  EXPECT_EQ(matches[3].kind, SignalKind::kOrb);
  EXPECT_EQ(matches[0].geometry, matches[3].geometry);
}

TEST_F(FeatureMatchTest, WhatTheIndexDoesNotNameIsComparedWhereAHashNamesIt) {
  add(bank("demo"), {pdq(known_), orb(made_up_features(1))});
  const auto m = matcher();
  const FeatureSet far = shown_small(made_up_features(1), match::kNamingDistance + 1);
  EXPECT_THAT(look_up(*m, item_of({far})).matches, IsEmpty());
  Extraction item = item_of({far});
  item.pdq = {picture(known_)};
  const auto matches = look_up(*m, item).matches;
  ASSERT_EQ(matches.size(), 2U);
  EXPECT_TRUE(matches[0].geometry);
}

TEST_F(FeatureMatchTest, WhatIsKnownMoreOftenThanACrowdIsFoundStill) {
  const auto demo = bank("demo");
  for (std::uint32_t i = 0; i <= index::KeyTables::kCrowd; ++i) {
    add(demo, {orb(made_up_features(1))});
  }
  const MatchResult result = look_up(*matcher(), item_of({shown_small(made_up_features(1))}));
  ASSERT_FALSE(result.matches.empty());
  EXPECT_EQ(result.matches.front().entry, 1);
}

TEST_F(FeatureMatchTest, OfManyThatAreNamedTheMostNamedAreCompared) {
  const auto demo = bank("demo");
  const FeatureSet known = made_up_features(1);
  for (std::size_t i = 0; i < match::kMaxVerified + 10; ++i) {
    FeatureSet some = known;  // the later, the more of it
    some.features.resize(40 + i);
    add(demo, {orb(some)});
  }
  const auto m = matcher();
  const MatchResult result = look_up(*m, item_of({shown_small(known)}));
  EXPECT_EQ(result.crowded_frames, 1U);
  ASSERT_EQ(result.matches.size(), match::kMaxVerified);
  EXPECT_EQ(result.matches.front().entry, 60);
  EXPECT_EQ(result.matches.back().entry, 11);
}

TEST_F(FeatureMatchTest, WithdrawnNotSelectedOrNewIsNotFound) {
  const auto demo = bank("demo");
  add(demo, {orb(made_up_features(1))});
  add(bank("other"), {orb(made_up_features(1))});
  const auto m = matcher({{"demo"}, std::nullopt});
  const Extraction item = item_of({shown_small(made_up_features(1))});
  EXPECT_THAT(where(look_up(*m, item).matches), ElementsAre("demo/1"));
  add(demo, {orb(made_up_features(1))});
  EXPECT_THAT(where(look_up(*m, item).matches), ElementsAre("demo/1"));
  ASSERT_TRUE(m->refresh());
  EXPECT_THAT(where(look_up(*m, item).matches), ElementsAre("demo/1", "demo/3"));
  ASSERT_TRUE(store_.withdraw(demo, 1, "mistake"));
  EXPECT_THAT(where(look_up(*m, item).matches), ElementsAre("demo/3"));
  ASSERT_TRUE(m->refresh());
  EXPECT_EQ(m->banks()[0].features, 1U);
  EXPECT_THAT(where(look_up(*m, item).matches), ElementsAre("demo/3"));
  store_.update(1, {orb(made_up_features(1))});  // its source sends it again
  ASSERT_TRUE(m->refresh());
  EXPECT_THAT(where(look_up(*m, item).matches), ElementsAre("demo/1", "demo/3"));
}

TEST_F(FeatureMatchTest, AnEntryThatGotOtherFeaturesIsFoundByThese) {
  add(bank("demo"), {orb(made_up_features(1))});
  const auto m = matcher();
  for (std::uint64_t seed = 2; seed < 5; ++seed) {
    store_.update(1, {orb(made_up_features(seed))});
    ASSERT_TRUE(m->refresh());
    EXPECT_THAT(where(look_up(*m, item_of({shown_small(made_up_features(seed))})).matches),
                ElementsAre("demo/1"));
    EXPECT_THAT(look_up(*m, item_of({shown_small(made_up_features(seed - 1))})).matches, IsEmpty());
  }
}

TEST_F(FeatureMatchTest, WhatChangesAgainAndAgainIsBuiltAnewInTheEnd) {
  const auto demo = bank("demo");
  for (std::uint64_t seed = 1; seed <= 3; ++seed) add(demo, {orb(made_up_features(seed, 60))});
  const auto m = matcher();
  for (int round = 0; round < 600; ++round) {  // 1,200 changes
    store_.update(1, {orb(made_up_features(1, 60))});
    store_.update(2, {orb(made_up_features(2, 60))});
    ASSERT_TRUE(m->refresh());
  }
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    EXPECT_THAT(where(look_up(*m, item_of({shown_small(made_up_features(seed, 60))})).matches),
                ElementsAre("demo/" + std::to_string(seed)));
  }
}

TEST_F(FeatureMatchTest, ABankThatGetsItsFirstIsAskedForFromThenOn) {
  const auto demo = bank("demo");
  add(demo, {pdq(known_)});
  const auto m = matcher();
  EXPECT_EQ(m->plan().features, 0U);
  add(demo, {orb(made_up_features(1))});
  ASSERT_TRUE(m->refresh());
  EXPECT_EQ(m->plan().features, kQueryFeatures);
  EXPECT_THAT(where(look_up(*m, item_of({made_up_features(1)})).matches), ElementsAre("demo/2"));
}

TEST_F(FeatureMatchTest, FeaturesOfAnotherVersionAreLikeNothing) {
  add(bank("demo"), {orb(made_up_features(1), "orb-0"), pdq(known_)});
  const auto m = matcher();
  Extraction item = item_of({made_up_features(1)});
  item.pdq = {picture(known_)};
  const auto matches = look_up(*m, item).matches;
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_FALSE(matches[0].geometry);
}

TEST_F(FeatureMatchTest, ASetThatCannotBeReadIsADamagedStore) {
  BankSignal cut = orb(made_up_features(1));
  cut.value.bytes.resize(cut.value.bytes.size() - 3);
  add(bank("demo"), {cut});
  auto made = make_matcher(store_, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::kCorruptStore);
  EXPECT_NE(made.error().what.find("entry 1"), std::string::npos) << made.error().what;
}

TEST_F(FeatureMatchTest, ASetIsLookedUpAsABareValue) {
  add(bank("demo"), {orb(made_up_features(1))});
  const auto m = matcher();
  EXPECT_THAT(where(look_up(*m, orb(shown_small(made_up_features(1))).value)),
              ElementsAre("demo/1"));
  const SignalValue cut{SignalKind::kOrb, {1, 2, 3}};
  auto refused = m->match({&cut, 1}, std::nullopt);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kBadArgument);
}

TEST_F(FeatureMatchTest, APictureIsRuledOutByItsFeaturesAlone) {
  add(bank("demo"), {pdq(known_), orb(made_up_features(1))});
  const auto m = matcher();
  Extraction item = item_of({made_up_features(9)});
  item.pdq = {picture(random_hash(9))};
  EXPECT_TRUE(ruled_out(*m, item));
  item.features = {shown_small(made_up_features(1))};
  EXPECT_FALSE(ruled_out(*m, item));
  item.features.clear();  // they were not looked for
  EXPECT_FALSE(ruled_out(*m, item));
}

TEST_F(FeatureMatchTest, EveryRunSaysTheSame) {
  const auto demo = bank("demo");
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    add(demo, {orb(made_up_features(seed % 3 + 1)), pdq(flipped(known_, 3))});
  }
  Extraction item = item_of({shown_small(made_up_features(2))});
  item.pdq = {picture(known_)};
  const auto first = look_up(*matcher(), item).matches;
  EXPECT_EQ(first.size(), 40U);
  for (int run = 0; run < 3; ++run) {
    const auto again = look_up(*matcher(), item).matches;
    EXPECT_EQ(where(again), where(first));
    for (std::size_t i = 0; i < first.size(); ++i) {
      EXPECT_EQ(again.at(i).geometry, first[i].geometry);
    }
  }
}

}  // namespace
}  // namespace semblance
