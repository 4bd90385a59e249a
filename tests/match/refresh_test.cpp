// SPDX-License-Identifier: Apache-2.0
// A matcher that keeps up with its store: what comes, changes and goes, without building anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "match/matcher_fixture.h"

namespace semblance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RefreshTest : public MatcherTest {
 protected:
  static void refresh(Matcher& matcher) {
    const Status fresh = matcher.refresh();
    EXPECT_TRUE(fresh) << fresh.error().what;
  }
};

TEST_F(RefreshTest, WhatIsAddedIsFoundByEveryKindOfSignal) {
  const auto demo = bank("demo");
  add(demo, {pdq(known_), digest(SignalKind::kMd5, 1)});
  const auto m = matcher();
  add(demo, {pdq(known_), digest(SignalKind::kMd5, 1)});
  add(demo, {pdq(random_hash(5), 100, PdqProfile::kCli512), digest(SignalKind::kSha1, 2)});
  Extraction item = item_of(picture(known_));
  item.pdq.push_back(picture(random_hash(5), 100, PdqProfile::kCli512));
  item.digests = {digest_value(SignalKind::kMd5, 1), digest_value(SignalKind::kSha1, 2)};
  EXPECT_THAT(where(look_up(*m, item).matches), ElementsAre("demo/1", "demo/1"));
  const int before = store_.pdq_reads;
  refresh(*m);
  EXPECT_EQ(store_.pdq_reads - before, 2) << "only what is new is read";
  EXPECT_THAT(where(look_up(*m, item).matches),
              ElementsAre("demo/3", "demo/1", "demo/2", "demo/1", "demo/2", "demo/3"));
  EXPECT_THAT(m->plan().digests,
              ElementsAre(SignalKind::kSha256, SignalKind::kMd5, SignalKind::kSha1));
  EXPECT_THAT(m->plan().pdq_profiles, ElementsAre(PdqProfile::kFull, PdqProfile::kCli512));
  EXPECT_EQ(m->banks()[0].pdq_indexed, 3U);
  EXPECT_EQ(m->banks()[0].entries, 3U);
}

TEST_F(RefreshTest, WithoutAChangeNothingIsRead) {
  add(bank("demo"), {pdq(known_)});
  const auto m = matcher();
  const int reads = store_.pdq_reads;
  const int snapshots = store_.snapshots;
  for (int i = 0; i < 3; ++i) refresh(*m);
  EXPECT_EQ(store_.pdq_reads, reads);
  EXPECT_EQ(store_.snapshots, snapshots);
  EXPECT_EQ(m->banks()[0].content_digest, "demo@1");
}

TEST_F(RefreshTest, AnEntryThatGotAnotherHashIsFoundByTheNewOneAlone) {
  add(bank("demo"), {pdq(known_)});
  const auto m = matcher();
  const Hash256 other = random_hash(77);
  store_.update(1, {pdq(other)});
  refresh(*m);
  EXPECT_THAT(where(look_up(*m, pdq_value(other))), ElementsAre("demo/1"));
  EXPECT_THAT(look_up(*m, pdq_value(known_)), IsEmpty());
  store_.update(1, {pdq(known_)});
  refresh(*m);
  EXPECT_THAT(where(look_up(*m, pdq_value(known_))), ElementsAre("demo/1"));
  EXPECT_THAT(look_up(*m, pdq_value(other)), IsEmpty());
}

TEST_F(RefreshTest, WithdrawnEntriesCountForNothingAndComeBack) {
  const auto demo = bank("demo", policy(31, 60));
  add(demo, {pdq(known_)});
  const auto m = matcher();
  ASSERT_TRUE(store_.withdraw(demo, 1, ""));
  EXPECT_THAT(look_up(*m, pdq_value(known_)), IsEmpty()) << "at once";
  refresh(*m);
  EXPECT_EQ(m->banks()[0].pdq_indexed, 0U);
  // A bank without a hash holds nothing that the picture could have been compared with.
  EXPECT_THAT(look_up(*m, item_of(picture(known_, 20))).below_floor, IsEmpty());
  store_.update(1, {pdq(known_)});
  refresh(*m);
  EXPECT_THAT(where(look_up(*m, pdq_value(known_))), ElementsAre("demo/1"));
  EXPECT_THAT(look_up(*m, item_of(picture(known_, 20))).below_floor, ElementsAre("demo"));
}

TEST_F(RefreshTest, NewBanksAreSearchedWhereAllAre) {
  add(bank("first"), {pdq(known_)});
  const auto all = matcher();
  const auto one = matcher({{"first"}, std::nullopt});
  add(bank("another", policy(5)), {pdq(flipped(known_, 5))});
  refresh(*all);
  refresh(*one);
  EXPECT_THAT(where(look_up(*all, pdq_value(known_))), ElementsAre("first/1", "another/2"));
  EXPECT_THAT(where(look_up(*one, pdq_value(known_))), ElementsAre("first/1"));
  EXPECT_THAT(all->banks(), SizeIs(2));
  EXPECT_THAT(where(look_up(*all, pdq_value(flipped(known_, 31)))), ElementsAre("first/1"))
      << "26 bits from the other, which allows 5";
}

TEST_F(RefreshTest, FloorsHoldForWhatIsNew) {
  const auto strict = bank("strict", policy(31, 60));
  const auto m = matcher();
  add(strict, {pdq(known_, 59)});
  add(strict, {pdq(known_, 60)});
  refresh(*m);
  EXPECT_THAT(where(look_up(*m, pdq_value(known_))), ElementsAre("strict/2"));
  EXPECT_EQ(m->banks()[0].pdq_below_floor, 1U);
  store_.update(1, {pdq(known_, 61)});
  refresh(*m);
  EXPECT_THAT(where(look_up(*m, pdq_value(known_))), ElementsAre("strict/1", "strict/2"));
  EXPECT_EQ(m->banks()[0].pdq_below_floor, 0U);
}

TEST_F(RefreshTest, ADigestOfABankStandsUntilTheBankChanges) {
  const auto a = bank("a");
  const auto b = bank("b");
  add(a, {pdq(known_)});
  const auto m = matcher();
  add(b, {pdq(known_)});
  refresh(*m);
  EXPECT_EQ(m->banks()[0].content_digest, "a@1");
  EXPECT_EQ(m->banks()[1].content_digest, "");
}

TEST_F(RefreshTest, AStoreWithoutHistoryIsReadAnew) {
  store_.keeps_history = false;
  const auto demo = bank("demo");
  add(demo, {pdq(known_)});
  const auto m = matcher();
  const int before = store_.pdq_reads;
  refresh(*m);
  EXPECT_EQ(store_.pdq_reads, before);
  add(demo, {pdq(flipped(known_, 1))});
  refresh(*m);
  EXPECT_EQ(store_.pdq_reads - before, 2);
  EXPECT_EQ(store_.pdq_reads_in_snapshots, before) << "in portions: others need the store too";
  EXPECT_THAT(where(look_up(*m, pdq_value(known_))), ElementsAre("demo/1", "demo/2"));
}

TEST_F(RefreshTest, WhereTooMuchHasChangedAllIsReadAnewInPortions) {
  const auto demo = bank("demo");
  for (std::uint64_t i = 0; i < 12'000; ++i) add(demo, {pdq(random_hash(i))});
  const auto m = matcher();
  for (std::uint64_t i = 0; i < 11'000; ++i) {
    store_.update(static_cast<std::int64_t>(i) + 1, {pdq(random_hash(100'000 + i))});
  }
  add(demo, {pdq(random_hash(50'000))});
  const int before = store_.pdq_reads_in_snapshots;
  refresh(*m);
  EXPECT_EQ(store_.pdq_reads_in_snapshots, before);
  EXPECT_THAT(look_up(*m, pdq_value(random_hash(5'000))), IsEmpty());
  for (const std::uint64_t seed : {100'000U, 110'999U, 11'000U, 11'999U, 50'000U}) {
    EXPECT_THAT(look_up(*m, pdq_value(random_hash(seed))), SizeIs(1)) << seed;
  }
}

TEST_F(RefreshTest, MoreBanksThanLabelsTellApartMatchByTheirOwnRules) {
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 300; ++i) {
    ids.push_back(bank("bank-" + std::to_string(i), policy(i == 2 ? 60 : 3)));
  }
  for (const std::int64_t id : ids) add(id, {pdq(flipped(known_, 30))});
  const auto m = matcher();
  EXPECT_THAT(where(look_up(*m, pdq_value(known_))), ElementsAre("bank-2/3"));
  EXPECT_THAT(look_up(*m, pdq_value(flipped(known_, 27))), SizeIs(300));
}

TEST_F(RefreshTest, ALargeAdditionComesInPortions) {
  const auto demo = bank("demo");
  const auto m = matcher();
  for (std::uint64_t i = 0; i < 5'000; ++i) {
    add(demo, {pdq(random_hash(i)), pdq(random_hash(100'000 + i))});
  }
  refresh(*m);
  EXPECT_EQ(store_.pdq_reads, 10'000 + 2) << "each once, but for the two that ended a portion";
  for (const std::uint64_t i : {0U, 1'999U, 2'000U, 2'001U, 4'999U}) {
    EXPECT_THAT(look_up(*m, pdq_value(random_hash(i))), SizeIs(1)) << i;
    EXPECT_THAT(look_up(*m, pdq_value(random_hash(100'000 + i))), SizeIs(1)) << i;
  }
}

}  // namespace
}  // namespace semblance
