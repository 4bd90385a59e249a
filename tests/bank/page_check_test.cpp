// SPDX-License-Identifier: Apache-2.0
#include "bank/page_check.h"

#include <gmock/gmock.h>

#include <sqlite3.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
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

// What the first version of a store was: the same tables in pages without checksums. It is used as
// it is: to write a whole store anew for their sake would be to risk it.
TEST_F(CheckedPagesTest, AStoreOfTheFirstVersionStaysAsItIs) {
  {
    SQLite::Database plain(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    migrate(plain, 0);
    plain.exec("PRAGMA user_version=1");
  }
  std::string before;
  for (int opening = 0; opening < 2; ++opening) {
    auto store = open_store(path, false);
    ASSERT_TRUE(store) << store.error().what;
    if (opening == 0) {
      const auto bank = (*store)->create_bank("b", {});
      ASSERT_TRUE((*store)->add_entry(bank->id, draft_of("1", {pdq_signal('7')}), Merge::kReplace));
      before = *(*store)->content_digest("b");
    }
    EXPECT_EQ(*(*store)->content_digest("b"), before);
  }
  SQLite::Database plain(path, SQLite::OPEN_READWRITE);
  EXPECT_EQ(plain.execAndGet("PRAGMA user_version").getInt(), 1);
  EXPECT_EQ(plain.execAndGet("PRAGMA integrity_check").getString(), "ok");
}

TEST_F(CheckedPagesTest, AHeaderThatForgotItsChecksumsIsDamage) {
  { ASSERT_TRUE(open_store(path, true)); }
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(20);
    file.put(0);
  }
  auto store = open_store(path, false);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::kCorruptStore);
}

/// A store's files as a kill leaves them, taken while it is open.
void leave_log_to_another_program(const std::string& path, const std::string& to) {
  for (const char* tail : {"", "-wal"}) std::filesystem::copy_file(path + tail, to + tail);
  SQLite::Database other(to, SQLite::OPEN_READWRITE);  // the last to close it: brings the log in
  EXPECT_EQ(other.execAndGet("PRAGMA integrity_check").getString(), "ok");
}

// Empty tables, pages of long texts and pages that were emptied all end in zeros, as does the
// checksum that another program leaves out.
TEST_F(CheckedPagesTest, WhatAnotherProgramBringsInFromTheLogIsTaken) {
  const std::string copy = folder / "copy.db";
  const auto expect_taken = [&](const char* when) {
    leave_log_to_another_program(path, copy);
    ASSERT_FALSE(std::filesystem::exists(copy + "-wal")) << when;
    auto theirs = open_store(copy, false);
    ASSERT_TRUE(theirs) << when << ": " << theirs.error().what;
    auto ours = open_store(path, false);
    const auto banks = (*ours)->list_banks();
    ASSERT_TRUE(banks) << when;
    for (const BankInfo& bank : *banks) {
      auto digest = (*theirs)->content_digest(bank.name);
      ASSERT_TRUE(digest) << when << ": " << digest.error().what;
      EXPECT_EQ(*digest, *(*ours)->content_digest(bank.name)) << when;
    }
    const auto again = (*theirs)->create_bank("after", {});
    ASSERT_TRUE(again) << when << ": " << again.error().what;
    theirs->reset();
    for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(copy + tail);
  };
  auto store = open_store(path, true);
  ASSERT_TRUE(store);
  const auto bank = (*store)->create_bank("b", {});
  expect_taken("empty tables");
  const auto fill = [&](int labels) {
    ASSERT_TRUE((*store)->transaction([&]() -> Status {
      for (int i = 0; i < 300; ++i) {
        std::vector<std::string> all;
        for (int n = 0; n < labels; ++n) all.push_back(std::string(60, 'a') + std::to_string(n));
        const auto draft = draft_of(std::string(4040, 's') + std::to_string(i),
                                    {pdq_signal("0123456789abcdef"[i % 16])}, all);
        EXPECT_TRUE((*store)->add_entry(bank->id, draft, Merge::kReplace));
      }
      return ok();
    }));
  };
  fill(12);
  expect_taken("long texts");
  fill(1);
  expect_taken("emptied pages");
}

TEST_F(CheckedPagesTest, AnotherProgramsDatabaseIsRefusedAndLeftAsItIs) {
  const std::string copy = folder / "copy.db";
  {
    SQLite::Database other(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    int bytes = kReservedBytes;
    sqlite3_file_control(other.getHandle(), "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
    other.exec("PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES(1)");
    for (const char* tail : {"", "-wal"}) std::filesystem::copy_file(path + tail, copy + tail);
  }
  const auto bytes_of = [&](const char* tail) {
    std::ifstream in(copy + tail, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const std::string file = bytes_of("");
  const std::string log = bytes_of("-wal");
  auto store = open_store(copy, false);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::kCorruptStore);
  EXPECT_EQ(bytes_of(""), file);
  EXPECT_EQ(bytes_of("-wal"), log);
}

TEST_F(CheckedPagesTest, ANameIsNoAddress) {
  std::filesystem::current_path(folder / "");
  { ASSERT_TRUE(open_store("file:x.db?vfs=unix", true)); }
  EXPECT_TRUE(std::filesystem::exists(folder / "file:x.db?vfs=unix"));
  EXPECT_FALSE(std::filesystem::exists(folder / "x.db"));
  std::filesystem::current_path("/");
}

}  // namespace
}  // namespace semblance::bank
