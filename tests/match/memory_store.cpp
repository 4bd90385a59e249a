// SPDX-License-Identifier: Apache-2.0
#include "match/memory_store.h"

#include <algorithm>
#include <ctime>
#include <set>
#include <utility>

namespace semblance {
namespace {

UnixSeconds now() { return static_cast<UnixSeconds>(std::time(nullptr)); }

Error unsupported(const char* call) {
  return {Errc::kUnsupported, std::string(call) + " memory store: not there"};
}

// As a store counts: a video, and the frames of each quality.
void count(const BankSignal& signal, std::vector<SignalCount>& into) {
  SignalCount one;
  one.kind = signal.value.kind;
  one.profile = signal.profile.value_or(PdqProfile::kFull);
  one.quality = signal.quality;
  one.signals = 1;
  one.part = signal.part.has_value();
  one.model = signal.model;
  if (one.kind != SignalKind::kVpdq) {
    into.push_back(one);
    return;
  }
  const auto video = parse_video_signal(signal.value.bytes);
  one.sparse = video && !is_dense(*video);
  into.push_back(one);
  one.sparse = false;
  const auto frames = indexed_signals({&signal, 1}, 0, 0);
  for (std::size_t i = 0; frames && i < frames->size(); ++i) {
    one.quality = (*frames)[i].quality;
    into.push_back(one);
  }
}

}  // namespace

Result<BankInfo> MemoryStore::create_bank(std::string_view name, const BankPolicy& policy) {
  BankInfo bank;
  bank.id = static_cast<std::int64_t>(banks_.size()) + 1;
  bank.name = name;
  bank.policy = policy;
  const auto [at, created] = banks_.emplace(bank.name, bank);
  if (!created) return Error{Errc::kExists, "create bank " + bank.name + ": it is there"};
  return at->second;
}

BankInfo MemoryStore::described(const BankInfo& bank) const {
  BankInfo info = bank;
  for (const auto& [id, entry] : entries_) {
    if (entry.bank != bank.name || !entry.active(now())) continue;
    ++info.active;
    for (const BankSignal& signal : entry.item.signals) ++info.signals[signal.value.kind];
  }
  return info;
}

Result<BankInfo> MemoryStore::find_bank(std::string_view name) {
  const auto bank = banks_.find(name);
  if (bank == banks_.end()) return Error{Errc::kNotFound, "find bank " + std::string(name)};
  return described(bank->second);
}

Result<std::vector<BankInfo>> MemoryStore::list_banks() {
  std::vector<BankInfo> all;
  for (const auto& [name, bank] : banks_) all.push_back(described(bank));
  return all;
}

Status MemoryStore::transaction(const std::function<Status()>& work) {
  ++transactions;
  return work();
}

Status MemoryStore::read_snapshot(const std::function<Status()>& work) {
  ++snapshots;
  in_snapshot_ = true;
  auto done = work();
  in_snapshot_ = false;
  return done;
}

Result<AddOutcome> MemoryStore::add_entry(std::int64_t bank, const EntryDraft& draft, Merge) {
  for (auto& [name, info] : banks_) {
    if (info.id != bank) continue;
    ++info.revision;
    ++number_;
    Entry entry;
    entry.id = next_entry_++;
    entry.bank = name;
    entry.item = draft;
    entries_.emplace(entry.id, std::move(entry));
    return AddOutcome::kAdded;
  }
  return Error{Errc::kNotFound, "add entry: no bank " + std::to_string(bank)};
}

Result<AddOutcome> MemoryStore::apply_tombstone(std::int64_t, std::string_view, std::string_view,
                                                std::string_view) {
  return unsupported("apply tombstone");
}

Result<AddOutcome> MemoryStore::add_withdrawn(std::int64_t, const EntryDraft&, const Withdrawal&) {
  return unsupported("add withdrawn");
}

Status MemoryStore::withdraw(std::int64_t, std::int64_t id, std::string_view reason) {
  const auto entry = entries_.find(id);
  if (entry == entries_.end()) return Error{Errc::kNotFound, "withdraw " + std::to_string(id)};
  entry->second.withdrawn_at = now();
  entry->second.withdrawn_by = WithdrawnBy::kPerson;
  entry->second.withdrawn_reason = reason;
  changed(id);
  return ok();
}

Result<Entry> MemoryStore::entry(std::int64_t id) {
  ++entry_reads;
  if (entry_failure != Errc::kNotFound) return Error{entry_failure, "read entry: told to fail"};
  const auto entry = entries_.find(id);
  if (entry == entries_.end()) return Error{Errc::kNotFound, "entry " + std::to_string(id)};
  return entry->second;
}

Status MemoryStore::for_each_entry(std::int64_t, std::int64_t,
                                   const std::function<bool(const Entry&)>&) {
  return unsupported("for each entry");
}

Status MemoryStore::for_each_signal(SignalKind kind, std::int64_t after,
                                    const std::function<bool(std::int64_t entry, std::int64_t bank,
                                                             const BankSignal& signal)>& visit) {
  for (const auto& [id, entry] : entries_) {
    if (id <= after || !entry.active(now())) continue;
    for (const BankSignal& signal : entry.item.signals) {
      if (signal.value.kind != kind) continue;
      if (!visit(id, banks_.find(entry.bank)->second.id, signal)) return ok();
    }
  }
  return ok();
}

Status MemoryStore::for_each_tmk(std::int64_t after,
                                 const std::function<bool(const IndexedTmk&)>& visit) {
  for (const auto& [id, entry] : entries_) {
    if (id <= after || !entry.active(now())) continue;
    for (const BankSignal& signal : entry.item.signals) {
      if (signal.value.kind != SignalKind::kTmk) continue;
      const auto tmk = parse_tmk(signal.value.bytes);
      if (!tmk) return tmk.error();
      if (!visit({id, banks_.find(entry.bank)->second.id, tmk->mean})) return ok();
    }
  }
  return ok();
}

void MemoryStore::changed(std::int64_t id) {
  changes_.push_back(id);
  ++number_;
}

void MemoryStore::update(std::int64_t id, std::vector<BankSignal> signals) {
  Entry& entry = entries_.at(id);
  entry.item.signals = std::move(signals);
  entry.withdrawn_at.reset();
  changed(id);
}

Result<std::map<std::int64_t, ActiveCounts>> MemoryStore::count_active() {
  std::map<std::int64_t, ActiveCounts> counts;
  for (const auto& [id, entry] : entries_) {
    if (!entry.active(now())) continue;
    ActiveCounts& bank = counts[banks_.find(entry.bank)->second.id];
    ++bank.entries;
    for (const BankSignal& signal : entry.item.signals) count(signal, bank.signals);
  }
  return counts;
}

Result<StoreState> MemoryStore::state() {
  StoreState state;
  state.number = number_;
  state.token = keeps_history ? std::string(32, 'a') : "";
  state.newest_entry = next_entry_ - 1;
  state.newest_change = static_cast<std::int64_t>(changes_.size());
  state.at = now();
  for (const auto& [id, entry] : entries_) {
    const auto& expiry = entry.item.expires_at;
    if (!expiry || *expiry <= state.at) continue;
    state.next_expiry = std::min(*expiry, state.next_expiry.value_or(*expiry));
  }
  return state;
}

Result<bool> MemoryStore::has_been(const StoreState& then) {
  return keeps_history && then.number <= number_;
}

Result<std::vector<std::int64_t>> MemoryStore::changed_entries(const StoreState& then,
                                                               const StoreState& now) {
  std::set<std::int64_t> ids(changes_.begin() + then.newest_change, changes_.end());
  for (const auto& [id, entry] : entries_) {
    const auto& expiry = entry.item.expires_at;
    if (expiry && *expiry > then.at && *expiry <= now.at) ids.insert(id);
  }
  std::erase_if(ids, [&](std::int64_t id) { return id > then.newest_entry; });
  return std::vector<std::int64_t>(ids.begin(), ids.end());
}

Status MemoryStore::for_each_pdq(std::int64_t after,
                                 const std::function<bool(const IndexedSignal&)>& visit) {
  for (const auto& [id, entry] : entries_) {
    if (id <= after || !entry.active(now())) continue;
    const auto hashes = indexed_signals(entry.item.signals, id, banks_.find(entry.bank)->second.id);
    if (!hashes) return hashes.error();
    for (const IndexedSignal& indexed : *hashes) {
      ++pdq_reads;
      if (in_snapshot_) ++pdq_reads_in_snapshots;
      if (!visit(indexed)) return ok();
    }
  }
  return ok();
}

Result<std::vector<std::int64_t>> MemoryStore::find_digest(const SignalValue& digest) {
  ++digest_lookups;
  std::vector<std::int64_t> ids;
  for (const auto& [id, entry] : entries_) {
    const auto& signals = entry.item.signals;
    const bool held = std::any_of(signals.begin(), signals.end(),
                                  [&](const BankSignal& signal) { return signal.value == digest; });
    if (held && entry.active(now())) ids.push_back(id);
  }
  return ids;
}

Result<std::string> MemoryStore::content_digest(std::string_view bank) {
  auto info = find_bank(bank);
  if (!info) return std::move(info).error();
  return info->name + '@' + std::to_string(info->revision);
}

}  // namespace semblance
