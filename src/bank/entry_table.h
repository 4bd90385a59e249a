// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: the rows of entries, their labels and signals.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "bank/database.h"
#include "bank/history.h"
#include "bank/large_signal_table.h"
#include "semblance/store.h"

namespace semblance::bank {

/// Reads and writes entries. Throws SQLite::Exception; a row that no build of ours writes is
/// Errc::kCorruptStore. Not thread-safe. Drafts given are checked and normalised.
class EntryTable {
 public:
  explicit EntryTable(Statements& sql) : sql_(sql), large_(sql) {}

  /// Inserts the draft and gives its id. Precondition: find() knows no entry of its source and id.
  std::int64_t insert(std::int64_t bank, const EntryDraft& draft, UnixSeconds now);

  std::optional<std::int64_t> find(std::int64_t bank, const std::string& source,
                                   const std::string& source_id);

  /// The entry, or nullopt if there is none of that id.
  Result<std::optional<Entry>> load(std::int64_t id);

  /// Calls `visit` for the bank's entries above `after`, in order of id.
  Status for_each(std::int64_t bank, std::int64_t after,
                  const std::function<bool(const Entry&)>& visit);

  /// Ids of the entries active at `now` that hold the digest, ascending.
  std::vector<std::int64_t> holders_of(const SignalValue& digest, UnixSeconds now);

  /// Makes the entry say what `item` says, and live if it was withdrawn.
  void rewrite(std::int64_t id, const EntryDraft& item, UnixSeconds now);

  void withdraw(std::int64_t id, const Withdrawal& withdrawal, UnixSeconds now);

  /// Where the signals are that are not short. A draft that has one needs it to be there.
  LargeSignalTable& large() noexcept { return large_; }

  /// To be called before a transaction is committed: writes what was put off.
  void write_put_off() {
    write_keys();
    counter_.write(sql_);
  }

  /// To be called when a transaction was rolled back: what it had inserted is gone.
  void forget_uncommitted() {
    sources_.clear();
    new_keys_.clear();
    counter_.forget();
    large_.forget_uncommitted();
  }

 private:
  void write_keys();
  std::optional<std::int64_t> find_source(const std::string& source);
  std::int64_t source_row(const std::string& source);
  bool is_entry(std::int64_t id, std::int64_t bank, std::int64_t source,
                const std::string& source_id);
  void insert_parts(std::int64_t id, const EntryDraft& item);
  Status read_parts(Entry& entry);

  Statements& sql_;
  LargeSignalTable large_;
  std::unordered_map<std::string, std::int64_t> sources_;  // name to row
  // Keys of entries inserted by the open transaction, which are not in the table yet: in order,
  // they are written a page at a time, where one by one each would change a page of its own.
  std::unordered_multimap<std::int64_t, std::int64_t> new_keys_;  // to entry
  SignalCounter counter_;
};

/// The row's short signal, or Errc::kCorruptStore: columns kind, value, profile, quality, version,
/// part from `first` on.
Result<BankSignal> read_signal(const Query& row, int first, std::int64_t entry);

}  // namespace semblance::bank
