// SPDX-License-Identifier: Apache-2.0
#include "semblance/store.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "bank/bank_table.h"
#include "bank/content_digest.h"
#include "bank/database.h"
#include "bank/draft.h"
#include "bank/entry_table.h"
#include "bank/history.h"
#include "bank/indexed_rows.h"
#include "bank/policy.h"
#include "bank/schema.h"
#include "bank/sqlite_store.h"
#include "bank/transactions.h"

namespace semblance {
namespace bank {
namespace {

class SqliteStore final : public Store {
 public:
  SqliteStore(std::string path, OpenDatabase opened, Clock clock)
      : work_(std::move(path), std::move(opened)),
        clock_(std::move(clock)),
        sql_(work_.database()),
        banks_(sql_),
        entries_(sql_) {
    work_.set_tables({.before_commit =
                          [this](const std::set<std::int64_t>& touched) {
                            entries_.write_put_off();
                            banks_.bump_revisions(touched);
                          },
                      .after_rollback = [this] { entries_.forget_uncommitted(); }});
  }

  Result<BankInfo> create_bank(std::string_view name, const BankPolicy& policy) override;
  Result<BankInfo> find_bank(std::string_view name) override;
  Result<BankInfo> describe_bank(std::string_view name) override;
  Result<std::vector<BankInfo>> list_banks() override;
  Result<std::vector<BankInfo>> describe_banks() override;
  Status transaction(const std::function<Status()>& work) override { return work_.run(work); }
  Status read_snapshot(const std::function<Status()>& work) override { return work_.read(work); }
  Result<AddOutcome> add_entry(std::int64_t bank, const EntryDraft& draft, Merge merge) override;
  Result<AddOutcome> apply_tombstone(std::int64_t bank, std::string_view source,
                                     std::string_view source_id, std::string_view reason) override;
  Result<AddOutcome> add_withdrawn(std::int64_t bank, const EntryDraft& draft,
                                   const Withdrawal& withdrawal) override;
  Status withdraw(std::int64_t bank, std::int64_t entry, std::string_view reason) override;
  Result<Entry> entry(std::int64_t id) override;
  Result<std::int64_t> newest_entry() override;
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

 private:
  Error no_such_bank(std::string_view name);
  Result<AddOutcome> add_new_or_known(std::int64_t bank, const EntryDraft& draft, Merge merge);
  Result<AddOutcome> update_known(std::int64_t bank, std::int64_t id, const EntryDraft& draft,
                                  Merge merge);
  Result<AddOutcome> withdraw_new_or_known(std::int64_t bank, const EntryDraft& draft,
                                           const Withdrawal& withdrawal);
  Status check_bank(std::int64_t bank);
  Status check_room(const EntryDraft& draft);
  Error no_room(const char* operation, const char* what);
  BankInfo describe(std::int64_t bank) { return banks_.info(bank, clock_()); }
  Result<Entry> load_known(std::int64_t id);

  Transactions work_;
  const Clock clock_;
  Statements sql_;
  BankTable banks_;
  EntryTable entries_;
};

Error SqliteStore::no_such_bank(std::string_view name) {
  constexpr std::size_t kShown = 20;
  const auto all = banks_.names();
  std::string known;
  for (std::size_t i = 0; i < std::min(all.size(), kShown); ++i) {
    known += (i == 0 ? "" : ", ") + all[i].second;
  }
  if (all.size() > kShown) known += ", and " + std::to_string(all.size() - kShown) + " more";
  return {Errc::kNotFound, "find bank " + std::string(name) + ": not in store " + work_.path() +
                               (all.empty() ? ", which has no banks" : ", which has: " + known)};
}

Result<BankInfo> SqliteStore::create_bank(std::string_view name, const BankPolicy& policy) {
  if (auto status = check_bank_name(name); !status) return std::move(status).error();
  if (auto status = check_policy(policy); !status) return std::move(status).error();
  const std::string bank_name(name);
  return work_.changing<BankInfo>("create bank in", [&]() -> Result<BankInfo> {
    if (banks_.find(bank_name)) {
      return Error{Errc::kExists, "create bank " + bank_name + ": the name is taken"};
    }
    const BankPolicy kept = as_kept(policy);
    if (sql_.schema() < kPartsSchema && !fits_early_store(kept)) {
      return no_room("create bank in", "such a policy");
    }
    return describe(banks_.insert(bank_name, kept, clock_()));
  });
}

Result<BankInfo> SqliteStore::find_bank(std::string_view name) {
  return work_.locked<BankInfo>("read bank of", [&]() -> Result<BankInfo> {
    const auto bank = banks_.find(std::string(name));
    if (!bank) return no_such_bank(name);
    return describe(*bank);
  });
}

Result<BankInfo> SqliteStore::describe_bank(std::string_view name) {
  return work_.locked<BankInfo>("read bank of", [&]() -> Result<BankInfo> {
    const auto bank = banks_.find(std::string(name));
    if (!bank) return no_such_bank(name);
    return banks_.description(*bank);
  });
}

Result<std::vector<BankInfo>> SqliteStore::list_banks() {
  using Banks = std::vector<BankInfo>;
  return work_.locked<Banks>("read banks of", [&] {
    Banks all;
    for (const auto& [id, name] : banks_.names()) all.push_back(describe(id));
    return all;
  });
}

Result<std::vector<BankInfo>> SqliteStore::describe_banks() {
  using Banks = std::vector<BankInfo>;
  return work_.locked<Banks>("read banks of", [&] {
    Banks all;
    for (const auto& [id, name] : banks_.names()) all.push_back(banks_.description(id));
    return all;
  });
}

Result<AddOutcome> SqliteStore::add_entry(std::int64_t bank, const EntryDraft& draft, Merge merge) {
  if (auto status = check_draft(draft); !status) return std::move(status).error();
  return work_.changing<AddOutcome>("add entry to", [&]() -> Result<AddOutcome> {
    if (draft.labels.size() <= 1 && draft.signals.size() <= 1) {
      return add_new_or_known(bank, draft, merge);
    }
    EntryDraft normal = draft;
    normalise(normal);
    return add_new_or_known(bank, normal, merge);
  });
}

Status SqliteStore::check_bank(std::int64_t bank) {
  if (work_.touched(bank) || banks_.exists(bank)) return ok();
  return Error{Errc::kNotFound, "add entry: no bank of id " + std::to_string(bank)};
}

// Not a fault of the item: every other such of a list would meet it.
Status SqliteStore::check_room(const EntryDraft& draft) {
  const std::int64_t needed = schema_needed(draft.signals);
  if (needed < kVideoSchema || sql_.schema() >= needed) return ok();
  const char* const what =
      needed < kPartsSchema ? "videos" : "parts of pictures, features and embeddings";
  return no_room("add entry to", what);
}

Error SqliteStore::no_room(const char* operation, const char* what) {
  return {
      Errc::kUnsupported,
      std::string(operation) + ' ' + work_.path() +
          ": the store is of an early version, which has no room for " + what +
          "; open it when nobody else writes to it, or import an export of it into a new store"};
}

Result<Entry> SqliteStore::load_known(std::int64_t id) {
  auto loaded = entries_.load(id);
  if (!loaded) return std::move(loaded).error();
  if (!*loaded) {
    return Error{Errc::kCorruptStore,
                 "add entry to " + work_.path() + ": an index and its table differ"};
  }
  return **std::move(loaded);
}

Result<AddOutcome> SqliteStore::add_new_or_known(std::int64_t bank, const EntryDraft& draft,
                                                 Merge merge) {
  if (auto there = check_bank(bank); !there) return std::move(there).error();
  if (auto room = check_room(draft); !room) return std::move(room).error();
  const auto known = entries_.find(bank, draft.source, draft.source_id);
  if (known) return update_known(bank, *known, draft, merge);
  entries_.insert(bank, draft, clock_());
  work_.touch(bank);
  return AddOutcome::kAdded;
}

Result<AddOutcome> SqliteStore::update_known(std::int64_t bank, std::int64_t id,
                                             const EntryDraft& draft, Merge merge) {
  auto loaded = load_known(id);
  if (!loaded) return std::move(loaded).error();
  const Entry& standing = *loaded;
  if (standing.withdrawn_by == WithdrawnBy::kPerson) return AddOutcome::kKeptWithdrawn;
  const EntryDraft item = merge == Merge::kUnite ? united(standing.item, draft) : draft;
  const bool same = item.labels == standing.item.labels && item.signals == standing.item.signals &&
                    item.expires_at == standing.item.expires_at;
  if (same && !standing.withdrawn_at) return AddOutcome::kUnchanged;
  // United, an item may have grown over what one may hold.
  if (auto status = check_draft(item); !status) return std::move(status).error();
  entries_.rewrite(standing.id, item, clock_());
  work_.touch(bank);
  return AddOutcome::kUpdated;
}

Result<AddOutcome> SqliteStore::apply_tombstone(std::int64_t bank, std::string_view source,
                                                std::string_view source_id,
                                                std::string_view reason) {
  if (source.empty() || source_id.empty()) {
    return Error{Errc::kBadArgument, "apply tombstone: without a source or an id there"};
  }
  if (auto status = check_text("reason", reason, kMaxTextBytes); !status) {
    return std::move(status).error();
  }
  return work_.changing<AddOutcome>("apply tombstone to", [&]() -> Result<AddOutcome> {
    const auto id = entries_.find(bank, std::string(source), std::string(source_id));
    if (!id) return AddOutcome::kTombstoneUnknown;
    auto loaded = entries_.load(*id);
    if (!loaded) return std::move(loaded).error();
    if (!*loaded || (*loaded)->withdrawn_at) return AddOutcome::kTombstoneUnknown;
    entries_.withdraw(*id, {WithdrawnBy::kSource, {}, std::string(reason)}, clock_());
    work_.touch(bank);
    return AddOutcome::kWithdrawn;
  });
}

Result<AddOutcome> SqliteStore::add_withdrawn(std::int64_t bank, const EntryDraft& draft,
                                              const Withdrawal& withdrawal) {
  if (auto status = check_draft(draft); !status) return std::move(status).error();
  if (auto status = check_text("reason", withdrawal.reason, kMaxTextBytes); !status) {
    return std::move(status).error();
  }
  EntryDraft normal = draft;
  normalise(normal);
  return work_.changing<AddOutcome>(
      "add entry to", [&] { return withdraw_new_or_known(bank, normal, withdrawal); });
}

Result<AddOutcome> SqliteStore::withdraw_new_or_known(std::int64_t bank, const EntryDraft& draft,
                                                      const Withdrawal& withdrawal) {
  if (auto there = check_bank(bank); !there) return std::move(there).error();
  if (auto room = check_room(draft); !room) return std::move(room).error();
  const auto known = entries_.find(bank, draft.source, draft.source_id);
  auto outcome = AddOutcome::kWithdrawn;
  if (known) {
    auto standing = load_known(*known);
    if (!standing) return std::move(standing).error();
    if (standing->withdrawn_at) {
      const bool outweighs =
          withdrawal.by == WithdrawnBy::kPerson && standing->withdrawn_by == WithdrawnBy::kSource;
      if (!outweighs) return AddOutcome::kUnchanged;
      outcome = AddOutcome::kUpdated;
    }
    entries_.rewrite(*known, draft, clock_());
  }
  const std::int64_t id = known ? *known : entries_.insert(bank, draft, clock_());
  entries_.withdraw(id, withdrawal, clock_());
  work_.touch(bank);
  return outcome;
}

Status SqliteStore::withdraw(std::int64_t bank, std::int64_t entry, std::string_view reason) {
  if (auto status = check_text("reason", reason, kMaxTextBytes); !status) return status;
  return work_.changing<std::monostate>("withdraw entry of", [&]() -> Status {
    auto loaded = entries_.load(entry);
    if (!loaded) return std::move(loaded).error();
    if (!*loaded || (*loaded)->bank != banks_.description(bank).name) {
      return Error{Errc::kNotFound,
                   "withdraw entry " + std::to_string(entry) + ": the bank has no such entry"};
    }
    // A person's word stands above a source's: it also keeps what the source may send again out.
    if ((*loaded)->withdrawn_by == WithdrawnBy::kPerson) return ok();
    entries_.withdraw(entry, {WithdrawnBy::kPerson, {}, std::string(reason)}, clock_());
    work_.touch(bank);
    return ok();
  });
}

Result<Entry> SqliteStore::entry(std::int64_t id) {
  return work_.locked<Entry>("read entry of", [&]() -> Result<Entry> {
    auto loaded = entries_.load(id);
    if (!loaded) return std::move(loaded).error();
    if (!*loaded) {
      return Error{Errc::kNotFound,
                   "read entry " + std::to_string(id) + ": not in store " + work_.path()};
    }
    return **std::move(loaded);
  });
}

Result<std::int64_t> SqliteStore::newest_entry() {
  return work_.locked<std::int64_t>("read entries of", [&]() -> Result<std::int64_t> {
    Query query = sql_("SELECT COALESCE(MAX(id), 0) FROM entries");
    query.next();
    return query.integer(0);
  });
}

Status SqliteStore::for_each_entry(std::int64_t bank, std::int64_t after,
                                   const std::function<bool(const Entry&)>& visit) {
  return work_.locked<std::monostate>("read entries of",
                                      [&] { return entries_.for_each(bank, after, visit); });
}

Status SqliteStore::for_each_pdq(std::int64_t after,
                                 const std::function<bool(const IndexedSignal&)>& visit) {
  return work_.locked<std::monostate>("read signals of", [&] {
    return bank::for_each_indexed(sql_, entries_.large(), after, clock_(), visit);
  });
}

Status SqliteStore::for_each_signal(SignalKind kind, std::int64_t after,
                                    const std::function<bool(std::int64_t entry, std::int64_t bank,
                                                             const BankSignal& signal)>& visit) {
  return work_.locked<std::monostate>("read signals of", [&] {
    return for_each_of_pictures(sql_, entries_.large(), kind, after, clock_(), visit);
  });
}

Status SqliteStore::for_each_tmk(std::int64_t after,
                                 const std::function<bool(const IndexedTmk&)>& visit) {
  return work_.locked<std::monostate>("read signals of", [&] {
    return for_each_tmk_mean(sql_, entries_.large(), after, clock_(), visit);
  });
}

Result<std::map<std::int64_t, ActiveCounts>> SqliteStore::count_active() {
  using Counts = std::map<std::int64_t, ActiveCounts>;
  return work_.locked<Counts>("count entries of",
                              [&] { return bank::count_active(sql_, clock_()); });
}

Result<StoreState> SqliteStore::state() {
  return work_.locked<StoreState>("read state of", [&] { return bank::state(sql_, clock_()); });
}

Result<bool> SqliteStore::has_been(const StoreState& then) {
  return work_.locked<bool>("read state of", [&] { return bank::has_been(sql_, then); });
}

Result<std::vector<std::int64_t>> SqliteStore::changed_entries(const StoreState& then,
                                                               const StoreState& now) {
  return work_.locked<std::vector<std::int64_t>>(
      "read changes of", [&] { return bank::changed_entries(sql_, then, now); });
}

Result<std::vector<std::int64_t>> SqliteStore::find_digest(const SignalValue& digest) {
  if (!is_digest(digest.kind) || digest.bytes.size() != value_bytes(digest.kind)) {
    return Error{Errc::kBadArgument, "find digest: not a digest of its kind's size"};
  }
  return work_.locked<std::vector<std::int64_t>>(
      "find digest in", [&] { return entries_.holders_of(digest, clock_()); });
}

Result<std::string> SqliteStore::content_digest(std::string_view bank) {
  return work_.locked<std::string>("digest bank of", [&]() -> Result<std::string> {
    const auto id = banks_.find(std::string(bank));
    if (!id) return no_such_bank(bank);
    return bank::content_digest(sql_, entries_.large(), banks_.description(*id), clock_());
  });
}

}  // namespace

Result<std::unique_ptr<Store>> open_store_with_clock(const std::string& path, bool create,
                                                     Clock clock) {
  auto opened = open_database(path, create);
  if (!opened) return std::move(opened).error();
  return std::unique_ptr<Store>(
      std::make_unique<SqliteStore>(path, *std::move(opened), std::move(clock)));
}

}  // namespace bank

Result<std::unique_ptr<Store>> open_store(const std::string& path, bool create) {
  return bank::open_store_with_clock(path, create, [] {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  });
}

}  // namespace semblance
