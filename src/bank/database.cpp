// SPDX-License-Identifier: Apache-2.0
#include "bank/database.h"

#include <sqlite3.h>
#include <sys/statvfs.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "bank/page_check.h"
#include "bank/schema.h"

namespace semblance::bank {
namespace {

constexpr int kBusyTimeoutMs = 10'000;

// What every connection sets. FULL: a change that was reported done survives a power cut; its one
// fsync a transaction is small beside an import's batch. The schema of a store that came from
// elsewhere is not trusted to call functions.
constexpr std::array kConnectionPragmas = {
    "PRAGMA foreign_keys=ON",         "PRAGMA synchronous=FULL",  "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",      "PRAGMA temp_store=MEMORY", "PRAGMA cache_size=-65536",
    "PRAGMA wal_autocheckpoint=8192",
};

Error refuse(const std::string& path, const std::string& cause) {
  return {Errc::kCorruptStore, "open store " + path + ": " + cause};
}

// What the file says it is. Reads; changes nothing.
struct Identity {
  std::int64_t application_id = 0;
  std::int64_t version = 0;
  std::int64_t objects = 0;  // tables, indexes, views and triggers
  std::int64_t pages = 0;
  int reserved = 0;  // bytes at the end of each page

  bool checked() const { return pages == 0 || reserved == kReservedBytes; }
  bool empty() const { return application_id == 0 && version == 0 && objects == 0; }
};

Identity identify(SQLite::Database& database) {
  const auto number = [&](const char* sql) { return database.execAndGet(sql).getInt64(); };
  Identity found{number("PRAGMA application_id"), number("PRAGMA user_version"),
                 number("SELECT COUNT(*) FROM sqlite_schema"), number("PRAGMA page_count"), -1};
  // Less than 0 asks alone.
  sqlite3_file_control(database.getHandle(), "main", SQLITE_FCNTL_RESERVE_BYTES, &found.reserved);
  return found;
}

std::optional<Error> refusal(const std::string& path, const Identity& found, bool create) {
  if (found.empty()) {
    if (create) return std::nullopt;
    return refuse(path, "the file is an empty database, not a store; name another, or create one");
  }
  if (found.application_id != kApplicationId) {
    return refuse(path, "a database of another program (application_id " +
                            std::to_string(found.application_id) + "); name another file");
  }
  if (found.version < 1 || found.version > newest_schema()) {
    return refuse(path, "the store is of version " + std::to_string(found.version) +
                            ", this build knows 1 to " + std::to_string(newest_schema()) +
                            "; open it with the build that wrote it, or a newer one");
  }
  if (found.version >= kCheckedSchema && !found.checked()) {
    return refuse(path,
                  "its header says that its pages have no checksums; the store is damaged: "
                  "restore a copy");
  }
  return std::nullopt;
}

// On a file system that is read-only nobody writes, and no log can be made beside the file: SQLite
// has to be told so. A log that is there holds changes that the file lacks, and must be read.
bool is_immutable(const std::filesystem::path& file) {
  struct statvfs facts {};
  std::error_code ignored;
  return statvfs(file.c_str(), &facts) == 0 && (facts.f_flag & ST_RDONLY) != 0 &&
         !std::filesystem::exists(file.string() + "-wal", ignored);
}

std::string immutable_uri(const std::filesystem::path& file) {
  std::string uri = "file:";
  for (const char c : file.string()) {
    if (c == '%') {
      uri += "%25";
    } else if (c == '?') {
      uri += "%3f";
    } else if (c == '#') {
      uri += "%23";
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

// Without its extended codes SQLite forgets why it could not read a page of the schema.
int primary_code(const SQLite::Exception& thrown) { return thrown.getErrorCode() & 0xff; }

void keep_extended_codes(SQLite::Database& database) {
  sqlite3_extended_result_codes(database.getHandle(), 1);
}

OpenDatabase connect(const std::string& path, bool create, bool exists) {
  const char* const vfs = checked_pages_vfs();
  if (vfs == nullptr) throw SQLite::Exception("no file system to build upon", SQLITE_ERROR);
  // The store has a lock of its own: SQLite's would be taken twice for every call.
  const int shared = SQLite::OPEN_NOMUTEX;
  std::error_code failed;
  const auto file = exists ? std::filesystem::canonical(path, failed) : std::filesystem::path();
  OpenDatabase opened;
  if (exists && !failed && is_immutable(file)) {
    const int flags = SQLite::OPEN_READONLY | SQLite::OPEN_URI | shared;
    opened.database =
        std::make_unique<SQLite::Database>(immutable_uri(file), flags, kBusyTimeoutMs, vfs);
    keep_extended_codes(*opened.database);
    opened.read_only = true;
    return opened;
  }
  // Where the file may not be written, this opens it for reading.
  const int flags = SQLite::OPEN_READWRITE | shared | (create ? SQLite::OPEN_CREATE : 0);
  // Debian's SQLite reads a name that begins so as a URI, with options of its own.
  const std::string name = path.starts_with("file:") ? "./" + path : path;
  opened.database = std::make_unique<SQLite::Database>(name, flags, kBusyTimeoutMs, vfs);
  keep_extended_codes(*opened.database);
  opened.read_only = sqlite3_db_readonly(opened.database->getHandle(), "main") == 1;
  return opened;
}

// Another process that creates the same store at the same time makes the switch to WAL busy, and
// SQLite does not call the busy handler for it.
void use_write_ahead_log(SQLite::Database& database) {
  if (database.execAndGet("PRAGMA journal_mode").getString() == "wal") return;
  for (int waited_ms = 0;; waited_ms += 50) {
    try {
      database.exec("PRAGMA journal_mode=WAL");
      return;
    } catch (const SQLite::Exception& busy) {
      if (primary_code(busy) != SQLITE_BUSY || waited_ms >= kBusyTimeoutMs) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
}

// Gives every page of an empty database room for its checksum. A store that has none keeps the form
// it has: to write it anew is to risk it.
void reserve_checksums(SQLite::Database& database, const Identity& empty) {
  int bytes = kReservedBytes;
  sqlite3_file_control(database.getHandle(), "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
  if (!empty.checked()) database.exec("VACUUM");  // it has a page, without a table
}

// Until the file is known to be a store nothing of it may change: without this, whoever is the last
// to close a database brings its log into it.
void leave_log_alone(SQLite::Database& database, bool leave) {
  sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, leave ? 1 : 0, nullptr);
}

// Looks again inside the write lock: whoever came first has created it.
Result<bool> create_tables(SQLite::Database& database, const std::string& path, bool create) {
  SQLite::Transaction exclusive(database, SQLite::TransactionBehavior::IMMEDIATE);
  const Identity found = identify(database);
  if (auto error = refusal(path, found, create)) return *std::move(error);
  if (found.version == 0) migrate(database, 0);
  exclusive.commit();
  return true;
}

// A store of an earlier version that cannot be brought up to date now, since it is being written or
// its disk is full, is used as it is: nothing that was there is another thing in the new one.
void bring_up_to_date(SQLite::Database& database) {
  try {
    database.setBusyTimeout(0);
    SQLite::Transaction exclusive(database, SQLite::TransactionBehavior::IMMEDIATE);
    const std::int64_t version = database.execAndGet("PRAGMA user_version").getInt64();
    if (version >= kCheckedSchema && version < newest_schema()) {
      migrate(database, static_cast<std::int32_t>(version));
    }
    exclusive.commit();
  } catch (const SQLite::Exception&) {
  }
  database.setBusyTimeout(kBusyTimeoutMs);
}

}  // namespace

Error sqlite_failure(std::string_view operation, std::string_view subject,
                     const SQLite::Exception& thrown) {
  Error error{Errc::kIo, std::string(operation) + ' ' + std::string(subject) + ": " + thrown.what(),
              thrown.getExtendedErrorCode()};
  constexpr const char* kDamaged =
      "; the store is damaged: restore a copy, or export what can be read";
  if (thrown.getExtendedErrorCode() == SQLITE_IOERR_DATA) {
    error.code = Errc::kCorruptStore;
    error.what += std::string(": a page differs from its checksum") + kDamaged;
    return error;
  }
  if (thrown.getExtendedErrorCode() == SQLITE_IOERR_SHMSIZE) {
    error.what += ": no room for the -shm file beside it; is the disk full?";
    return error;
  }
  switch (primary_code(thrown)) {
    case SQLITE_NOTADB:
      error.code = Errc::kCorruptStore;
      error.what += "; name another file";
      break;
    case SQLITE_CORRUPT:
    case SQLITE_ERROR:  // a table or column that should be there is not
    case SQLITE_MISMATCH:
      error.code = Errc::kCorruptStore;
      error.what += kDamaged;
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      error.what += "; another program is writing to it: try again when it is done";
      break;
    default:
      break;
  }
  return error;
}

std::int64_t Statements::schema() {
  if (schema_ < newest_schema()) {
    Query query = (*this)("PRAGMA user_version");
    schema_ = query.next() ? query.integer(0) : 0;
  }
  return schema_;
}

Result<OpenDatabase> open_database(const std::string& path, bool create) {
  std::error_code ignored;
  const bool exists = std::filesystem::exists(path, ignored);
  if (!create && !exists) {
    return Error{Errc::kNotFound,
                 "open store " + path + ": not there; create a bank first, or name another file"};
  }
  try {
    OpenDatabase opened = connect(path, create, exists);
    SQLite::Database& database = *opened.database;
    leave_log_alone(database, true);
    const Identity found = identify(database);
    if (auto error = refusal(path, found, create)) return *std::move(error);
    leave_log_alone(database, false);
    const bool fresh = found.version == 0;
    if (fresh && opened.read_only) return refuse(path, "it is empty, and may not be written");
    if (fresh) reserve_checksums(database, found);
    if (!opened.read_only) use_write_ahead_log(database);
    for (const char* pragma : kConnectionPragmas) database.exec(pragma);
    if (fresh) {
      auto done = create_tables(database, path, create);
      if (!done) return std::move(done).error();
    } else if (!opened.read_only && found.version >= kCheckedSchema &&
               found.version < newest_schema()) {
      bring_up_to_date(database);
    }
    return opened;
  } catch (const SQLite::Exception& thrown) {
    Error error = sqlite_failure("open store", path, thrown);
    const int code = primary_code(thrown);
    if (exists && (code == SQLITE_CANTOPEN || code == SQLITE_READONLY)) {
      error.what +=
          "; reading a store takes leave to write in its folder, unless the whole file system is "
          "read-only: ask for it, or copy the store";
    }
    return error;
  }
}

}  // namespace semblance::bank
