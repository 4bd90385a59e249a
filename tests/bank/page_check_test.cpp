// SPDX-License-Identifier: Apache-2.0
#include "bank/page_check.h"

#include <gmock/gmock.h>

#include <array>
#include <fstream>
#include <random>
#include <set>

#include "bank/bank_fixture.h"
#include "bank/database.h"
#include "bank/schema.h"

namespace semblance::bank {
namespace {

TEST(PageChecksumTest, DiffersWithEveryByteAndPlace) {
  std::array<std::uint8_t, 504> body{};
  std::mt19937 random(11);
  for (std::uint8_t& byte : body) byte = static_cast<std::uint8_t>(random());
  std::set<std::uint64_t> seen = {page_checksum(body, 0)};
  for (std::size_t at = 0; at < body.size(); ++at) {
    for (int change = 1; change < 256; change += 17) {
      body[at] = static_cast<std::uint8_t>(body[at] ^ change);
      EXPECT_TRUE(seen.insert(page_checksum(body, 0)).second) << at;
      body[at] = static_cast<std::uint8_t>(body[at] ^ change);
    }
  }
  for (std::uint64_t page = 1; page < 1000; ++page) {
    EXPECT_TRUE(seen.insert(page_checksum(body, page * 512)).second) << page;
  }
}

TEST(PageChecksumTest, IsWhatItHasAlwaysBeen) {
  const std::array<std::uint8_t, 16> body = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  EXPECT_EQ(page_checksum(body, 4096), 0x108F4A583BDB5988U);
  const std::array<std::uint8_t, 504> zeros{};
  EXPECT_NE(page_checksum(zeros, 0), 0U);  // what was never written is no page
}

class CheckedPagesTest : public testing::Test {
 protected:
  SQLite::Database open(int flags = SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
    return {path, flags, 0, checked_pages_vfs()};
  }
  TempFolder folder;
  const std::string path = folder / "d.db";
};

TEST_F(CheckedPagesTest, ADatabaseWithoutRoomForChecksumsIsReadAndWrittenAsItIs) {
  {
    SQLite::Database plain(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    plain.exec("CREATE TABLE t(a); INSERT INTO t VALUES(1)");
  }
  {
    SQLite::Database checked = open();
    EXPECT_EQ(checked.execAndGet("SELECT a FROM t").getInt(), 1);
    checked.exec("UPDATE t SET a=2");
  }
  SQLite::Database plain(path);
  EXPECT_EQ(plain.execAndGet("SELECT a FROM t").getInt(), 2);
  EXPECT_EQ(plain.execAndGet("PRAGMA integrity_check").getString(), "ok");
}

// What the first version of a store was: the same tables in pages without checksums.
TEST_F(CheckedPagesTest, AStoreOfTheFirstVersionIsGivenChecksumsAndKeepsItsContent) {
  std::string before;
  {
    auto store = open_store(path, true);
    ASSERT_TRUE(store);
    const auto bank = (*store)->create_bank("b", {});
    ASSERT_TRUE((*store)->transaction([&]() -> Status {
      for (int i = 0; i < 500; ++i) {
        const auto draft = draft_of(std::to_string(i), {pdq_signal("0123456789abcdef"[i % 16])});
        EXPECT_TRUE((*store)->add_entry(bank->id, draft, Merge::kReplace));
      }
      return ok();
    }));
    before = *(*store)->content_digest("b");
  }
  const std::string first = folder / "first.db";
  {
    SQLite::Database plain(first, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    migrate(plain, 0);
    plain.exec("PRAGMA user_version=1; ATTACH '" + path + "' AS newer");
    for (const char* table :
         {"banks", "bank_max_distance", "sources", "entries", "entry_keys", "labels", "signals"}) {
      plain.exec(std::string("INSERT INTO ") + table + " SELECT * FROM newer." + table);
    }
  }
  for (int opening = 0; opening < 2; ++opening) {
    auto store = open_store(first, false);
    ASSERT_TRUE(store) << store.error().what;
    EXPECT_EQ(*(*store)->content_digest("b"), before);
  }
  std::ifstream in(first, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(bytes[20], kReservedBytes);
  in.close();
  for (std::size_t at = 4096 + 100; at < bytes.size(); at += 4096) {
    bytes[at] = static_cast<char>(bytes[at] ^ 4);
  }
  std::ofstream(first, std::ios::binary) << bytes;
  auto store = open_store(first, false);
  const auto digest = store ? (*store)->content_digest("b") : Result<std::string>(store.error());
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().code, Errc::kCorruptStore);
  EXPECT_THAT(digest.error().what, testing::HasSubstr("a page differs from its checksum"));
}

}  // namespace
}  // namespace semblance::bank
