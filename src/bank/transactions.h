// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: one store's connection, who may use it when, and what becomes of changes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "bank/database.h"

namespace semblance::bank {

/// Runs work on a store's connection: one thread at a time, and all of a change or nothing of it.
/// What SQLite throws becomes an error. Thread-safe.
class Transactions {
 public:
  /// What the tables have to do at the end of a transaction.
  struct Tables {
    std::function<void(const std::set<std::int64_t>& touched)> before_commit;
    std::function<void()> after_rollback;
  };

  Transactions(std::string path, OpenDatabase opened)
      : path_(std::move(path)),
        database_(std::move(opened.database)),
        read_only_(opened.read_only) {}

  void set_tables(Tables tables) { tables_ = std::move(tables); }

  const std::string& path() const noexcept { return path_; }
  SQLite::Database& database() noexcept { return *database_; }

  /// Notes that the open transaction has changed a bank.
  void touch(std::int64_t bank) { touched_.insert(bank); }
  bool touched(std::int64_t bank) const { return touched_.contains(bank); }

  /// Runs `work` under the lock; what SQLite throws becomes an error of `operation`. An operation
  /// that failed half way through a transaction dooms it: its parts must not be committed.
  template <class T, class Work>
  Result<T> locked(const char* operation, Work&& work) {
    const std::lock_guard lock(mutex_);
    try {
      return work();
    } catch (const SQLite::Exception& thrown) {
      Error error = sqlite_failure(operation, path_, thrown);
      if (in_transaction_ && !doomed_) doomed_ = error;
      return error;
    }
  }

  /// As locked, in the transaction that is open or in one of its own.
  template <class T, class Work>
  Result<T> changing(const char* operation, Work&& work) {
    return locked<T>(operation, [&]() -> Result<T> {
      if (in_transaction_) return work();
      if (auto refused = refusal_to_change(operation)) return *std::move(refused);
      return in_new_transaction<T>(std::forward<Work>(work));
    });
  }

  /// See Store::transaction and Store::read_snapshot.
  Status run(const std::function<Status()>& work);
  Status read(const std::function<Status()>& work);

 private:
  class Open;

  std::optional<Error> refusal_to_change(const char* operation) const;

  template <class T, class Work>
  Result<T> in_new_transaction(Work&& work);

  const std::string path_;
  std::recursive_mutex mutex_;  // recursive: the work of a transaction calls the store
  std::unique_ptr<SQLite::Database> database_;
  const bool read_only_;
  Tables tables_;
  bool in_transaction_ = false;
  bool in_snapshot_ = false;
  std::optional<Error> doomed_;     // why the open transaction cannot be committed
  std::set<std::int64_t> touched_;  // banks that the open transaction has changed
};

// Leaves nothing behind however the work ends: what is not committed is rolled back.
class Transactions::Open {
 public:
  explicit Open(Transactions& of)
      : of_(of), sql_(*of.database_, SQLite::TransactionBehavior::IMMEDIATE) {
    of_.in_transaction_ = true;
  }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;
  ~Open() {
    of_.in_transaction_ = false;
    of_.doomed_.reset();
    of_.touched_.clear();
    if (!committed_) of_.tables_.after_rollback();
  }
  void commit() {
    of_.tables_.before_commit(of_.touched_);
    sql_.commit();
    committed_ = true;
  }

 private:
  Transactions& of_;
  SQLite::Transaction sql_;
  bool committed_ = false;
};

template <class T, class Work>
Result<T> Transactions::in_new_transaction(Work&& work) {
  Open open(*this);
  Result<T> result = work();
  if (!result) return result;
  if (doomed_) return *doomed_;
  open.commit();
  return result;
}

}  // namespace semblance::bank
