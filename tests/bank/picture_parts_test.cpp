// SPDX-License-Identifier: Apache-2.0
// Parts, features and embeddings of pictures in a store: what is kept, counted and told.
#include "bank/picture_parts.h"

#include <gmock/gmock.h>

#include <tuple>

#include "bank/page_check.h"
#include "bank/picture_signals.h"
#include "bank/schema.h"

namespace semblance::bank {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

TEST(PicturePartsTest, APartIsANumberAndBack) {
  for (const ProbeKind kind : {ProbeKind::kTrimmed, ProbeKind::kPanel, ProbeKind::kWindow}) {
    for (const Window& window : {Window{}, Window{0, 0, 1, 1}, Window{9'999, 9'999, 1, 1},
                                 Window{1, 2'345, 6'789, 7'655}}) {
      const Probe part{kind, window};
      EXPECT_TRUE(check_part(part));
      EXPECT_GT(packed(part), 0);
      EXPECT_EQ(packed(part) >> 56, static_cast<int>(kind)) << "what SQL tells windows by";
      EXPECT_EQ(unpacked(packed(part)), part);
    }
  }
}

TEST(PicturePartsTest, WhatIsNoPartIsRefused) {
  for (const Window& window :
       {Window{0, 0, 0, 10}, Window{0, 0, 10, 0}, Window{1, 0, 10'000, 10}, Window{0, 9'999, 10, 2},
        Window{10'000, 0, 1, 1}, Window{0, 0, 16'383, 10}}) {
    const Probe part{ProbeKind::kWindow, window};
    EXPECT_EQ(check_part(part).error().code, Errc::kBadArgument);
    EXPECT_FALSE(unpacked(packed(part)));
  }
  for (const int kind : {0, 4, 127, 255}) {
    const Probe part{static_cast<ProbeKind>(kind), {}};
    EXPECT_FALSE(check_part(part));
    EXPECT_FALSE(unpacked(packed(part))) << kind;
  }
  EXPECT_FALSE(unpacked(0));
  EXPECT_FALSE(unpacked(-1));
}

TEST(PicturePartsTest, WindowsAreLackedByWhatHasAHashAndNone) {
  const auto lack = [](const std::vector<BankSignal>& signals) { return lacks_windows(signals); };
  EXPECT_TRUE(lack({pdq_signal('a')}));
  EXPECT_TRUE(lack({pdq_signal('a'), part_signal('b', kTrimmedPart)}));
  EXPECT_FALSE(lack({pdq_signal('a'), part_signal('b')}));
  EXPECT_FALSE(lack({part_signal('b'), pdq_signal('c')}));
  EXPECT_FALSE(lack({features_signal(3)}));
  EXPECT_FALSE(lack({}));
}

class PictureStoreTest : public BankTest {
 protected:
  using Told = std::vector<std::tuple<std::int64_t, std::string, std::string>>;

  const std::vector<BankSignal> all_ = {pdq_signal('a', 80),
                                        part_signal('b'),
                                        part_signal('c', kTrimmedPart, 20),
                                        embedding_signal("gist", 1),
                                        features_signal(3),
                                        embedding_signal("lab-2", 0, "sha256:1"),
                                        embedding_signal("gist", 2, "v2")};

  Told told(SignalKind kind, std::int64_t after = 0, std::size_t most = 100) {
    Told rows;
    const auto done = store->for_each_signal(
        kind, after, [&](std::int64_t entry, std::int64_t of, const BankSignal& signal) {
          EXPECT_EQ(of, bank);
          EXPECT_EQ(signal.value.kind, kind);
          rows.emplace_back(entry, signal.model, signal.version);
          return rows.size() < most;
        });
    EXPECT_TRUE(done);
    return rows;
  }
  void run_sql(const std::string& sql) {
    store.reset();
    {
      SQLite::Database database(path(), SQLite::OPEN_READWRITE, 0, checked_pages_vfs());
      database.exec(sql);
    }
    store = open(false);
  }
  ActiveCounts counts() {
    auto all = store->count_active();
    EXPECT_TRUE(all) << (all ? "" : all.error().what);
    return all ? (*all)[bank] : ActiveCounts{};
  }
};

TEST_F(PictureStoreTest, AnEntryKeepsAllThatIsKnownOfIt) {
  EXPECT_EQ(add(draft_of("1", all_)), AddOutcome::kAdded);
  EXPECT_EQ(add(draft_of("1", all_)), AddOutcome::kUnchanged);
  store = open(false);
  const auto entry = store->entry(only_entry());
  ASSERT_TRUE(entry) << entry.error().what;
  EXPECT_THAT(entry->item.signals, testing::UnorderedElementsAreArray(all_));
  const auto info = store->find_bank("b");
  EXPECT_EQ(info->signals.at(SignalKind::kPdq), 3U);
  EXPECT_EQ(info->parts, 2U);
  EXPECT_EQ(info->signals.at(SignalKind::kOrb), 1U);
  EXPECT_EQ(info->signals.at(SignalKind::kEmbedding), 3U);
  EXPECT_THAT(info->embeddings, ElementsAre(Pair("gist", 2), Pair("lab-2", 1)));
  EXPECT_EQ(info->without_windows, 0U);
}

TEST_F(PictureStoreTest, AnIndexIsToldThePart) {
  add(draft_of("1", all_));
  const auto hashes = indexed();
  ASSERT_EQ(hashes.size(), 3U);
  EXPECT_FALSE(hashes[0].part);
  EXPECT_EQ(hashes[1].part, kWindowPart);
  EXPECT_EQ(hashes[2].part, kTrimmedPart);
  EXPECT_EQ(hashes[2].quality, 20);
  // As from the entry itself.
  const auto again = indexed_signals(store->entry(1)->item.signals, 1, bank);
  ASSERT_TRUE(again);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ((*again)[i].part, hashes[i].part);
}

TEST_F(PictureStoreTest, FeaturesAndEmbeddingsAreGivenInOrderOfEntry) {
  add(draft_of("1", all_));
  add(draft_of("2", {pdq_signal('a')}));
  add(draft_of("3", {embedding_signal("gist", 3), features_signal(1)}));
  add(draft_of("4", {embedding_signal("gist", 3)}));
  EXPECT_THAT(told(SignalKind::kEmbedding),
              ElementsAre(std::tuple(1, "gist", "v1"), std::tuple(1, "gist", "v2"),
                          std::tuple(1, "lab-2", "sha256:1"), std::tuple(3, "gist", "v1"),
                          std::tuple(4, "gist", "v1")));
  EXPECT_THAT(told(SignalKind::kOrb),
              ElementsAre(std::tuple(1, "", "orb-1"), std::tuple(3, "", "orb-1")));
  EXPECT_THAT(told(SignalKind::kEmbedding, 3), ElementsAre(std::tuple(4, "gist", "v1")));
  EXPECT_EQ(told(SignalKind::kEmbedding, 0, 2).size(), 2U);
  tombstone("1");
  EXPECT_EQ(told(SignalKind::kOrb).size(), 1U);
  const auto other = store->for_each_signal(
      SignalKind::kPdq, 0, [](std::int64_t, std::int64_t, const BankSignal&) { return true; });
  EXPECT_EQ(other.error().code, Errc::kBadArgument);
}

TEST_F(PictureStoreTest, WhatBecomesOfAnEntryBecomesOfItsParts) {
  const auto of_model = [&](std::string_view model) {
    std::uint64_t held = 0;
    for (const SignalCount& count : counts().signals) {
      if (count.model == model && count.kind == SignalKind::kEmbedding) held += count.signals;
    }
    return held;
  };
  const auto parts = [&] {
    std::uint64_t held = 0;
    for (const SignalCount& count : counts().signals) held += count.part ? count.signals : 0;
    return held;
  };
  EntryDraft expiring = draft_of("1", all_);
  expiring.expires_at = now + 10;
  add(expiring);
  add(draft_of("2", {pdq_signal('d'), embedding_signal("gist", 1)}));
  EXPECT_EQ(of_model("gist"), 3U);
  EXPECT_EQ(parts(), 2U);
  EXPECT_EQ(counts().without_windows, 1U);
  EXPECT_EQ(store->find_bank("b")->without_windows, 1U);
  // Another picture with windows, and one that is known by a digest alone.
  add(draft_of("3", {pdq_signal('e'), part_signal('f')}));
  BankSignal md5;
  md5.value = value_of(SignalKind::kMd5, hex_of('5', 32));
  add(draft_of("4", {md5}));
  EXPECT_EQ(counts().without_windows, 1U);
  now += 10;
  EXPECT_EQ(of_model("gist"), 1U);
  EXPECT_EQ(parts(), 1U);
  // Sent again without windows; and taken back.
  add(draft_of("3", {pdq_signal('e')}));
  EXPECT_EQ(parts(), 0U);
  EXPECT_EQ(counts().without_windows, 2U);
  EXPECT_EQ(store->find_bank("b")->without_windows, 2U);
  tombstone("2");
  EXPECT_EQ(of_model("gist"), 0U);
  EXPECT_EQ(counts().without_windows, 1U);
}

TEST_F(PictureStoreTest, AModelThatWasRolledBackIsNamedAnew) {
  EXPECT_FALSE(store->transaction([&]() -> Status {
    add(draft_of("1", {embedding_signal("gist", 1)}));
    return Error{Errc::kMismatch, "enough"};
  }));
  add(draft_of("2", {embedding_signal("lab", 1), embedding_signal("gist", 2)}));
  EXPECT_THAT(told(SignalKind::kEmbedding),
              ElementsAre(std::tuple(1, "gist", "v1"), std::tuple(1, "lab", "v1")));
}

TEST_F(PictureStoreTest, RowsThatNoBuildWritesAreDamage) {
  add(draft_of("1", all_));
  const auto is_damaged = [&](const char* sql) {
    run_sql(sql);
    const auto entry = store->entry(1);
    return !entry && entry.error().code == Errc::kCorruptStore;
  };
  EXPECT_TRUE(is_damaged("UPDATE large_signals SET model = NULL WHERE kind = 8"));
  EXPECT_TRUE(is_damaged("UPDATE large_signals SET model = 99 WHERE kind = 8"));
  run_sql("DELETE FROM large_signals WHERE kind = 8");
  EXPECT_TRUE(store->entry(1));
  EXPECT_TRUE(is_damaged("UPDATE signals SET part = 5 WHERE part IS NOT NULL"));
  EXPECT_FALSE(store->for_each_pdq(0, [](const IndexedSignal&) { return true; }));
  EXPECT_TRUE(is_damaged("UPDATE signals SET part = (3 << 56) + 1, profile = 2"));
  run_sql("DELETE FROM models");
  EXPECT_EQ(store->count_active().error().code, Errc::kCorruptStore);
}

TEST_F(PictureStoreTest, AStoreThatCannotBeGivenRoomSaysSo) {
  add(draft_of("1", {pdq_signal('a', 70)}));
  const std::string before = digest();
  store.reset();
  SQLite::Database writer(path(), SQLite::OPEN_READWRITE, 0, checked_pages_vfs());
  writer.exec((std::string(kWithoutParts) +
               "ALTER TABLE large_signals RENAME TO gone;"
               "CREATE TABLE large_signals(id INTEGER PRIMARY KEY, entry INTEGER NOT NULL,"
               " kind INTEGER NOT NULL, version TEXT NOT NULL, sparse INTEGER NOT NULL, mean BLOB,"
               " value BLOB NOT NULL) STRICT; DROP TABLE gone;"
               "CREATE INDEX large_signals_of_entry ON large_signals(entry, kind);"
               "PRAGMA user_version=4; BEGIN IMMEDIATE")
                  .c_str());
  store = open(false);
  writer.exec("ROLLBACK");
  for (const BankSignal& signal :
       {part_signal('b'), features_signal(1), embedding_signal("gist", 1)}) {
    const auto refused = store->add_entry(bank, draft_of("2", {signal}), Merge::kReplace);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::kUnsupported);
    EXPECT_THAT(refused.error().what, HasSubstr("no room for parts"));
  }
  BankPolicy policy;
  policy.entry_windows = true;
  EXPECT_EQ(store->create_bank("c", policy).error().code, Errc::kUnsupported);
  EXPECT_TRUE(store->create_bank("d", {}));
  // All else goes on, and is the same.
  EXPECT_EQ(digest(), before);
  EXPECT_EQ(store->find_bank("b")->policy.probes, default_probes());
  EXPECT_EQ(store->find_bank("b")->parts, 0U);
  EXPECT_EQ(counts().entries, 1U);
  EXPECT_THAT(told(SignalKind::kOrb), IsEmpty());
  EXPECT_EQ(add(draft_of("1", {pdq_signal('b', 80)})), AddOutcome::kUpdated);
  EXPECT_EQ(indexed().size(), 1U);
  { auto other = open(false); }  // brings it up to date
  EXPECT_EQ(counts().without_windows, 1U);
  EXPECT_EQ(add(draft_of("2", all_)), AddOutcome::kAdded);
  EXPECT_EQ(indexed().size(), 4U);
  EXPECT_EQ(counts().without_windows, 1U);
  EXPECT_EQ(store->find_bank("d")->policy.probes, default_probes());
}

}  // namespace
}  // namespace semblance::bank
