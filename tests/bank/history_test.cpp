// SPDX-License-Identifier: Apache-2.0
#include "bank/history.h"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <tuple>

#include "bank/bank_fixture.h"
#include "bank/page_check.h"
#include "bank/picture_parts.h"
#include "bank/picture_signals.h"
#include "bank/schema.h"

namespace semblance::bank {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class HistoryTest : public BankTest {
 protected:
  using Counts = std::map<std::tuple<int, int, int, bool, std::string>,
                          std::uint64_t>;  // by kind, profile, quality, part, model

  StoreState state() { return *store->state(); }

  std::vector<std::int64_t> changed_since(const StoreState& then) {
    EXPECT_TRUE(*store->has_been(then));
    return *store->changed_entries(then, state());
  }

  static Counts signals_of(const ActiveCounts& counts) {
    Counts all;
    for (const SignalCount& count : counts.signals) {
      all[{static_cast<int>(count.kind), static_cast<int>(count.profile),
           count.quality.value_or(-1), count.part, count.model}] += count.signals;
    }
    return all;
  }

  // What count_active says, by looking at every entry.
  void expect_counted(const char* when, bool early = false) {
    ActiveCounts by_hand;
    EXPECT_TRUE(store->for_each_entry(bank, 0, [&](const Entry& entry) {
      if (!entry.active(now)) return true;
      ++by_hand.entries;
      if (lacks_windows(entry.item.signals)) ++by_hand.without_windows;
      for (const BankSignal& signal : entry.item.signals) {
        by_hand.signals.push_back({signal.value.kind, signal.profile.value_or(PdqProfile::kFull),
                                   signal.quality, 1, false, is_part(signal), signal.model});
      }
      return true;
    }));
    auto counted = store->count_active();
    ASSERT_TRUE(counted) << counted.error().what;
    const ActiveCounts& of_bank = (*counted)[bank];
    EXPECT_EQ(of_bank.entries, by_hand.entries) << when;
    if (!early) {
      EXPECT_EQ(of_bank.without_windows, by_hand.without_windows) << when;
    }
    EXPECT_EQ(signals_of(of_bank), signals_of(by_hand)) << when;
  }

  void make_version(int version) {
    store.reset();
    {
      SQLite::Database database(path(), SQLite::OPEN_READWRITE, 0, checked_pages_vfs());
      if (version == 2) {
        database.exec(
            std::string(kWithoutParts) +
            "DROP TRIGGER state_of_revision; DROP TRIGGER change_of_entry; DROP TABLE states;"
            "DROP TABLE changes; DROP TABLE signal_counts; DROP INDEX entries_expiring;"
            "DROP TABLE large_signals; DROP TABLE frame_counts");
      }
      database.exec("PRAGMA user_version=" + std::to_string(version));
    }
    store = open(false);
  }
};

TEST_F(HistoryTest, EachChangeIsAStateOfItsOwn) {
  const StoreState empty = state();
  add(draft_of("1", {pdq_signal('a')}));
  const StoreState one = state();
  EXPECT_GT(one.number, empty.number);
  EXPECT_NE(one.token, empty.token);
  EXPECT_EQ(one.token.size(), 32U);
  EXPECT_EQ(one.newest_entry, 1);
  add(draft_of("1", {pdq_signal('a')}));  // unchanged
  EXPECT_TRUE(one.holds_at(state()));
  EXPECT_FALSE(empty.holds_at(state()));
  store = open(false);
  EXPECT_TRUE(one.holds_at(state()));
  EXPECT_TRUE(*store->has_been(empty));
  EXPECT_TRUE(*store->has_been(one));
  StoreState elsewhere = one;
  elsewhere.token[0] = elsewhere.token[0] == '0' ? '1' : '0';
  EXPECT_FALSE(*store->has_been(elsewhere));
  elsewhere = one;
  ++elsewhere.number;
  EXPECT_FALSE(*store->has_been(elsewhere));
}

TEST_F(HistoryTest, TellsWhichEntriesChangedSince) {
  for (const char* id : {"1", "2", "3", "4"}) add(draft_of(id, {pdq_signal('a')}));
  const StoreState then = state();
  EXPECT_THAT(changed_since(then), IsEmpty());
  add(draft_of("5", {pdq_signal('a')}));  // new: known by its id
  add(draft_of("4", {pdq_signal('b')}));
  ASSERT_TRUE(store->withdraw(bank, 2, ""));
  tombstone("3");
  add(draft_of("3", {pdq_signal('c')}));  // and back again
  EXPECT_THAT(changed_since(then), ElementsAre(2, 3, 4));
  const StoreState later = state();
  add(draft_of("5", {pdq_signal('d')}));
  EXPECT_THAT(changed_since(then), ElementsAre(2, 3, 4));
  EXPECT_THAT(changed_since(later), ElementsAre(5));
}

TEST_F(HistoryTest, ExpiriesAreChangesInBothDirectionsOfTheClock) {
  EntryDraft draft = draft_of("1", {pdq_signal('a')});
  draft.expires_at = now + 100;
  add(draft);
  add(draft_of("2", {pdq_signal('a')}));
  const StoreState then = state();
  EXPECT_EQ(then.next_expiry, now + 100);
  now += 99;
  EXPECT_TRUE(then.holds_at(state()));
  EXPECT_THAT(changed_since(then), IsEmpty());
  ++now;
  EXPECT_FALSE(then.holds_at(state()));
  EXPECT_THAT(changed_since(then), ElementsAre(1));
  const StoreState expired = state();
  EXPECT_EQ(expired.next_expiry, std::nullopt);
  --now;
  EXPECT_FALSE(expired.holds_at(state())) << "a clock that was set back";
  EXPECT_THAT(changed_since(expired), ElementsAre(1));
}

TEST_F(HistoryTest, AFailedTransactionIsNoState) {
  add(draft_of("1", {pdq_signal('a')}));
  const StoreState then = state();
  EXPECT_FALSE(store->transaction([&]() -> Status {
    add(draft_of("2", {pdq_signal('b', 70)}));
    add(draft_of("1", {pdq_signal('c')}));
    return Error{Errc::kMismatch, "enough"};
  }));
  EXPECT_TRUE(then.holds_at(state()));
  EXPECT_THAT(changed_since(then), IsEmpty());
  add(draft_of("3", {pdq_signal('d')}));
  expect_counted("after what was rolled back");
}

TEST_F(HistoryTest, CountsAreWhatAPassWouldFind) {
  std::mt19937 rng(11);
  for (int round = 0; round < 300; ++round) {
    EntryDraft draft = draft_of(std::to_string(rng() % 40), {});
    const std::size_t signals = 1 + rng() % 3;
    for (std::size_t i = 0; i < signals; ++i) {
      BankSignal signal = pdq_signal("abcdef"[rng() % 6]);
      if (rng() % 2 == 0) signal.quality = static_cast<int>(rng() % 3) * 50;
      if (rng() % 3 == 0) signal.profile = PdqProfile::kCli512;
      if (rng() % 5 == 0) signal.profile.reset();
      if (signal.profile == PdqProfile::kFull && rng() % 3 == 0) {
        signal.part = rng() % 2 == 0 ? kWindowPart : kTrimmedPart;
      }
      draft.signals.push_back(signal);
    }
    if (rng() % 3 == 0) draft.signals.push_back(features_signal(1));
    if (rng() % 3 == 0) draft.signals.push_back(embedding_signal(rng() % 2 == 0 ? "a" : "b", 1));
    if (rng() % 4 == 0) {
      BankSignal md5;
      md5.value = value_of(SignalKind::kMd5, hex_of('5', 32));
      draft.signals.push_back(md5);
    }
    if (rng() % 3 == 0) draft.expires_at = now + static_cast<int>(rng() % 20);
    switch (rng() % 5) {
      case 0:
        tombstone(draft.source_id);
        break;
      case 1:
        ASSERT_TRUE(store->add_withdrawn(bank, draft, {}));
        break;
      case 2:
        ASSERT_TRUE(store->add_entry(bank, draft, Merge::kUnite));
        break;
      default:
        add(draft);
    }
    if (round % 7 == 0) ++now;
    if (round % 50 == 0) expect_counted("on the way");
  }
  expect_counted("at the end");
  const auto whole = store->find_bank("b");
  EXPECT_EQ(whole->without_windows, (*store->count_active())[bank].without_windows);
  for (const Entry& entry : entries_of(*store, bank)) {
    EntryDraft without = entry.item;
    std::erase_if(without.signals, [](const BankSignal& signal) {
      return is_part(signal) || !is_short(signal.value.kind);
    });
    // What an early version has no room for is not what this test is of from here on.
    if (without.signals.empty()) without.signals = {pdq_signal('a')};
    if (without.signals != entry.item.signals && !entry.withdrawn_at) add(without);
  }
  EXPECT_EQ((*store->count_active())[bank].entries, whole->active);
  make_version(2);
  expect_counted("brought up to date");
  make_version(1);
  expect_counted("without a history", true);
}

TEST_F(HistoryTest, AStoreOfTheSecondVersionIsBroughtUpToDate) {
  add(draft_of("1", {pdq_signal('a')}));
  make_version(2);
  const StoreState then = state();
  EXPECT_EQ(then.token.size(), 32U);
  EXPECT_EQ(then.newest_entry, 1);
  add(draft_of("1", {pdq_signal('b')}));
  EXPECT_THAT(changed_since(then), ElementsAre(1));
}

TEST_F(HistoryTest, AStoreThatIsBeingWrittenIsUsedAsItIs) {
  add(draft_of("1", {pdq_signal('a', 70)}));
  store.reset();
  SQLite::Database writer(path(), SQLite::OPEN_READWRITE, 0, checked_pages_vfs());
  writer.exec(std::string(kWithoutParts) +
              "DROP TRIGGER state_of_revision; DROP TRIGGER change_of_entry; DROP TABLE states;"
              "DROP TABLE changes; DROP TABLE signal_counts; DROP INDEX entries_expiring;"
              "DROP TABLE large_signals; DROP TABLE frame_counts;"
              "PRAGMA user_version=2; BEGIN IMMEDIATE");
  store = open(false);
  EXPECT_EQ(state().token, "");
  EXPECT_FALSE(*store->has_been(state()));
  expect_counted("of version 2", true);
  writer.exec("ROLLBACK");
  {
    // Another process brings it up to date while this one has it open.
    auto other = open(false);
    EXPECT_NE(other->state()->token, "");
  }
  add(draft_of("2", {pdq_signal('b', 80)}));
  EXPECT_NE(state().token, "");
  expect_counted("by who had opened it before");
}

}  // namespace
}  // namespace semblance::bank
