// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: what a store tells of its own changes, so that searchers can keep up.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "bank/database.h"
#include "semblance/store.h"

namespace semblance::bank {

/// Returns whether the store is of a schema that keeps a history. Throws SQLite::Exception, as all
/// of these.
bool keeps_history(Statements& sql);

/// See Store::state. Without a history the number is made of the banks' revisions.
StoreState state(Statements& sql, UnixSeconds now);

/// See Store::has_been.
bool has_been(Statements& sql, const StoreState& then);

/// See Store::changed_entries.
std::vector<std::int64_t> changed_entries(Statements& sql, const StoreState& then,
                                          const StoreState& now);

/// See Store::count_active. Errc::kCorruptStore for counts that no build of ours writes.
Result<std::map<std::int64_t, ActiveCounts>> count_active(Statements& sql, UnixSeconds now);

/// Counts of signals by what decides whether they are searched, gathered in a transaction: one row
/// each is changed at its end.
class SignalCounter {
 public:
  /// Adds the draft of a new entry, which holds no large signal.
  void add(Statements& sql, std::int64_t bank, const EntryDraft& draft);

  /// Adds (1) or takes away (-1) what the entry holds now, if it is not withdrawn.
  void add_standing(Statements& sql, std::int64_t entry, int by);

  /// To be called before a transaction is committed.
  void write(Statements& sql);

  /// To be called when it was rolled back.
  void forget() { changes_.clear(); }

 private:
  struct Key {
    std::int64_t bank = 0;
    int kind = 0;      // 0: the entry itself
    int profile = 0;   // 0: not PDQ and not frames, or not said; more in schema.cpp
    int quality = -1;  // -1: not said

    friend auto operator<=>(const Key&, const Key&) = default;
  };
  std::map<Key, std::int64_t> changes_;
};

}  // namespace semblance::bank
