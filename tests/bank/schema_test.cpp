// SPDX-License-Identifier: Apache-2.0
// Stores that earlier builds wrote, byte for byte (stores/), opened by this one.
#include "bank/schema.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "bank/page_check.h"
#include "bank/picture_signals.h"

namespace semblance::bank {
namespace {

// Of version 4: bank `b` of a picture by two profiles and its MD5 (1), a picture that expires in
// 2096 (2), ones that a person and a source withdrew (3, 4), a digest (5), and a video of three
// frames (7); bank `near` of one picture (6), within 20 bits. The digests are those of the build
// that wrote it.
constexpr const char* kDigestOfB =
    "d22b5eef540993220d08188724ada10729f2e6b2c2c0c46f8de3b12b847bc4a2";
constexpr const char* kDigestOfNear =
    "c7863d6ce3db1674f19ef75910605b588ad258e99856f246022dbbbdb6b2e1ed";
constexpr UnixSeconds kNow = 1'800'000'000;

class SchemaTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::copy_file(std::filesystem::path(SEMBLANCE_BANK_STORES) / "schema_4", path_);
    std::filesystem::permissions(path_, std::filesystem::perms::owner_write,
                                 std::filesystem::perm_options::add);
  }
  std::unique_ptr<Store> open() {
    auto opened = open_store_with_clock(path_, false, [] { return kNow; });
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().what);
    return opened ? *std::move(opened) : nullptr;
  }
  std::int64_t version() {
    SQLite::Database database(path_, SQLite::OPEN_READONLY, 0, checked_pages_vfs());
    return database.execAndGet("PRAGMA user_version").getInt64();
  }

  // All that the store of version 4 told, told by this build of whichever version it is now.
  static void expect_told(Store& store) {
    EXPECT_EQ(*store.content_digest("b"), kDigestOfB);
    EXPECT_EQ(*store.content_digest("near"), kDigestOfNear);
    const auto b = store.find_bank("b");
    ASSERT_TRUE(b);
    EXPECT_EQ(b->active, 4U);
    EXPECT_EQ(b->withdrawn, 2U);
    EXPECT_EQ(b->frames, 3U);
    EXPECT_EQ(b->parts, 0U);
    EXPECT_EQ(b->policy.probes, default_probes());
    EXPECT_EQ(store.describe_bank("near")->policy.probes,
              (std::map<ProbeKind, int>{{ProbeKind::kTrimmed, 20}, {ProbeKind::kPanel, 20}}));
    const auto entry = store.entry(1);
    ASSERT_TRUE(entry);
    ASSERT_EQ(entry->item.signals.size(), 3U);
    EXPECT_EQ(entry->item.signals[0].quality, 80);
    EXPECT_FALSE(entry->item.signals[0].part);
    EXPECT_EQ(store.entry(3)->withdrawn_reason, "a news photo");
    std::vector<std::int64_t> entries;
    EXPECT_TRUE(store.for_each_pdq(0, [&](const IndexedSignal& signal) {
      EXPECT_FALSE(signal.part);
      entries.push_back(signal.entry);
      return true;
    }));
    EXPECT_THAT(entries, testing::ElementsAre(1, 1, 2, 6, 7, 7, 7));
    const auto counts = store.count_active();
    ASSERT_TRUE(counts) << counts.error().what;
    EXPECT_EQ(counts->at(b->id).entries, 4U);
    EXPECT_EQ(store.state()->token, "ebdff98df85996604b28af7e4f6adf9d");
  }

  TempFolder folder_;
  const std::string path_ = folder_ / "s.db";
};

TEST_F(SchemaTest, AStoreOfVersionFourIsBroughtUpToDate) {
  ASSERT_EQ(version(), kVideoSchema);
  auto store = open();
  EXPECT_EQ(version(), newest_schema());
  expect_told(*store);
  EXPECT_EQ(store->find_bank("b")->without_windows, 2U);
  EXPECT_EQ(store->count_active()->at(1).without_windows, 2U);
  EXPECT_EQ(store->count_active()->at(2).without_windows, 1U);
  // And takes what it had no room for.
  const auto added =
      store->add_entry(1,
                       draft_of("9", {pdq_signal('0', 90), part_signal('1'), features_signal(2),
                                      embedding_signal("gist", 1)}),
                       Merge::kReplace);
  ASSERT_TRUE(added) << added.error().what;
  EXPECT_EQ(store->find_bank("b")->without_windows, 2U);
  EXPECT_NE(*store->content_digest("b"), kDigestOfB);
  // Entry 2 is of the picture `c`; sent with windows, it has them.
  const auto updated =
      store->add_entry(1, draft_of("2", {pdq_signal('c'), part_signal('2')}), Merge::kReplace);
  ASSERT_TRUE(updated);
  EXPECT_EQ(store->count_active()->at(1).without_windows, 1U);
  store = open();
  EXPECT_EQ(store->find_bank("b")->without_windows, 1U);
}

TEST_F(SchemaTest, AStoreOfVersionFourThatIsBeingWrittenIsReadAsItIs) {
  SQLite::Database writer(path_, SQLite::OPEN_READWRITE, 0, checked_pages_vfs());
  writer.exec("BEGIN IMMEDIATE");
  const auto store = open();
  expect_told(*store);
  writer.exec("ROLLBACK");
  EXPECT_EQ(version(), kVideoSchema);
  expect_told(*store);
}

// Every page of it, damaged, is an error or the truth, also while it is brought up to date.
TEST_F(SchemaTest, ADamagedOneIsNeverAnother) {
  const auto bytes = std::filesystem::file_size(path_);
  const auto page = bytes / 31;  // of 512 bytes
  ASSERT_EQ(page, 512U);
  int refused = 0;
  for (std::uintmax_t at = page + 40; at < bytes; at += page) {
    const std::string bad = folder_ / "bad.db";
    for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(bad + tail);
    std::filesystem::copy_file(path_, bad);
    {
      std::fstream file(bad, std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(static_cast<std::streamoff>(at));
      const int was = file.get();
      file.seekp(static_cast<std::streamoff>(at));
      file.put(static_cast<char>(was ^ 0x10));
    }
    auto store = open_store_with_clock(bad, false, [] { return kNow; });
    const auto digest = store ? (*store)->content_digest("b") : store.error();
    refused += digest ? 0 : 1;
    EXPECT_EQ(digest ? *digest : kDigestOfB, kDigestOfB) << at;
  }
  EXPECT_GT(refused, 5);
}

}  // namespace
}  // namespace semblance::bank
