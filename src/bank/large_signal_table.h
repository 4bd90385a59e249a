// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: the rows of signals that are of more than a few bytes, up to many megabytes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "bank/database.h"
#include "semblance/store.h"

namespace semblance::bank {

/// Returns whether one of the signals is kept in a LargeSignalTable.
bool any_large(std::span<const BankSignal> signals) noexcept;

/// Reads and writes the signals of videos, and features and embeddings of pictures. Throws
/// SQLite::Exception; a row that no build of ours writes is Errc::kCorruptStore. Not thread-safe.
class LargeSignalTable {
 public:
  explicit LargeSignalTable(Statements& sql) : sql_(sql) {}

  /// Returns whether the store is of a schema that has the table. Without it, there is nothing to
  /// read, and nothing may be inserted.
  bool exists();

  /// Inserts those of `signals` that are large, in their order.
  void insert(std::int64_t entry, std::span<const BankSignal> signals);

  void erase(std::int64_t entry);

  /// Adds the entry's signals to `into`, in the order of a normalised draft.
  Status read(std::int64_t entry, std::vector<BankSignal>& into);

  /// To be called when a transaction was rolled back.
  void forget_uncommitted() { models_.clear(); }

 private:
  std::int64_t model_row(const std::string& model);

  Statements& sql_;
  std::unordered_map<std::string, std::int64_t> models_;  // name to row
};

/// Calls `visit` for the mean of each TMK of an active entry: see Store::for_each_tmk. Throws as
/// the table does.
Status for_each_tmk_mean(Statements& sql, LargeSignalTable& table, std::int64_t after,
                         UnixSeconds now, const std::function<bool(const IndexedTmk&)>& visit);

/// A large signal of an active entry.
struct ActiveLargeSignal {
  std::int64_t entry = 0;
  std::int64_t bank = 0;
  std::string source;
  std::string source_id;
  BankSignal signal;
};

/// The large signals of active entries, in order of entry, kind and value. Throws as the table
/// does.
class ActiveLargeSignals {
 public:
  /// Of one bank, or of all; of one kind, or of all; of entries above `after`.
  struct Of {
    std::optional<std::int64_t> bank{};
    std::optional<SignalKind> kind{};
    std::int64_t after = 0;
  };

  ActiveLargeSignals(Statements& sql, LargeSignalTable& table, const Of& of, UnixSeconds now);

  /// The entry of the next signal; absent at the end.
  std::optional<std::int64_t> entry() const;

  /// That signal. Precondition: entry() is there.
  Result<ActiveLargeSignal> signal() const;

  void advance();

 private:
  std::unique_ptr<SQLite::Statement> statement_;  // null: there are none
  std::optional<Query> rows_;
  bool more_ = false;
};

}  // namespace semblance::bank
