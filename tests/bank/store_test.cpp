// SPDX-License-Identifier: Apache-2.0
#include "semblance/store.h"

#include <gmock/gmock.h>

#include <atomic>
#include <limits>
#include <thread>

#include "bank/bank_fixture.h"

namespace semblance::bank {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class StoreTest : public BankTest {};

TEST_F(StoreTest, ABankKeepsItsPolicy) {
  BankPolicy policy;
  policy.purpose = "Référence: désignée";
  policy.quality_floor = 70;
  policy.max_distance[SignalKind::kPdq] = 20;
  ASSERT_TRUE(store->create_bank("second", policy));
  store = open(false);
  const auto found = store->find_bank("second");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->policy.purpose, policy.purpose);
  EXPECT_EQ(found->policy.quality_floor, 70);
  EXPECT_EQ(found->policy.max_distance, policy.max_distance);
  EXPECT_EQ(found->created_at, now);
  EXPECT_EQ(found->active, 0U);
}

TEST_F(StoreTest, RefusesBadNamesAndPolicies) {
  for (const std::string& name :
       {std::string(), std::string("a b"), std::string("a/b"), std::string(101, 'a'),
        std::string("\xC3\xA9"), std::string("a\0b", 3)}) {
    const auto made = store->create_bank(name, {});
    ASSERT_FALSE(made) << name;
    EXPECT_EQ(made.error().code, Errc::kBadArgument);
  }
  BankPolicy policy;
  policy.quality_floor = 101;
  EXPECT_FALSE(store->create_bank("x", policy));
  policy = {};
  policy.max_distance[SignalKind::kPdq] = 257;
  EXPECT_FALSE(store->create_bank("x", policy));
  policy = {};
  policy.max_distance[SignalKind::kMd5] = 1;
  EXPECT_FALSE(store->create_bank("x", policy));
  policy = {};
  policy.purpose = "two\nlines";
  EXPECT_FALSE(store->create_bank("x", policy));
}

TEST_F(StoreTest, ATakenNameAndAnUnknownOneSayWhatThereIs) {
  const auto again = store->create_bank("b", {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::kExists);
  create("another");
  const auto missing = store->find_bank("nope");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::kNotFound);
  EXPECT_THAT(missing.error().what, HasSubstr("another, b"));
  const auto all = store->list_banks();
  ASSERT_TRUE(all);
  ASSERT_THAT(*all, SizeIs(2));
  EXPECT_EQ((*all)[0].name, "another");
}

TEST_F(StoreTest, AnEntryKeepsEverythingOfItsDraft) {
  BankSignal cli = pdq_signal('a', 90);
  cli.profile = PdqProfile::kCli512;
  cli.version = "pdq-1";
  BankSignal sha;
  sha.value = value_of(SignalKind::kSha256, hex_of('b'));
  EntryDraft draft = draft_of("id 1\n/x", {pdq_signal('a'), cli, sha}, {"far-right", "größe"});
  draft.expires_at = now + 10;
  EXPECT_EQ(add(draft), AddOutcome::kAdded);
  store = open(false);
  const auto entry = store->entry(only_entry());
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->bank, "b");
  EXPECT_EQ(entry->item.source, draft.source);
  EXPECT_EQ(entry->item.source_id, draft.source_id);
  EXPECT_EQ(entry->item.labels, draft.labels);
  EXPECT_EQ(entry->item.signals, draft.signals);
  EXPECT_EQ(entry->item.expires_at, draft.expires_at);
  EXPECT_EQ(entry->added_at, now);
  EXPECT_EQ(store->find_bank("b")->signals,
            (std::map<SignalKind, std::uint64_t>{{SignalKind::kPdq, 2}, {SignalKind::kSha256, 1}}));
}

TEST_F(StoreTest, RefusesDraftsThatSayTooLittleOrTooMuch) {
  const EntryDraft good = draft_of("1", {pdq_signal('a', 50)}, {"x"});
  std::vector<std::pair<const char*, EntryDraft>> bad;
  const auto with = [&](const char* what, auto change) {
    bad.emplace_back(what, good);
    change(bad.back().second);
  };
  with("no signal", [](EntryDraft& d) { d.signals.clear(); });
  with("short value", [](EntryDraft& d) { d.signals[0].value.bytes.pop_back(); });
  with("quality", [](EntryDraft& d) { d.signals[0].quality = 101; });
  with("quality below", [](EntryDraft& d) { d.signals[0].quality = -1; });
  with("kind", [](EntryDraft& d) { d.signals[0].value.kind = static_cast<SignalKind>(99); });
  with("profile of a digest", [](EntryDraft& d) {
    d.signals[0].value = value_of(SignalKind::kMd5, hex_of('a', 32));
    d.signals[0].quality.reset();
  });
  with("source", [](EntryDraft& d) { d.source.clear(); });
  with("source id", [](EntryDraft& d) { d.source_id.clear(); });
  with("source id with NUL", [](EntryDraft& d) { d.source_id = std::string("a\0b", 3); });
  with("label not UTF-8", [](EntryDraft& d) { d.labels[0] = "\xFF"; });
  with("label with escape", [](EntryDraft& d) { d.labels[0] = "\x1B[31m"; });
  with("label with C1", [](EntryDraft& d) { d.labels[0] = "\xC2\x9B"; });
  with("empty label", [](EntryDraft& d) { d.labels[0].clear(); });
  with("long label", [](EntryDraft& d) { d.labels[0] = std::string(201, 'x'); });
  with("many labels", [](EntryDraft& d) { d.labels.assign(101, "x"); });
  for (const auto& [what, draft] : bad) {
    const auto outcome = store->add_entry(bank, draft, Merge::kReplace);
    ASSERT_FALSE(outcome) << what;
    EXPECT_EQ(outcome.error().code, Errc::kBadArgument) << what;
  }
  EXPECT_THAT(entries_of(*store, bank), IsEmpty());
  EXPECT_EQ(store->add_entry(bank + 1, good, Merge::kReplace).error().code, Errc::kNotFound);
}

TEST_F(StoreTest, ReplaceMakesTheRecordTheWholeTruth) {
  EXPECT_EQ(add(draft_of("1", {pdq_signal('a'), pdq_signal('b')}, {"x", "y"})), AddOutcome::kAdded);
  EXPECT_EQ(add(draft_of("1", {pdq_signal('b'), pdq_signal('a')}, {"x", "y"})),
            AddOutcome::kUnchanged);
  EXPECT_EQ(add(draft_of("1", {pdq_signal('b')}, {"z"})), AddOutcome::kUpdated);
  const auto entry = store->entry(only_entry());
  EXPECT_THAT(entry->item.labels, ElementsAre("z"));
  EXPECT_EQ(entry->item.signals, std::vector<BankSignal>{pdq_signal('b')});
  EXPECT_THAT(indexed(), SizeIs(1));
}

TEST_F(StoreTest, UniteAddsAndNeverTakesAway) {
  EXPECT_EQ(add(draft_of("1", {pdq_signal('a')}, {"x"}), Merge::kUnite), AddOutcome::kAdded);
  EXPECT_EQ(add(draft_of("1", {pdq_signal('a')}), Merge::kUnite), AddOutcome::kUnchanged);
  EXPECT_EQ(add(draft_of("1", {pdq_signal('a', 80)}, {"y", "x"}), Merge::kUnite),
            AddOutcome::kUpdated);
  EXPECT_EQ(add(draft_of("1", {pdq_signal('b')}), Merge::kUnite), AddOutcome::kUpdated);
  const auto entry = store->entry(only_entry());
  EXPECT_THAT(entry->item.labels, ElementsAre("x", "y"));
  EXPECT_THAT(entry->item.signals, ElementsAre(pdq_signal('a', 80), pdq_signal('b')));
}

TEST_F(StoreTest, WhatAPersonWithdrewStaysWithdrawn) {
  add(draft_of("1", {pdq_signal('a')}));
  const std::int64_t id = only_entry();
  ASSERT_TRUE(store->withdraw(bank, id, "a news photo"));
  EXPECT_THAT(indexed(), IsEmpty());
  EXPECT_EQ(add(draft_of("1", {pdq_signal('b')}, {"new"})), AddOutcome::kKeptWithdrawn);
  EXPECT_EQ(add(draft_of("1", {pdq_signal('b')}), Merge::kUnite), AddOutcome::kKeptWithdrawn);
  EXPECT_EQ(tombstone("1"), AddOutcome::kTombstoneUnknown);
  now += 100;
  ASSERT_TRUE(store->withdraw(bank, id, "again"));
  const auto entry = store->entry(id);
  EXPECT_EQ(entry->withdrawn_by, WithdrawnBy::kPerson);
  EXPECT_EQ(entry->withdrawn_reason, "a news photo");
  EXPECT_EQ(entry->withdrawn_at, now - 100);
  EXPECT_EQ(entry->item.signals, std::vector<BankSignal>{pdq_signal('a')});
  const auto info = store->find_bank("b");
  EXPECT_EQ(info->active, 0U);
  EXPECT_EQ(info->withdrawn, 1U);
}

TEST_F(StoreTest, WhatItsSourceWithdrewComesBackWhenItIsSentAgain) {
  add(draft_of("1", {pdq_signal('a')}, {"x"}));
  EXPECT_EQ(tombstone("1"), AddOutcome::kWithdrawn);
  EXPECT_EQ(tombstone("1"), AddOutcome::kTombstoneUnknown);
  EXPECT_EQ(tombstone("2"), AddOutcome::kTombstoneUnknown);
  EXPECT_THAT(indexed(), IsEmpty());
  EXPECT_EQ(store->entry(only_entry())->withdrawn_by, WithdrawnBy::kSource);
  EXPECT_EQ(add(draft_of("1", {pdq_signal('a')}, {"x"})), AddOutcome::kUpdated);
  EXPECT_THAT(indexed(), SizeIs(1));
  const auto entry = store->entry(only_entry());
  EXPECT_FALSE(entry->withdrawn_at);
  EXPECT_FALSE(entry->withdrawn_by);
  EXPECT_EQ(entry->withdrawn_reason, "");
}

TEST_F(StoreTest, APersonsWithdrawalOutweighsItsSources) {
  add(draft_of("1", {pdq_signal('a')}));
  EXPECT_EQ(tombstone("1"), AddOutcome::kWithdrawn);
  ASSERT_TRUE(store->withdraw(bank, only_entry(), "wrong"));
  EXPECT_EQ(add(draft_of("1", {pdq_signal('a')})), AddOutcome::kKeptWithdrawn);
  EXPECT_THAT(indexed(), IsEmpty());
}

TEST_F(StoreTest, WithdrawingNamesAnEntryOfThatBank) {
  add(draft_of("1", {pdq_signal('a')}));
  const std::int64_t other = create("other");
  EXPECT_EQ(store->withdraw(other, only_entry(), "").error().code, Errc::kNotFound);
  EXPECT_EQ(store->withdraw(bank, 999, "").error().code, Errc::kNotFound);
  EXPECT_EQ(store->entry(999).error().code, Errc::kNotFound);
  EXPECT_THAT(indexed(), SizeIs(1));
}

TEST_F(StoreTest, AnEntryMatchesNothingFromTheSecondItExpires) {
  BankSignal md5;
  md5.value = value_of(SignalKind::kMd5, hex_of('1', 32));
  EntryDraft draft = draft_of("1", {pdq_signal('a'), md5});
  draft.expires_at = now + 5;
  add(draft);
  now += 4;
  EXPECT_THAT(indexed(), SizeIs(1));
  EXPECT_THAT(*store->find_digest(md5.value), SizeIs(1));
  const std::string before = digest();
  now += 1;
  EXPECT_THAT(indexed(), IsEmpty());
  EXPECT_THAT(*store->find_digest(md5.value), IsEmpty());
  EXPECT_NE(digest(), before);
  const auto info = store->find_bank("b");
  EXPECT_EQ(info->expired, 1U);
  EXPECT_EQ(info->active, 0U);
  EXPECT_THAT(info->signals, IsEmpty());
  draft.expires_at.reset();
  EXPECT_EQ(add(draft), AddOutcome::kUpdated);
  EXPECT_THAT(indexed(), SizeIs(1));
}

TEST_F(StoreTest, FindsADigestInEveryBankAndOfItsKindAlone) {
  BankSignal sha;
  sha.value = value_of(SignalKind::kSha256, hex_of('c'));
  add(draft_of("1", {sha}));
  add(draft_of("2", {pdq_signal('c')}));
  const std::int64_t other = create("other");
  ASSERT_TRUE(store->add_entry(other, draft_of("1", {sha}), Merge::kReplace));
  EXPECT_THAT(*store->find_digest(sha.value), ElementsAre(1, 3));
  EXPECT_THAT(*store->find_digest(value_of(SignalKind::kSha256, hex_of('d'))), IsEmpty());
  EXPECT_EQ(store->find_digest(pdq_signal('c').value).error().code, Errc::kBadArgument);
  EXPECT_EQ(store->find_digest({SignalKind::kSha256, {1, 2}}).error().code, Errc::kBadArgument);
}

TEST_F(StoreTest, GivesTheIndexEveryActivePdqSignalInOrder) {
  BankSignal cli = pdq_signal('b', 60);
  cli.profile = PdqProfile::kCli512;
  BankSignal unsaid = pdq_signal('c');
  unsaid.profile.reset();
  add(draft_of("1", {cli, pdq_signal('a', 100)}));
  add(draft_of("2", {unsaid}));
  const auto all = indexed();
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(to_hex(all[0].hash), hex_of('a'));
  EXPECT_EQ(all[0].quality, 100);
  EXPECT_EQ(all[1].profile, PdqProfile::kCli512);
  EXPECT_EQ(all[2].entry, 2);
  EXPECT_EQ(all[2].profile, PdqProfile::kFull);
  EXPECT_FALSE(all[2].quality);
}

TEST_F(StoreTest, ATransactionIsAllOrNothing) {
  const Error stop{Errc::kBadFormat, "stop"};
  EXPECT_EQ(store
                ->transaction([&]() -> Status {
                  EntryDraft draft = draft_of("1", {pdq_signal('a')});
                  draft.source = "a source that is rolled back";
                  EXPECT_EQ(add(draft), AddOutcome::kAdded);
                  return stop;
                })
                .error()
                .what,
            "stop");
  EXPECT_THAT(entries_of(*store, bank), IsEmpty());
  // The source's row went with the transaction: adding it again must not use the old one.
  EntryDraft draft = draft_of("1", {pdq_signal('a')});
  draft.source = "a source that is rolled back";
  EXPECT_EQ(add(draft), AddOutcome::kAdded);
  const auto nested = store->transaction([&] { return store->transaction([] { return ok(); }); });
  ASSERT_FALSE(nested);
  EXPECT_EQ(nested.error().code, Errc::kBadArgument);
  EXPECT_TRUE(store->transaction([] { return ok(); }));
}

TEST_F(StoreTest, TheRevisionGrowsWithEveryChangeAndWithNothingElse) {
  const auto revision = [&] { return store->find_bank("b")->revision; };
  const std::uint64_t first = revision();
  add(draft_of("1", {pdq_signal('a')}));
  EXPECT_EQ(revision(), first + 1);
  add(draft_of("1", {pdq_signal('a')}));
  tombstone("unknown");
  EXPECT_EQ(revision(), first + 1);
  EXPECT_TRUE(store->transaction([&] {
    add(draft_of("2", {pdq_signal('b')}));
    add(draft_of("3", {pdq_signal('c')}));
    return ok();
  }));
  EXPECT_EQ(revision(), first + 2);
  ASSERT_TRUE(store->withdraw(bank, 1, ""));
  EXPECT_EQ(revision(), first + 3);
  ASSERT_TRUE(store->withdraw(bank, 1, ""));
  EXPECT_EQ(revision(), first + 3);
}

TEST_F(StoreTest, EntriesComeInOrderOfIdFromWhereTheCallerLeft) {
  for (const char* id : {"1", "2", "3", "4"}) add(draft_of(id, {pdq_signal('a')}));
  tombstone("2");
  std::vector<std::int64_t> seen;
  ASSERT_TRUE(store->for_each_entry(bank, 1, [&](const Entry& entry) {
    seen.push_back(entry.id);
    return seen.size() < 2;
  }));
  EXPECT_THAT(seen, ElementsAre(2, 3));
}

TEST_F(StoreTest, TwoStoresOnOneFileSeeEachOthersChanges) {
  const auto second = open(false);
  ASSERT_NE(second, nullptr);
  add(draft_of("1", {pdq_signal('a')}));
  EXPECT_THAT(entries_of(*second, bank), SizeIs(1));
  ASSERT_TRUE(second->withdraw(bank, 1, "seen elsewhere"));
  EXPECT_THAT(indexed(), IsEmpty());
}

TEST_F(StoreTest, WritersOnOneFileAndInOneObjectLoseNothing) {
  const auto second = open(false);
  ASSERT_NE(second, nullptr);
  constexpr int kEach = 40;
  std::atomic<int> failed{0};
  const auto write = [&](Store& to, int first) {
    for (int i = first; i < first + kEach; ++i) {
      const auto added = to.transaction([&]() -> Status {
        auto outcome =
            to.add_entry(bank, draft_of(std::to_string(i), {pdq_signal('a')}), Merge::kReplace);
        if (!outcome) return std::move(outcome).error();
        return ok();
      });
      if (!added) ++failed;
    }
  };
  std::thread a([&] { write(*store, 0); });
  std::thread b([&] { write(*store, 1000); });
  std::thread c([&] { write(*second, 2000); });
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(store->find_bank("b"));
  a.join();
  b.join();
  c.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(store->find_bank("b")->active, 3U * kEach);
}

TEST_F(StoreTest, ASnapshotIsOfOneMomentAndHoldsNoWriterOff) {
  const auto second = open(false);
  add(draft_of("1", {pdq_signal('a')}));
  const auto read = store->read_snapshot([&]() -> Status {
    EXPECT_THAT(entries_of(*store, bank), SizeIs(1));
    EXPECT_TRUE(second->add_entry(bank, draft_of("2", {pdq_signal('b')}), Merge::kReplace));
    EXPECT_THAT(entries_of(*store, bank), SizeIs(1));
    EXPECT_EQ(*store->newest_entry(), 1);
    const auto change = store->withdraw(bank, 1, "");
    EXPECT_FALSE(change);
    if (!change) {
      EXPECT_EQ(change.error().code, Errc::kBadArgument);
    }
    EXPECT_FALSE(store->transaction([] { return ok(); }));
    EXPECT_FALSE(store->read_snapshot([] { return ok(); }));
    return Error{Errc::kMismatch, "enough"};
  });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what, "enough");
  EXPECT_THAT(entries_of(*store, bank), SizeIs(2));
  EXPECT_EQ(*store->newest_entry(), 2);
  EXPECT_TRUE(store->withdraw(bank, 1, ""));
}

TEST_F(StoreTest, ADescriptionIsTheBankWithoutItsCounts) {
  add(draft_of("1", {pdq_signal('a')}));
  const auto whole = store->find_bank("b");
  const auto description = store->describe_bank("b");
  ASSERT_TRUE(whole && description);
  EXPECT_EQ(description->id, whole->id);
  EXPECT_EQ(description->policy.max_distance, whole->policy.max_distance);
  EXPECT_EQ(description->revision, whole->revision);
  EXPECT_EQ(description->active, 0U);
  EXPECT_EQ(store->describe_bank("nope").error().code, Errc::kNotFound);
}

TEST_F(StoreTest, AnItemIsItsBankItsSourceAndItsIdThere) {
  const std::int64_t other = create("other");
  EntryDraft elsewhere = draft_of("1", {pdq_signal('a')});
  elsewhere.source = "another";
  for (int round = 0; round < 2; ++round) {
    // In one transaction, where what is new is not in any table yet, and in the next.
    const auto expected = round == 0 ? AddOutcome::kAdded : AddOutcome::kUnchanged;
    EXPECT_TRUE(store->transaction([&]() -> Status {
      EXPECT_EQ(add(draft_of("1", {pdq_signal('a')})), expected);
      EXPECT_EQ(add(draft_of("1", {pdq_signal('a')})), AddOutcome::kUnchanged);
      EXPECT_EQ(add(draft_of("2", {pdq_signal('a')})), expected);
      EXPECT_EQ(add(elsewhere), expected);
      EXPECT_EQ(*store->add_entry(other, elsewhere, Merge::kReplace), expected);
      return ok();
    }));
    store = open(false);
  }
  EXPECT_EQ(tombstone("2"), AddOutcome::kWithdrawn);
  EXPECT_THAT(entries_of(*store, bank), SizeIs(3));
  EXPECT_THAT(entries_of(*store, other), SizeIs(1));
}

TEST_F(StoreTest, OfTwoWithdrawalsAPersonsStands) {
  const EntryDraft draft = draft_of("1", {pdq_signal('a')});
  const auto come_withdrawn = [&](WithdrawnBy by, const char* reason) {
    const auto outcome = store->add_withdrawn(bank, draft, {by, now - 5, reason});
    EXPECT_TRUE(outcome);
    return outcome ? *outcome : AddOutcome::kAdded;
  };
  EXPECT_EQ(come_withdrawn(WithdrawnBy::kSource, "old"), AddOutcome::kWithdrawn);
  EXPECT_EQ(come_withdrawn(WithdrawnBy::kSource, "again"), AddOutcome::kUnchanged);
  EXPECT_EQ(store->entry(only_entry())->withdrawn_reason, "old");
  EXPECT_EQ(come_withdrawn(WithdrawnBy::kPerson, "a veto"), AddOutcome::kUpdated);
  EXPECT_EQ(come_withdrawn(WithdrawnBy::kPerson, "another"), AddOutcome::kUnchanged);
  EXPECT_EQ(come_withdrawn(WithdrawnBy::kSource, "late"), AddOutcome::kUnchanged);
  const auto entry = store->entry(only_entry());
  EXPECT_EQ(entry->withdrawn_by, WithdrawnBy::kPerson);
  EXPECT_EQ(entry->withdrawn_reason, "a veto");
  EXPECT_EQ(entry->withdrawn_at, now - 5);
  EXPECT_EQ(add(draft), AddOutcome::kKeptWithdrawn);
  EXPECT_FALSE(store->add_withdrawn(bank, draft_of("2", {}), {}));
  EXPECT_EQ(store->add_withdrawn(99, draft, {}).error().code, Errc::kNotFound);
}

TEST_F(StoreTest, IdsAreNotReusedAfterAReopening) {
  add(draft_of("1", {pdq_signal('a')}));
  store = open(false);
  add(draft_of("2", {pdq_signal('b')}));
  EXPECT_EQ(entries_of(*store, bank).back().id, 2);
}

}  // namespace
}  // namespace semblance::bank
