// SPDX-License-Identifier: Apache-2.0
// Videos in a store: what is kept of them, counted and told.
#include "bank/large_signal_table.h"

#include <gmock/gmock.h>

#include <map>

#include "bank/bank_fixture.h"
#include "bank/page_check.h"
#include "bank/picture_signals.h"
#include "bank/video_signals.h"

namespace semblance::bank {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class VideoStoreTest : public BankTest {
 protected:
  const VideoSignal video_ =
      video_of({frame_of(0, 0x11), frame_of(100, 0x22, 40), frame_of(200, 0x33)});

  static std::vector<SignalKind> kinds_of(const Entry& entry) {
    std::vector<SignalKind> kinds;
    for (const BankSignal& signal : entry.item.signals) kinds.push_back(signal.value.kind);
    return kinds;
  }
  std::vector<std::int64_t> tmk_entries(std::int64_t after = 0) {
    std::vector<std::int64_t> entries;
    EXPECT_TRUE(store->for_each_tmk(after, [&](const IndexedTmk& tmk) {
      EXPECT_EQ(tmk.bank, bank);
      entries.push_back(tmk.entry);
      return true;
    }));
    return entries;
  }
  std::map<std::string, std::uint64_t> counted() {
    std::map<std::string, std::uint64_t> counts;
    const auto all = store->count_active();
    EXPECT_TRUE(all);
    for (const SignalCount& count : all->at(bank).signals) {
      const std::string quality = count.quality ? ' ' + std::to_string(*count.quality) : "";
      counts[std::string(name(count.kind)) + quality + (count.sparse ? " sparse" : "")] +=
          count.signals;
    }
    return counts;
  }
  void run_sql(const char* sql) {
    store.reset();
    {
      SQLite::Database database(path(), SQLite::OPEN_READWRITE, 0, checked_pages_vfs());
      database.exec(sql);
    }
    store = open(false);
  }
};

TEST_F(VideoStoreTest, AnEntryKeepsAllItsSignals) {
  BankSignal md5;
  md5.value = value_of(SignalKind::kMd5, hex_of('5', 32));
  const EntryDraft draft =
      draft_of("1", {md5, tmk_signal_of(0.5F), vpdq_of(video_), pdq_signal('a', 80)}, {"label"});
  EXPECT_EQ(add(draft), AddOutcome::kAdded);
  EXPECT_EQ(add(draft), AddOutcome::kUnchanged);
  const auto entry = store->entry(only_entry());
  ASSERT_TRUE(entry);
  EXPECT_THAT(kinds_of(*entry),
              ElementsAre(SignalKind::kPdq, SignalKind::kVpdq, SignalKind::kTmk, SignalKind::kMd5));
  EXPECT_EQ(entry->item.signals[1], vpdq_of(video_));
  EXPECT_EQ(entry->item.signals[2], tmk_signal_of(0.5F));
  const auto info = store->find_bank("b");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->signals.at(SignalKind::kVpdq), 1U);
  EXPECT_EQ(info->signals.at(SignalKind::kTmk), 1U);
  EXPECT_EQ(info->signals.at(SignalKind::kPdq), 1U);
  EXPECT_EQ(info->frames, 3U);
}

TEST_F(VideoStoreTest, FramesComeBetweenPicturesInOrderOfEntry) {
  add(draft_of("1", {pdq_signal('1')}));
  add(draft_of("2", {vpdq_of(video_)}));
  add(draft_of("3", {pdq_signal('2'), vpdq_of(video_of({frame_of(0, 0x44, 30)}))}));
  add(draft_of("4", {tmk_signal_of(1)}));
  add(draft_of("5", {vpdq_of(video_)}));
  std::vector<std::int64_t> entries;
  for (const IndexedSignal& signal : indexed()) {
    entries.push_back(signal.entry);
    EXPECT_EQ(signal.bank, bank);
    EXPECT_EQ(signal.profile, PdqProfile::kFull);
  }
  EXPECT_THAT(entries, ElementsAre(1, 2, 2, 2, 3, 3, 5, 5, 5));
  EXPECT_EQ(indexed()[2].quality, 40);
  EXPECT_EQ(indexed()[5].hash, frame_of(0, 0x44).hash);
  // From an entry on, and no further than the visitor wants.
  std::vector<std::int64_t> some;
  EXPECT_TRUE(store->for_each_pdq(1, [&](const IndexedSignal& signal) {
    some.push_back(signal.entry);
    return some.size() < 5;
  }));
  EXPECT_THAT(some, ElementsAre(2, 2, 2, 3, 3));
  some.clear();
  EXPECT_TRUE(store->for_each_pdq(0, [&](const IndexedSignal& signal) {
    some.push_back(signal.entry);
    return some.size() < 2;
  }));
  EXPECT_THAT(some, ElementsAre(1, 2));
  EXPECT_THAT(tmk_entries(), ElementsAre(4));
  EXPECT_THAT(tmk_entries(4), IsEmpty());
}

TEST_F(VideoStoreTest, AHashThatSeveralFramesHaveIsOneOfItsBestQuality) {
  add(draft_of("1", {vpdq_of(video_of({frame_of(0, 0x11, 60), frame_of(40, 0x11, 70),
                                       frame_of(80, 0x22, 10), frame_of(120, 0x11, 50)}))}));
  const auto all = indexed();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].quality, 70);
  EXPECT_EQ(all[1].quality, 10);
  EXPECT_EQ(counted(),
            (std::map<std::string, std::uint64_t>{{"vpdq", 1}, {"vpdq 10", 1}, {"vpdq 70", 1}}));
  EXPECT_EQ(store->find_bank("b")->frames, 2U);
}

TEST_F(VideoStoreTest, TheMeanOfATmkIsGivenAsItIs) {
  add(draft_of("1", {tmk_signal_of(0.25F)}));
  EXPECT_TRUE(store->for_each_tmk(0, [&](const IndexedTmk& tmk) {
    EXPECT_EQ(tmk.mean, tmk_of(0.25F).mean);
    return true;
  }));
}

TEST_F(VideoStoreTest, WhatBecomesOfAnEntryBecomesOfItsVideos) {
  using Counts = std::map<std::string, std::uint64_t>;
  const VideoSignal sparse = video_of({frame_of(0, 0x55), frame_of(1'000, 0x66)}, Sampling::kVpdq);
  add(draft_of("1", {vpdq_of(video_), tmk_signal_of(1)}));
  EntryDraft expiring = draft_of("2", {vpdq_of(sparse)});
  expiring.expires_at = now + 10;
  add(expiring);
  EXPECT_EQ(counted(),
            (Counts{{"vpdq", 1}, {"vpdq sparse", 1}, {"vpdq 40", 1}, {"vpdq 100", 4}, {"tmk", 1}}));
  now += 10;
  EXPECT_EQ(counted(), (Counts{{"vpdq", 1}, {"vpdq 40", 1}, {"vpdq 100", 2}, {"tmk", 1}}));
  EXPECT_EQ(indexed().size(), 3U);
  EXPECT_EQ(store->find_bank("b")->frames, 3U);
  // Sent again, as a shorter film and without its TMK.
  EXPECT_EQ(add(draft_of("1", {vpdq_of(video_of({frame_of(0, 0x77)}))})), AddOutcome::kUpdated);
  EXPECT_EQ(counted(), (Counts{{"vpdq", 1}, {"vpdq 100", 1}}));
  EXPECT_THAT(tmk_entries(), IsEmpty());
  // United, both stand.
  EXPECT_EQ(add(draft_of("1", {vpdq_of(video_)}), Merge::kUnite), AddOutcome::kUpdated);
  EXPECT_EQ(add(draft_of("1", {vpdq_of(video_)}), Merge::kUnite), AddOutcome::kUnchanged);
  EXPECT_EQ(counted(), (Counts{{"vpdq", 2}, {"vpdq 40", 1}, {"vpdq 100", 3}}));
  EXPECT_EQ(store->entry(1)->item.signals.size(), 2U);
  tombstone("1");
  EXPECT_THAT(indexed(), IsEmpty());
  EXPECT_EQ(store->find_bank("b")->frames, 0U);
  EXPECT_EQ(store->entry(1)->item.signals.size(), 2U);
  EXPECT_EQ(add(draft_of("1", {tmk_signal_of(2)})), AddOutcome::kUpdated);
  EXPECT_EQ(counted(), (Counts{{"tmk", 1}}));
  EXPECT_THAT(tmk_entries(), ElementsAre(1));
}

TEST_F(VideoStoreTest, AWholeTransactionIsTakenBack) {
  EXPECT_FALSE(store->transaction([&]() -> Status {
    add(draft_of("1", {vpdq_of(video_)}));
    return Error{Errc::kMismatch, "enough"};
  }));
  EXPECT_THAT(indexed(), IsEmpty());
  add(draft_of("2", {vpdq_of(video_)}));
  EXPECT_EQ(indexed().size(), 3U);
}

TEST_F(VideoStoreTest, TheContentDigestIsOfEveryByte) {
  const std::string empty = digest();
  add(draft_of("1", {pdq_signal('a')}));
  const std::string picture = digest();
  add(draft_of("2", {vpdq_of(video_)}));
  const std::string film = digest();
  add(draft_of("3", {tmk_signal_of(1)}));
  const std::string both = digest();
  EXPECT_EQ(std::set({empty, picture, film, both}).size(), 4U);
  VideoSignal other = video_;
  other.frames[2].at.end_ms += 1;
  add(draft_of("2", {vpdq_of(other)}));
  EXPECT_NE(digest(), both);
  add(draft_of("2", {vpdq_of(video_)}));
  EXPECT_EQ(digest(), both);
  tombstone("3");
  EXPECT_EQ(digest(), film);
  // The same of another bank's store, whatever was there in between.
  tombstone("2");
  EXPECT_EQ(digest(), picture);
}

TEST_F(VideoStoreTest, WhatCannotBeComparedIsRefused) {
  const auto refused = [&](BankSignal signal) {
    const auto outcome =
        store->add_entry(bank, draft_of("1", {std::move(signal)}), Merge::kReplace);
    return !outcome && outcome.error().code == Errc::kBadArgument;
  };
  EXPECT_TRUE(refused(vpdq_of(video_of({}))));
  EXPECT_TRUE(refused(vpdq_of(video_of({frame_of(40, 1), frame_of(0, 2)})))) << "out of order";
  std::vector<KnownFrame> streams;
  for (std::uint8_t stream = 0; stream < 9; ++stream) {
    streams.push_back(frame_of(0, 1));
    streams.back().at.stream = stream;
  }
  EXPECT_TRUE(refused(vpdq_of(video_of(streams)))) << "more than an extraction looks at";
  BankSignal signal = vpdq_of(video_);
  signal.value.bytes.pop_back();
  EXPECT_TRUE(refused(signal));
  signal.value.bytes.clear();
  EXPECT_TRUE(refused(signal));
  signal = vpdq_of(video_);
  signal.quality = 50;
  EXPECT_TRUE(refused(signal));
  signal = vpdq_of(video_);
  signal.profile = PdqProfile::kFull;
  EXPECT_TRUE(refused(signal));
  signal = tmk_signal_of(1);
  signal.value.bytes.push_back(0);
  EXPECT_TRUE(refused(signal));
  signal = tmk_signal_of(1);
  signal.value.bytes[0] ^= 1;
  EXPECT_TRUE(refused(signal));
  BankPolicy policy;
  policy.max_distance[SignalKind::kVpdq] = 31;
  EXPECT_FALSE(store->create_bank("other", policy)) << "frames follow the distance of pdq";
  EXPECT_FALSE(store->find_digest(signal.value));
}

TEST_F(VideoStoreTest, RowsThatNoBuildWritesAreDamage) {
  add(draft_of("1", {vpdq_of(video_), tmk_signal_of(1)}));
  run_sql("UPDATE large_signals SET mean = x'00' WHERE kind = 3");
  EXPECT_EQ(store->for_each_tmk(0, [](const IndexedTmk&) { return true; }).error().code,
            Errc::kCorruptStore);
  run_sql("UPDATE large_signals SET value = x'00' WHERE kind = 3");
  EXPECT_EQ(store->entry(1).error().code, Errc::kCorruptStore);
  run_sql("DELETE FROM large_signals WHERE kind = 3");
  run_sql("UPDATE large_signals SET value = x'00' WHERE kind = 2");
  const auto visited = store->for_each_pdq(0, [](const IndexedSignal&) { return true; });
  ASSERT_FALSE(visited);
  EXPECT_EQ(visited.error().code, Errc::kCorruptStore);
  EXPECT_THAT(visited.error().what, HasSubstr("entry 1"));
  run_sql("UPDATE large_signals SET kind = 77");
  EXPECT_EQ(store->entry(1).error().code, Errc::kCorruptStore);
}

const std::string kBackToThree =
    std::string(kWithoutParts) +
    "DROP TABLE large_signals; DROP TABLE frame_counts; PRAGMA user_version=3";

TEST_F(VideoStoreTest, AStoreOfTheThirdVersionIsGivenRoom) {
  add(draft_of("1", {pdq_signal('a')}));
  const auto before = store->state();
  run_sql(kBackToThree.c_str());
  EXPECT_TRUE(before->holds_at(*store->state())) << "nothing that is searched has changed";
  EXPECT_EQ(add(draft_of("2", {vpdq_of(video_)})), AddOutcome::kAdded);
  EXPECT_EQ(indexed().size(), 4U);
}

TEST_F(VideoStoreTest, AStoreThatCannotBeGivenRoomSaysSo) {
  add(draft_of("1", {pdq_signal('a', 70)}));
  store.reset();
  SQLite::Database writer(path(), SQLite::OPEN_READWRITE, 0, checked_pages_vfs());
  writer.exec((kBackToThree + "; BEGIN IMMEDIATE").c_str());
  store = open(false);
  writer.exec("ROLLBACK");
  const auto refused = store->add_entry(bank, draft_of("2", {vpdq_of(video_)}), Merge::kReplace);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kUnsupported);
  EXPECT_THAT(refused.error().what, HasSubstr("no room for videos"));
  // All else goes on.
  EXPECT_EQ(add(draft_of("1", {pdq_signal('b', 80)})), AddOutcome::kUpdated);
  EXPECT_EQ(store->entry(1)->item.signals.size(), 1U);
  EXPECT_EQ(counted(), (std::map<std::string, std::uint64_t>{{"pdq 80", 1}}));
  EXPECT_EQ(indexed().size(), 1U);
  EXPECT_THAT(tmk_entries(), IsEmpty());
  EXPECT_EQ(store->find_bank("b")->frames, 0U);
  EXPECT_FALSE(digest().empty());
  {
    auto other = open(false);  // brings it up to date
  }
  EXPECT_EQ(add(draft_of("2", {vpdq_of(video_)})), AddOutcome::kAdded);
  EXPECT_EQ(indexed().size(), 4U);
}

}  // namespace
}  // namespace semblance::bank
