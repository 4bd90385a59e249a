// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: the rows of entries, their labels and signals.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "bank/database.h"
#include "semblance/store.h"

namespace semblance::bank {

/// Reads and writes entries. Throws SQLite::Exception; a row that no build of ours writes is
/// Errc::kCorruptStore. Not thread-safe. Drafts given are checked and normalised.
class EntryTable {
 public:
  explicit EntryTable(Statements& sql) : sql_(sql) {}

  /// Inserts the draft; nullopt, and nothing is changed, if its source and id are there.
  std::optional<std::int64_t> insert(std::int64_t bank, const EntryDraft& draft, UnixSeconds now);

  std::optional<std::int64_t> find(std::int64_t bank, const std::string& source,
                                   const std::string& source_id);

  /// The entry, or nullopt if there is none of that id.
  Result<std::optional<Entry>> load(std::int64_t id);

  /// Calls `visit` for the bank's entries above `after`, in order of id.
  Status for_each(std::int64_t bank, std::int64_t after,
                  const std::function<bool(const Entry&)>& visit);

  /// Makes the entry say what `item` says, and live if it was withdrawn.
  void rewrite(std::int64_t id, const EntryDraft& item, UnixSeconds now);

  void withdraw(std::int64_t id, WithdrawnBy by, const std::string& reason, UnixSeconds now);

  /// To be called when a transaction was rolled back: what it had inserted is gone.
  void forget_sources() { sources_.clear(); }

 private:
  std::int64_t source_row(const std::string& source);
  void insert_parts(std::int64_t id, const EntryDraft& item);
  Status read_parts(Entry& entry);

  Statements& sql_;
  std::unordered_map<std::string, std::int64_t> sources_;  // name to row
};

/// The row's signal, or Errc::kCorruptStore: columns kind, value, profile, quality, version from
/// `first` on.
Result<BankSignal> read_signal(const Query& row, int first, std::int64_t entry);

}  // namespace semblance::bank
