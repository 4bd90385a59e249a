// SPDX-License-Identifier: Apache-2.0
#include "bank/database.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <random>

#include "bank/bank_fixture.h"
#include "bank/page_check.h"
#include "bank/schema.h"

namespace semblance::bank {
namespace {

using testing::HasSubstr;

class DatabaseTest : public testing::Test {
 protected:
  Error refused(const std::string& path, bool create) {
    auto opened = open_store(path, create);
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }
  void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void run_sql(const std::string& path, const std::string& sql) {
    SQLite::Database database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 0,
                              checked_pages_vfs());
    database.exec(sql);
  }

  TempFolder folder;
};

TEST_F(DatabaseTest, AMissingFileIsNotFoundUnlessItIsToBeCreated) {
  const Error error = refused(folder / "none.db", false);
  EXPECT_EQ(error.code, Errc::kNotFound);
  EXPECT_THAT(error.what, HasSubstr("none.db"));
  EXPECT_FALSE(std::filesystem::exists(folder / "none.db"));
  EXPECT_TRUE(open_store(folder / "none.db", true));
  EXPECT_TRUE(open_store(folder / "none.db", false));
}

TEST_F(DatabaseTest, AStoreIsMarkedAsOursAndWritesAhead) {
  ASSERT_TRUE(open_store(folder / "s.db", true));
  SQLite::Database database(folder / "s.db");
  EXPECT_EQ(database.execAndGet("PRAGMA application_id").getInt(), kApplicationId);
  EXPECT_EQ(database.execAndGet("PRAGMA user_version").getInt(), 5);
  EXPECT_EQ(database.execAndGet("PRAGMA journal_mode").getString(), "wal");
}

TEST_F(DatabaseTest, AStoreThatDoesNotWriteAheadDoesSoOnceOpened) {
  ASSERT_TRUE(open_store(folder / "s.db", true));
  run_sql(folder / "s.db", "PRAGMA journal_mode=DELETE");
  ASSERT_TRUE(open_store(folder / "s.db", false));
  SQLite::Database database(folder / "s.db");
  EXPECT_EQ(database.execAndGet("PRAGMA journal_mode").getString(), "wal");
}

// The rights of nobody while it lives, where the tests run as root, whom no file refuses.
class AsNobody {
 public:
  AsNobody() : was_(geteuid()) {
    if (was_ == 0) {
      EXPECT_EQ(seteuid(65534), 0);
    }
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  ~AsNobody() {
    if (was_ == 0) {
      EXPECT_EQ(seteuid(was_), 0);
    }
  }

 private:
  const uid_t was_;
};

TEST_F(DatabaseTest, AStoreThatMayNotBeWrittenIsReadAndSaysSo) {
  const std::string path = folder / "s.db";
  std::int64_t bank = 0;
  {
    auto store = open_store(path, true);
    ASSERT_TRUE(store);
    bank = (*store)->create_bank("b", {})->id;
    ASSERT_TRUE((*store)->add_entry(bank, draft_of("1", {pdq_signal('a')}), Merge::kReplace));
  }
  ASSERT_EQ(chmod(path.c_str(), 0444), 0);
  ASSERT_EQ(chmod((folder / ".").c_str(), 0777), 0);
  const AsNobody nobody;
  auto store = open_store(path, false);
  ASSERT_TRUE(store) << store.error().what;
  EXPECT_EQ((*store)->find_bank("b")->active, 1U);
  EXPECT_EQ((*store)->entry(1)->item.source_id, "1");
  EXPECT_TRUE((*store)->content_digest("b"));
  std::ostringstream out;
  EXPECT_TRUE(export_list(**store, "b", out, ListFormat::kCsv));
  const auto expect_refused = [](const auto& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::kIo);
    EXPECT_THAT(result.error().what, HasSubstr("the store is read-only"));
  };
  expect_refused((*store)->create_bank("c", {}));
  expect_refused((*store)->add_entry(bank, draft_of("2", {pdq_signal('b')}), Merge::kReplace));
  expect_refused((*store)->withdraw(bank, 1, ""));
  expect_refused((*store)->transaction([] { return ok(); }));
}

TEST_F(DatabaseTest, AFolderThatMayNotBeWrittenIsNamedAsTheReason) {
  const std::string path = folder / "s.db";
  ASSERT_TRUE(open_store(path, true));
  ASSERT_EQ(chmod(path.c_str(), 0444), 0);
  ASSERT_EQ(chmod((folder / ".").c_str(), 0555), 0);
  {
    const AsNobody nobody;
    const Error error = refused(path, false);
    EXPECT_EQ(error.code, Errc::kIo);
    EXPECT_THAT(error.what, HasSubstr("leave to write in its folder"));
  }
  ASSERT_EQ(chmod((folder / ".").c_str(), 0755), 0);
}

TEST_F(DatabaseTest, AFileThatIsNoDatabaseIsRefusedAndLeftAsItIs) {
  const std::string text(5000, 'x');
  write(folder / "text", text);
  for (const bool create : {false, true}) {
    const Error error = refused(folder / "text", create);
    EXPECT_EQ(error.code, Errc::kCorruptStore);
    EXPECT_NE(error.native, 0);
    EXPECT_THAT(error.what, HasSubstr("name another file"));
  }
  EXPECT_EQ(read(folder / "text"), text);
}

TEST_F(DatabaseTest, ADatabaseOfAnotherProgramIsRefusedAndLeftAsItIs) {
  run_sql(folder / "other.db", "CREATE TABLE t(a); INSERT INTO t VALUES(1)");
  const std::string before = read(folder / "other.db");
  for (const bool create : {false, true}) {
    const Error error = refused(folder / "other.db", create);
    EXPECT_EQ(error.code, Errc::kCorruptStore);
    EXPECT_THAT(error.what, HasSubstr("another program"));
  }
  EXPECT_EQ(read(folder / "other.db"), before);
}

TEST_F(DatabaseTest, AnEmptyFileBecomesAStoreOnlyWhereOneMayBeCreated) {
  write(folder / "empty", "");
  EXPECT_EQ(refused(folder / "empty", false).code, Errc::kCorruptStore);
  EXPECT_TRUE(open_store(folder / "empty", true));
}

TEST_F(DatabaseTest, AnUnknownVersionIsRefusedByNumber) {
  for (const char* version : {"6", "99", "0", "-1"}) {
    ASSERT_TRUE(open_store(folder / "v.db", true));
    run_sql(folder / "v.db", std::string("PRAGMA user_version=") + version);
    const Error error = refused(folder / "v.db", true);
    EXPECT_EQ(error.code, Errc::kCorruptStore) << version;
    EXPECT_THAT(error.what, HasSubstr(std::string("version ") + version));
    std::filesystem::remove(folder / "v.db");
  }
}

TEST_F(DatabaseTest, AFolderIsNotAStore) {
  EXPECT_FALSE(open_store(folder / ".", true));
  EXPECT_FALSE(open_store(folder / "no/such/folder/s.db", true));
}

TEST_F(DatabaseTest, RowsThatNoBuildWritesAreDamage) {
  {
    auto store = open_store(folder / "s.db", true);
    ASSERT_TRUE(store);
    const auto bank = (*store)->create_bank("b", {});
    ASSERT_TRUE((*store)->add_entry(bank->id, draft_of("1", {pdq_signal('a')}), Merge::kReplace));
  }
  for (const char* damage : {"UPDATE signals SET value=x'00'", "UPDATE signals SET kind=77",
                             "UPDATE signals SET profile=9"}) {
    std::filesystem::copy_file(folder / "s.db", folder / "d.db",
                               std::filesystem::copy_options::overwrite_existing);
    run_sql(folder / "d.db", damage);
    auto store = open_store(folder / "d.db", false);
    ASSERT_TRUE(store) << damage;
    const auto entry = (*store)->entry(1);
    ASSERT_FALSE(entry) << damage;
    EXPECT_EQ(entry.error().code, Errc::kCorruptStore) << damage;
  }
  run_sql(folder / "s.db", "DROP TABLE labels");
  auto store = open_store(folder / "s.db", false);
  ASSERT_TRUE(store);
  EXPECT_EQ((*store)->entry(1).error().code, Errc::kCorruptStore);
}

// Whatever bytes of a store are overwritten, its readers answer or say what is wrong.
TEST_F(DatabaseTest, OverwrittenPagesAreErrorsAtWorst) {
  {
    auto store = open_store(folder / "s.db", true);
    ASSERT_TRUE(store);
    const auto bank = (*store)->create_bank("b", {});
    ASSERT_TRUE((*store)->transaction([&]() -> Status {
      for (int i = 0; i < 300; ++i) {
        const auto draft = draft_of(std::to_string(i), {pdq_signal('a')}, {"label"});
        EXPECT_TRUE((*store)->add_entry(bank->id, draft, Merge::kReplace));
      }
      return ok();
    }));
  }
  const std::string good = read(folder / "s.db");
  std::mt19937 rng(7);
  int errors = 0;
  for (int round = 0; round < 60; ++round) {
    std::string bad = good;
    const std::size_t at = 100 + rng() % (bad.size() - 1200);
    for (std::size_t i = 0; i < 1000; ++i) bad[at + i] = static_cast<char>(rng());
    const std::string path = folder / "bad.db";
    for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path + tail);
    write(path, bad);
    auto store = open_store(path, false);
    if (!store) {
      ++errors;
      continue;
    }
    const auto visit = [](const Entry&) { return true; };
    if (!(*store)->for_each_entry(1, 0, visit)) ++errors;
    if (!(*store)->for_each_pdq(0, [](const IndexedSignal&) { return true; })) ++errors;
    if (!(*store)->content_digest("b")) ++errors;
    if (!(*store)->add_entry(1, draft_of("new", {pdq_signal('b')}), Merge::kReplace)) ++errors;
  }
  EXPECT_GT(errors, 0);
}

}  // namespace
}  // namespace semblance::bank
