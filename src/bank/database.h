// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: an open SQLite file of ours, its statements, and its errors as ours.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "semblance/result.h"

namespace semblance::bank {

/// "<operation> <subject>: <SQLite's own words>", with its number; kCorruptStore where the file
/// is to blame, kIo otherwise.
Error sqlite_failure(std::string_view operation, std::string_view subject,
                     const SQLite::Exception& thrown);

/// A connection to a store.
struct OpenDatabase {
  std::unique_ptr<SQLite::Database> database;
  bool read_only = false;  // the file or its file system may not be written
};

/// Opens the store at `path`, checks that it is one, and brings its schema up to date.
///
/// A file that is not a store is refused before anything in it is changed. Where it may not be
/// written, it is opened for reading, and left as it is.
Result<OpenDatabase> open_database(const std::string& path, bool create);

/// A prepared statement in use: reset when this goes, so that no read lock outlives its reader.
class Query {
 public:
  explicit Query(SQLite::Statement& statement) : statement_(statement) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query() { statement_.tryReset(); }

  Query& bind(int index, std::int64_t value) {
    statement_.bind(index, value);
    return *this;
  }
  /// Binds text without copying it: it must live until the statement has run.
  Query& bind_text(int index, const std::string& value) {
    statement_.bindNoCopy(index, value);
    return *this;
  }
  /// Binds bytes without copying them: they must live until the statement has run.
  Query& bind_blob(int index, const void* bytes, std::size_t size) {
    statement_.bindNoCopy(index, bytes, static_cast<int>(size));
    return *this;
  }
  Query& bind_real(int index, double value) {
    statement_.bind(index, value);
    return *this;
  }
  Query& bind_null(int index) {
    statement_.bind(index);
    return *this;
  }

  /// Steps to the next row; false when there is none.
  bool next() { return statement_.executeStep(); }
  /// Runs a statement that gives no rows; returns how many rows it changed.
  int run() { return statement_.exec(); }

  bool is_null(int column) const { return statement_.getColumn(column).isNull(); }
  std::int64_t integer(int column) const { return statement_.getColumn(column).getInt64(); }
  double real(int column) const { return statement_.getColumn(column).getDouble(); }
  std::string text(int column) const { return statement_.getColumn(column).getString(); }
  /// The bytes of a blob or text; valid until the next step.
  std::string_view bytes(int column) const {
    const SQLite::Column value = statement_.getColumn(column);
    const void* data = value.getBlob();
    return {static_cast<const char*>(data), static_cast<std::size_t>(value.getBytes())};
  }

 private:
  SQLite::Statement& statement_;
};

/// Statements of one connection, prepared at first use and kept.
class Statements {
 public:
  explicit Statements(SQLite::Database& database) : database_(database) {}

  /// The statement of this text, ready to bind. `sql` is a literal: its address is the key. A
  /// statement must not be in use twice at the same time.
  Query operator()(const char* sql) {
    auto found = kept_.find(sql);
    if (found == kept_.end()) found = kept_.try_emplace(sql, database_, sql).first;
    found->second.reset();
    return Query(found->second);
  }

  SQLite::Database& database() noexcept { return database_; }

  /// The store's schema. Another process may bring it up to date at any time, so that it is asked
  /// for until it is the newest; no store goes back.
  std::int64_t schema();

 private:
  SQLite::Database& database_;
  std::int64_t schema_ = 0;
  std::unordered_map<const char*, SQLite::Statement> kept_;
};

}  // namespace semblance::bank
