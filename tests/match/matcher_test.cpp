// SPDX-License-Identifier: Apache-2.0
// What matches, what does not, and what is said of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "match/matcher_fixture.h"

namespace semblance {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(MatcherTest, ABankOfOneEntryMatchesUpToItsDistanceInclusive) {
  add(bank("demo"), {pdq(known_, 87)}, {"far-right", "group:example"});
  const auto m = matcher();
  const MatchResult result = look_up(*m, item_of(picture(flipped(known_, 31))));
  ASSERT_EQ(result.matches.size(), 1U);
  const Match& match = result.matches[0];
  EXPECT_EQ(match.bank, "demo");
  EXPECT_EQ(match.entry, 1);
  EXPECT_EQ(match.kind, SignalKind::kPdq);
  EXPECT_EQ(match.distance, 31);
  EXPECT_EQ(match.max_distance, 31);
  EXPECT_EQ(match.transform, Transform::kNone);
  EXPECT_EQ(match.profile, PdqProfile::kFull);
  EXPECT_EQ(match.entry_quality, 87);
  EXPECT_THAT(match.labels, ElementsAre("far-right", "group:example"));
  EXPECT_EQ(match.source, "list");
  EXPECT_EQ(match.source_id, "item-1");
  EXPECT_THAT(result.below_floor, IsEmpty());

  EXPECT_THAT(look_up(*m, item_of(picture(flipped(known_, 32)))).matches, IsEmpty());
}

TEST_F(MatcherTest, AnEmptyStoreAndAnEmptyBankMatchNothing) {
  EXPECT_THAT(look_up(*matcher(), item_of(picture(known_))).matches, IsEmpty());
  bank("empty");
  const auto m = matcher();
  EXPECT_THAT(look_up(*m, item_of(picture(known_))).matches, IsEmpty());
  EXPECT_THAT(look_up(*m, pdq_value(known_)), IsEmpty());
  ASSERT_EQ(m->banks().size(), 1U);
  EXPECT_EQ(m->banks()[0].pdq_indexed, 0U);
  EXPECT_THAT(m->plan().digests, ElementsAre(SignalKind::kSha256));
  EXPECT_THAT(m->plan().pdq_profiles, ElementsAre(PdqProfile::kFull));
}

TEST_F(MatcherTest, EachBankHasItsOwnDistance) {
  add(bank("narrow", policy(10)), {pdq(known_)});
  add(bank("wide", policy(60)), {pdq(known_)});
  const auto m = matcher();
  EXPECT_THAT(where(look_up(*m, item_of(picture(flipped(known_, 10)))).matches),
              ElementsAre("narrow/1", "wide/2"));
  EXPECT_THAT(where(look_up(*m, item_of(picture(flipped(known_, 11)))).matches),
              ElementsAre("wide/2"));
  const MatchResult far = look_up(*m, item_of(picture(flipped(known_, 60))));
  ASSERT_THAT(where(far.matches), ElementsAre("wide/2"));
  EXPECT_EQ(far.matches[0].max_distance, 60);
  EXPECT_THAT(where(look_up(*m, pdq_value(flipped(known_, 11)))), ElementsAre("wide/2"));
}

TEST_F(MatcherTest, APolicyWithoutADistanceHasTheDefault) {
  BankPolicy silent;
  silent.max_distance.clear();
  add(bank("demo", silent), {pdq(known_)});
  const auto m = matcher();
  EXPECT_EQ(look_up(*m, pdq_value(flipped(known_, kDefaultMaxDistance))).size(), 1U);
  EXPECT_THAT(look_up(*m, pdq_value(flipped(known_, kDefaultMaxDistance + 1))), IsEmpty());
}

TEST_F(MatcherTest, TheOverrideReplacesEveryDistance) {
  add(bank("narrow", policy(0)), {pdq(known_)});
  add(bank("wide", policy(60)), {pdq(known_)});
  const auto m = matcher({{}, 20});
  const MatchResult result = look_up(*m, item_of(picture(flipped(known_, 20))));
  ASSERT_THAT(where(result.matches), ElementsAre("narrow/1", "wide/2"));
  EXPECT_EQ(result.matches[0].max_distance, 20);
  EXPECT_THAT(look_up(*m, item_of(picture(flipped(known_, 21)))).matches, IsEmpty());
  EXPECT_EQ(look_up(*matcher({{}, 0}), pdq_value(known_)).size(), 2U);
  EXPECT_EQ(look_up(*matcher({{}, 256}), pdq_value(flipped(known_, 256))).size(), 2U);
}

TEST_F(MatcherTest, AnOverrideOutOfRangeIsRefused) {
  for (const int distance : {-1, 257}) {
    auto made = make_matcher(store_, {{}, distance});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Errc::kBadArgument);
  }
}

TEST_F(MatcherTest, EntriesUnderTheirBanksFloorAreNotIndexed) {
  const auto strict = bank("strict", policy(31, 60));
  add(strict, {pdq(known_, 59)});
  add(strict, {pdq(known_, 60)});
  add(strict, {pdq(known_, std::nullopt)});
  add(bank("lax", policy(31, 10)), {pdq(known_, 59)});
  const auto m = matcher();
  EXPECT_THAT(where(look_up(*m, item_of(picture(known_))).matches),
              ElementsAre("lax/4", "strict/2", "strict/3"));
  ASSERT_EQ(m->banks().size(), 2U);
  EXPECT_EQ(m->banks()[0].pdq_indexed, 1U);
  EXPECT_EQ(m->banks()[0].pdq_below_floor, 0U);
  EXPECT_EQ(m->banks()[1].pdq_indexed, 2U);
  EXPECT_EQ(m->banks()[1].pdq_below_floor, 1U);
  EXPECT_EQ(m->banks()[1].entries, 3U);
}

TEST_F(MatcherTest, AQueryUnderABanksFloorIsNotLookedUpThereAndItIsNamed) {
  add(bank("strict", policy(31, 60)), {pdq(known_)});
  add(bank("lax", policy(31, 10)), {pdq(known_)});
  bank("empty", policy(31, 100));  // holds nothing that the query could have matched
  add(bank("digests", policy(31, 100)), {digest(SignalKind::kMd5, 1)});
  const auto m = matcher();

  const MatchResult high = look_up(*m, item_of(picture(known_, 60)));
  EXPECT_THAT(where(high.matches), ElementsAre("lax/2", "strict/1"));
  EXPECT_THAT(high.below_floor, IsEmpty());

  const MatchResult middle = look_up(*m, item_of(picture(known_, 59)));
  EXPECT_THAT(where(middle.matches), ElementsAre("lax/2"));
  EXPECT_THAT(middle.below_floor, ElementsAre("strict"));

  const MatchResult low = look_up(*m, item_of(picture(known_, 9)));
  EXPECT_THAT(low.matches, IsEmpty());
  EXPECT_THAT(low.below_floor, ElementsAre("lax", "strict"));
}

TEST_F(MatcherTest, ABankIsBelowFloorOnlyForTheProfilesThatItHolds) {
  add(bank("cli", policy(31, 60)), {pdq(known_, 100, PdqProfile::kCli512)});
  add(bank("full", policy(31, 60)), {pdq(known_)});
  const MatchResult result = look_up(*matcher(), item_of(picture(known_, 20)));
  EXPECT_THAT(result.below_floor, ElementsAre("full"));
}

TEST_F(MatcherTest, AFlatOrZeroHashIsNeverLookedUpWhateverTheFloor) {
  const auto any = bank("any", policy(256, 0));
  add(any, {pdq(Hash256{}, 0)});
  add(any, {pdq(known_)});
  const auto m = matcher();
  PdqSignal tiny;  // a side under five pixels: zero hashes, quality 0
  for (const PdqSignal& query : {tiny, picture(known_, 0)}) {
    const MatchResult result = look_up(*m, item_of(query));
    EXPECT_THAT(result.matches, IsEmpty());
    EXPECT_THAT(result.below_floor, ElementsAre("any"));
  }
  EXPECT_THAT(where(look_up(*m, item_of(picture(known_, 1))).matches),
              ElementsAre("any/2", "any/1"));
}

TEST_F(MatcherTest, EachOfTheEightTransformsIsFoundAndNamed) {
  const PdqSignal query = picture(known_);
  const auto demo = bank("demo");
  for (const Hash256& hash : query.hashes) add(demo, {pdq(flipped(hash, 5))});
  const MatchResult result = look_up(*matcher(), item_of(query));
  ASSERT_EQ(result.matches.size(), kTransforms);
  for (std::size_t t = 0; t < kTransforms; ++t) {
    EXPECT_EQ(result.matches[t].entry, static_cast<std::int64_t>(t) + 1);
    EXPECT_EQ(result.matches[t].transform, static_cast<Transform>(t));
    EXPECT_EQ(result.matches[t].distance, 5);
  }
}

TEST_F(MatcherTest, OfSeveralTransformsTheNearestCountsThenTheLowest) {
  add(bank("demo"), {pdq(known_)});
  const auto m = matcher();
  PdqSignal query = picture(flipped(known_, 9));
  query.hashes[3] = flipped(known_, 4);
  query.hashes[6] = flipped(known_, 4);
  const MatchResult result = look_up(*m, item_of(query));
  ASSERT_EQ(result.matches.size(), 1U);
  EXPECT_EQ(result.matches[0].distance, 4);
  EXPECT_EQ(result.matches[0].transform, Transform::kRot270);
}

TEST_F(MatcherTest, ProfilesAreKeptApart) {
  const auto demo = bank("demo");
  add(demo, {pdq(known_, 100, PdqProfile::kFull)});
  add(demo, {pdq(known_, 100, PdqProfile::kCli512)});
  add(demo, {pdq(known_, 100, std::nullopt)});  // a source that does not say made it in full
  const auto m = matcher();
  EXPECT_THAT(m->plan().pdq_profiles, ElementsAre(PdqProfile::kFull, PdqProfile::kCli512));
  EXPECT_THAT(where(look_up(*m, item_of(picture(known_))).matches),
              ElementsAre("demo/1", "demo/3"));
  const MatchResult cli = look_up(*m, item_of(picture(known_, 100, PdqProfile::kCli512)));
  ASSERT_THAT(where(cli.matches), ElementsAre("demo/2"));
  EXPECT_EQ(cli.matches[0].profile, PdqProfile::kCli512);

  EXPECT_THAT(where(look_up(*m, pdq_value(known_), PdqProfile::kCli512)), ElementsAre("demo/2"));
  EXPECT_THAT(where(look_up(*m, pdq_value(known_))), ElementsAre("demo/1", "demo/2", "demo/3"));
}

TEST_F(MatcherTest, AnEntryFoundInBothProfilesIsReportedOnceByTheNearer) {
  const auto demo = bank("demo");
  add(demo, {pdq(flipped(known_, 8), 70, PdqProfile::kFull),
             pdq(flipped(known_, 3), 80, PdqProfile::kCli512)});
  const auto m = matcher();
  Extraction item;
  item.pdq = {picture(known_, 100, PdqProfile::kCli512), picture(known_, 100, PdqProfile::kFull)};
  MatchResult result = look_up(*m, item);
  ASSERT_EQ(result.matches.size(), 1U);
  EXPECT_EQ(result.matches[0].profile, PdqProfile::kCli512);
  EXPECT_EQ(result.matches[0].distance, 3);
  EXPECT_EQ(result.matches[0].entry_quality, 80);

  item.pdq[0].hashes[0] = flipped(known_, 11);  // now 8 bits in either: `full` comes first
  result = look_up(*m, item);
  ASSERT_EQ(result.matches.size(), 1U);
  EXPECT_EQ(result.matches[0].profile, PdqProfile::kFull);
  EXPECT_EQ(result.matches[0].distance, 8);
}

TEST_F(MatcherTest, WithdrawnExpiredOrGoneSinceMatchesNothing) {
  const auto demo = bank("demo");
  for (int i = 0; i < 4; ++i) add(demo, {pdq(known_), digest(SignalKind::kSha256, 9)});
  const auto m = matcher();
  Extraction item = item_of(picture(known_));
  item.digests = {digest_value(SignalKind::kSha256, 9)};
  ASSERT_EQ(look_up(*m, item).matches.size(), 8U);

  ASSERT_TRUE(store_.withdraw(demo, 1, "mistake"));
  store_.at(2).item.expires_at = 1'000;  // long ago
  store_.erase(3);
  EXPECT_THAT(where(look_up(*m, item).matches), ElementsAre("demo/4", "demo/4"));
  EXPECT_THAT(where(look_up(*m, pdq_value(known_))), ElementsAre("demo/4"));
}

TEST_F(MatcherTest, AnEntryThatStillExpiresInTheFutureMatches) {
  add(bank("demo"), {pdq(known_)});
  store_.at(1).item.expires_at = UnixSeconds{1} << 40;
  EXPECT_EQ(look_up(*matcher(), item_of(picture(known_))).matches.size(), 1U);
}

TEST_F(MatcherTest, AnEntryWhoseHashChangedSinceIsJudgedByTheNewOne) {
  add(bank("demo"), {pdq(known_)});
  const auto m = matcher();
  store_.at(1).item.signals = {pdq(flipped(known_, 3))};
  const MatchResult near = look_up(*m, item_of(picture(known_)));
  ASSERT_EQ(near.matches.size(), 1U);
  EXPECT_EQ(near.matches[0].distance, 3);
  store_.at(1).item.signals = {pdq(flipped(known_, 200))};
  EXPECT_THAT(look_up(*m, item_of(picture(known_))).matches, IsEmpty());
}

TEST_F(MatcherTest, EntriesWithEqualHashesAllMatch) {
  const auto demo = bank("demo");
  for (int i = 0; i < 3; ++i) add(demo, {pdq(known_)});
  add(demo, {pdq(known_), pdq(flipped(known_, 2))});  // two hashes, one match
  const MatchResult result = look_up(*matcher(), item_of(picture(flipped(known_, 2))));
  EXPECT_THAT(where(result.matches), ElementsAre("demo/4", "demo/1", "demo/2", "demo/3"));
  EXPECT_EQ(result.matches[0].distance, 0);
}

TEST_F(MatcherTest, MatchesComeByKindDistanceBankAndEntry) {
  const auto b = bank("b");
  const auto a = bank("a");
  add(b, {pdq(flipped(known_, 4))});
  add(b, {pdq(known_), digest(SignalKind::kMd5, 1)});
  add(a, {pdq(flipped(known_, 4)), digest(SignalKind::kSha512, 3)});
  add(a, {pdq(flipped(known_, 4)), digest(SignalKind::kSha256, 2)});
  add(b, {digest(SignalKind::kSha1, 4), digest(SignalKind::kSha256, 2)});
  Extraction item = item_of(picture(known_));
  item.digests = {digest_value(SignalKind::kMd5, 1), digest_value(SignalKind::kSha1, 4),
                  digest_value(SignalKind::kSha256, 2), digest_value(SignalKind::kSha512, 3)};
  const MatchResult result = look_up(*matcher(), item);
  EXPECT_THAT(where(result.matches), ElementsAre("a/4", "b/5", "a/3", "b/5", "b/2",  // digests
                                                 "b/2", "a/3", "a/4", "b/1"));
  std::vector<SignalKind> kinds;
  for (const Match& match : result.matches) kinds.push_back(match.kind);
  EXPECT_THAT(kinds, ElementsAre(SignalKind::kSha256, SignalKind::kSha256, SignalKind::kSha512,
                                 SignalKind::kSha1, SignalKind::kMd5, SignalKind::kPdq,
                                 SignalKind::kPdq, SignalKind::kPdq, SignalKind::kPdq));
}

TEST_F(MatcherTest, ADigestMatchesWhateverTheQuality) {
  add(bank("demo"), {pdq(known_), digest(SignalKind::kSha256, 5)});
  Extraction item = item_of(picture(random_hash(99), 0));
  item.digests = {digest_value(SignalKind::kSha256, 5)};
  const MatchResult result = look_up(*matcher(), item);
  ASSERT_EQ(result.matches.size(), 1U);
  EXPECT_EQ(result.matches[0].kind, SignalKind::kSha256);
  EXPECT_EQ(result.matches[0].distance, 0);
  EXPECT_EQ(result.matches[0].max_distance, 0);
  EXPECT_FALSE(result.matches[0].profile);
  EXPECT_FALSE(result.matches[0].entry_quality);
  EXPECT_THAT(result.below_floor, ElementsAre("demo"));
}

TEST_F(MatcherTest, BanksThatAreNotSelectedMatchNothing) {
  add(bank("in"), {pdq(known_), digest(SignalKind::kMd5, 1)});
  add(bank("out"), {pdq(known_), digest(SignalKind::kMd5, 1), digest(SignalKind::kSha1, 2)});
  const auto m = matcher({{"in", "in"}, std::nullopt});
  Extraction item = item_of(picture(known_));
  item.digests = {digest_value(SignalKind::kMd5, 1)};
  EXPECT_THAT(where(look_up(*m, item).matches), ElementsAre("in/1", "in/1"));
  ASSERT_EQ(m->banks().size(), 1U);
  EXPECT_EQ(m->banks()[0].name, "in");
  EXPECT_EQ(m->banks()[0].content_digest, "in@1");
  EXPECT_THAT(m->plan().digests, ElementsAre(SignalKind::kSha256, SignalKind::kMd5));
}

TEST_F(MatcherTest, ABankThatIsNotThereIsAnError) {
  bank("demo");
  auto made = make_matcher(store_, {{"demo", "missing"}, std::nullopt});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::kNotFound);
  EXPECT_NE(made.error().what.find("missing"), std::string::npos);
}

TEST_F(MatcherTest, ThePlanIsTheUnionOfWhatTheBanksHold) {
  add(bank("a"), {digest(SignalKind::kSha512, 1), digest(SignalKind::kSha1, 1)});
  add(bank("b"), {digest(SignalKind::kMd5, 1), pdq(known_, 100, PdqProfile::kCli512)});
  const auto m = matcher();
  EXPECT_THAT(m->plan().digests, ElementsAre(SignalKind::kSha256, SignalKind::kMd5,
                                             SignalKind::kSha1, SignalKind::kSha512));
  EXPECT_THAT(m->plan().pdq_profiles, ElementsAre(PdqProfile::kCli512));
}

TEST_F(MatcherTest, BareValuesAnswerInTheirOrderAndAsTheyStand) {
  const auto demo = bank("demo", policy(31, 100));  // a bare hash has no quality to hold back
  const PdqSignal turned = picture(known_);
  add(demo, {pdq(turned.hashes[0], 100), digest(SignalKind::kSha1, 7)});
  const auto m = matcher();
  const std::vector<SignalValue> queries = {
      pdq_value(turned.hashes[1]), digest_value(SignalKind::kSha1, 7), pdq_value(known_),
      digest_value(SignalKind::kSha1, 8), pdq_value(flipped(known_, 31))};
  auto results = m->match(queries, std::nullopt);
  ASSERT_TRUE(results);
  ASSERT_EQ(results->size(), queries.size());
  EXPECT_THAT((*results)[0], IsEmpty());
  EXPECT_EQ((*results)[1].at(0).kind, SignalKind::kSha1);
  EXPECT_EQ((*results)[2].at(0).distance, 0);
  EXPECT_EQ((*results)[2].at(0).transform, Transform::kNone);
  EXPECT_THAT((*results)[3], IsEmpty());
  EXPECT_EQ((*results)[4].at(0).distance, 31);
  EXPECT_EQ(store_.entry_reads, 1) << "an entry is read once a call";
}

TEST_F(MatcherTest, ABareValueOfTheWrongLengthIsRefused) {
  const SignalValue cut = {SignalKind::kPdq, std::vector<std::uint8_t>(31)};
  auto results = matcher()->match({&cut, 1}, std::nullopt);
  ASSERT_FALSE(results);
  EXPECT_EQ(results.error().code, Errc::kBadArgument);
}

TEST_F(MatcherTest, WithoutAHitTheStoreIsAskedForHeldDigestsOnly) {
  add(bank("demo"), {pdq(known_), digest(SignalKind::kMd5, 1)});
  const auto m = matcher();
  Extraction item = item_of(picture(random_hash(50)));
  item.digests = {digest_value(SignalKind::kSha256, 2), digest_value(SignalKind::kMd5, 2)};
  EXPECT_THAT(look_up(*m, item).matches, IsEmpty());
  EXPECT_EQ(store_.entry_reads, 0);
  EXPECT_EQ(store_.digest_lookups, 1);
}

TEST_F(MatcherTest, AFailingStoreIsAnErrorNotAMiss) {
  add(bank("demo"), {pdq(known_)});
  const auto m = matcher();
  store_.entry_failure = Errc::kIo;
  auto result = m->match(item_of(picture(known_)));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::kIo);
}

TEST_F(MatcherTest, TheBanksAreReadInOneSnapshotAndNoTransaction) {
  add(bank("demo"), {pdq(known_)});
  const auto m = matcher();
  EXPECT_EQ(store_.snapshots, 1);
  EXPECT_EQ(store_.transactions, 0);
}

TEST_F(MatcherTest, WhatIsAddedSinceIsFoundByNoKindOfSignal) {
  const auto demo = bank("demo");
  add(demo, {pdq(known_), digest(SignalKind::kMd5, 1)});
  const auto m = matcher();
  Extraction item = item_of(picture(known_));
  item.digests = {digest_value(SignalKind::kMd5, 1)};
  const auto before = where(look_up(*m, item).matches);
  add(demo, {pdq(known_), digest(SignalKind::kMd5, 1)});
  EXPECT_THAT(where(look_up(*m, item).matches), ElementsAreArray(before));
  EXPECT_THAT(where(look_up(*matcher(), item).matches), SizeIs(4));
}

TEST_F(MatcherTest, ConcurrentLookupsAgree) {
  const auto demo = bank("demo");
  for (std::uint64_t i = 0; i < 300; ++i) add(demo, {pdq(random_hash(100 + i))});
  const auto m = matcher();
  std::vector<int> wrong(4);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < wrong.size(); ++t) {
      threads.emplace_back([&, t] {
        for (std::uint64_t i = t; i < 300; i += 7) {
          auto result = m->match(item_of(picture(flipped(random_hash(100 + i), 12))));
          if (!result || result->matches.size() != 1 || result->matches[0].distance != 12 ||
              result->matches[0].entry != static_cast<std::int64_t>(i) + 1) {
            ++wrong[t];
          }
        }
      });
    }
  }
  EXPECT_THAT(wrong, ::testing::Each(0));
}

}  // namespace
}  // namespace semblance
