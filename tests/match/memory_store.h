// SPDX-License-Identifier: Apache-2.0
// A store in memory, so that tests and benches of matching need no database.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "semblance/store.h"

namespace semblance {

/// Banks and entries in maps. Counts what is asked of it, and lets a test change what it holds.
///
/// Safe to read from several threads. Of the writing calls only create_bank, add_entry and
/// withdraw are there; the others are Errc::kUnsupported.
class MemoryStore final : public Store {
 public:
  Result<BankInfo> create_bank(std::string_view name, const BankPolicy& policy) override;
  Result<BankInfo> find_bank(std::string_view name) override;
  Result<BankInfo> describe_bank(std::string_view name) override { return find_bank(name); }
  Result<std::vector<BankInfo>> list_banks() override;
  Result<std::vector<BankInfo>> describe_banks() override { return list_banks(); }
  Status transaction(const std::function<Status()>& work) override;
  Status read_snapshot(const std::function<Status()>& work) override;
  Result<AddOutcome> add_entry(std::int64_t bank, const EntryDraft& draft, Merge merge) override;
  Result<AddOutcome> apply_tombstone(std::int64_t bank, std::string_view source,
                                     std::string_view source_id, std::string_view reason) override;
  Status withdraw(std::int64_t bank, std::int64_t entry, std::string_view reason) override;
  Result<AddOutcome> add_withdrawn(std::int64_t bank, const EntryDraft& draft,
                                   const Withdrawal& withdrawal) override;
  Result<Entry> entry(std::int64_t id) override;
  Result<std::int64_t> newest_entry() override { return next_entry_ - 1; }
  Status for_each_entry(std::int64_t bank, std::int64_t after,
                        const std::function<bool(const Entry&)>& visit) override;
  Status for_each_pdq(std::int64_t after,
                      const std::function<bool(const IndexedSignal&)>& visit) override;
  Status for_each_signal(SignalKind kind, std::int64_t after,
                         const std::function<bool(std::int64_t entry, std::int64_t bank,
                                                  const BankSignal& signal)>& visit) override;
  Status for_each_tmk(std::int64_t after,
                      const std::function<bool(const IndexedTmk&)>& visit) override;
  Result<std::map<std::int64_t, ActiveCounts>> count_active() override;
  Result<StoreState> state() override;
  Result<bool> has_been(const StoreState& then) override;
  Result<std::vector<std::int64_t>> changed_entries(const StoreState& then,
                                                    const StoreState& now) override;
  Result<std::vector<std::int64_t>> find_digest(const SignalValue& digest) override;
  Result<std::string> content_digest(std::string_view bank) override;

  /// The entry itself, to change it behind a matcher's back. The id must exist.
  Entry& at(std::int64_t id) { return entries_.at(id); }

  /// Gives the entry other signals, as a source that sends it again does.
  void update(std::int64_t id, std::vector<BankSignal> signals);
  void erase(std::int64_t id) { entries_.erase(id); }

  std::atomic<int> entry_reads{0};
  std::atomic<int> digest_lookups{0};
  int transactions = 0;
  int snapshots = 0;
  int pdq_reads = 0;  // signals given by for_each_pdq
  int pdq_reads_in_snapshots = 0;
  bool keeps_history = true;
  Errc entry_failure = Errc::kNotFound;  // other than that: what every call of entry() fails with

 private:
  BankInfo described(const BankInfo& bank) const;
  void changed(std::int64_t id);

  std::map<std::string, BankInfo, std::less<>> banks_;
  std::map<std::int64_t, Entry> entries_;
  std::int64_t next_entry_ = 1;
  bool in_snapshot_ = false;
  std::int64_t number_ = 1;            // of the state
  std::vector<std::int64_t> changes_;  // entries, by number from 1 on
};

}  // namespace semblance
