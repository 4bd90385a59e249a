// SPDX-License-Identifier: Apache-2.0
#include "bank/entry_table.h"

#include <algorithm>
#include <array>
#include <utility>

#include "bank/draft.h"
#include "bank/picture_parts.h"
#include "bank/schema.h"
#include "core/digest.h"

namespace semblance::bank {
namespace {

// A transaction of more new entries than this writes keys in between: they stay a few megabytes.
constexpr std::size_t kMaxNewKeys = 200'000;

// Part of a cryptographic digest, so that no list can choose ids whose keys collide. Keys spread
// evenly; equal ones only cost a comparison of text.
std::int64_t key_of(std::int64_t bank, std::int64_t source, const std::string& source_id) {
  constexpr std::array kKinds = {SignalKind::kSha256};
  Digester digester(kKinds);
  digester.update(std::to_string(bank) + ' ' + std::to_string(source) + ' ' + source_id);
  std::uint64_t key = 0;
  const std::vector<SignalValue> digest = digester.finish();
  for (std::size_t i = 0; i < sizeof(key); ++i) key = key << 8 | digest.front().bytes[i];
  return static_cast<std::int64_t>(key);
}

Error damaged(std::int64_t entry, std::string_view what) {
  return {Errc::kCorruptStore, "read entry " + std::to_string(entry) + ": " + std::string(what) +
                                   "; the store is damaged: restore a copy"};
}

// The columns of an Entry, as read_entry takes them.
#define SEMBLANCE_ENTRY_COLUMNS                                                       \
  "SELECT e.id, b.name, s.name, e.source_id, e.added_at, e.updated_at, e.expires_at," \
  " e.withdrawn_at, e.withdrawn_by, e.withdrawn_reason"                               \
  " FROM entries e JOIN banks b ON b.id = e.bank JOIN sources s ON s.id = e.source "

constexpr const char* kInsertWhole =
    "INSERT INTO signals(entry, kind, value, profile, quality, version) VALUES(?,?,?,?,?,?)";
constexpr const char* kInsertPart =
    "INSERT INTO signals(entry, kind, value, profile, quality, version, part)"
    " VALUES(?,?,?,?,?,?,?)";

#define SEMBLANCE_SIGNALS_OF_ENTRY(part)                 \
  "SELECT kind, value, profile, quality, version, " part \
  " FROM signals WHERE entry=?"                          \
  " ORDER BY kind, value, profile"
constexpr const char* kSignalsOfEntry = SEMBLANCE_SIGNALS_OF_ENTRY("part");
constexpr const char* kSignalsWithoutParts = SEMBLANCE_SIGNALS_OF_ENTRY("NULL");

Entry read_entry(const Query& row) {
  Entry entry;
  entry.id = row.integer(0);
  entry.bank = row.text(1);
  entry.item.source = row.text(2);
  entry.item.source_id = row.text(3);
  entry.added_at = row.integer(4);
  entry.updated_at = row.integer(5);
  if (!row.is_null(6)) entry.item.expires_at = row.integer(6);
  if (!row.is_null(7)) entry.withdrawn_at = row.integer(7);
  if (!row.is_null(8)) {
    entry.withdrawn_by = row.integer(8) == 1 ? WithdrawnBy::kPerson : WithdrawnBy::kSource;
  }
  entry.withdrawn_reason = row.text(9);
  return entry;
}

}  // namespace

Result<BankSignal> read_signal(const Query& row, int first, std::int64_t entry) {
  BankSignal signal;
  signal.value.kind = static_cast<SignalKind>(row.integer(first));
  const std::string_view value = row.bytes(first + 1);
  if (value.empty() || value.size() != value_bytes(signal.value.kind) ||
      !is_short(signal.value.kind)) {
    return damaged(entry, "a signal of an unknown kind or size");
  }
  signal.value.bytes.assign(value.begin(), value.end());
  const std::int64_t profile = row.integer(first + 2);
  if (profile < 0 || profile > static_cast<int>(PdqProfile::kCli512)) {
    return damaged(entry, "a signal of an unknown profile");
  }
  if (profile != 0) signal.profile = static_cast<PdqProfile>(profile);
  if (!row.is_null(first + 3)) signal.quality = static_cast<int>(row.integer(first + 3));
  signal.version = row.text(first + 4);
  if (!row.is_null(first + 5)) {
    signal.part = unpacked(row.integer(first + 5));
    if (!signal.part || signal.value.kind != SignalKind::kPdq ||
        signal.profile != PdqProfile::kFull) {
      return damaged(entry, "a signal of an unknown part");
    }
  }
  return signal;
}

std::int64_t EntryTable::insert(std::int64_t bank, const EntryDraft& draft, UnixSeconds now) {
  const std::int64_t source = source_row(draft.source);
  Query query = sql_(
      "INSERT INTO entries(bank, source, source_id, added_at, updated_at, expires_at)"
      " VALUES(?1,?2,?3,?4,?4,?5)");
  query.bind(1, bank).bind(2, source).bind_text(3, draft.source_id).bind(4, now);
  if (draft.expires_at) {
    query.bind(5, *draft.expires_at);
  } else {
    query.bind_null(5);
  }
  query.run();
  const std::int64_t id = sql_.database().getLastInsertRowid();
  if (new_keys_.size() == kMaxNewKeys) write_keys();
  new_keys_.emplace(key_of(bank, source, draft.source_id), id);
  insert_parts(id, draft);
  if (any_large(draft.signals)) {
    counter_.add_standing(sql_, id, 1);
  } else {
    counter_.add(sql_, bank, draft);
  }
  return id;
}

void EntryTable::write_keys() {
  std::vector<std::pair<std::int64_t, std::int64_t>> keys(new_keys_.begin(), new_keys_.end());
  std::sort(keys.begin(), keys.end());
  for (const auto& [key, entry] : keys) {
    sql_("INSERT INTO entry_keys(key, entry) VALUES(?,?)").bind(1, key).bind(2, entry).run();
  }
  new_keys_.clear();
}

std::optional<std::int64_t> EntryTable::find_source(const std::string& source) {
  // A list is of one source, a scan's folder of one: the map stays small, and is bounded anyway.
  if (const auto known = sources_.find(source); known != sources_.end()) return known->second;
  Query query = sql_("SELECT id FROM sources WHERE name=?");
  query.bind_text(1, source);
  if (!query.next()) return std::nullopt;
  if (sources_.size() > 1000) sources_.clear();
  return sources_[source] = query.integer(0);
}

std::int64_t EntryTable::source_row(const std::string& source) {
  if (const auto known = find_source(source)) return *known;
  sql_("INSERT INTO sources(name) VALUES(?)").bind_text(1, source).run();
  return sources_[source] = sql_.database().getLastInsertRowid();
}

void EntryTable::insert_parts(std::int64_t id, const EntryDraft& item) {
  int position = 0;
  for (const std::string& label : item.labels) {
    sql_("INSERT INTO labels(entry, position, label) VALUES(?,?,?)")
        .bind(1, id)
        .bind(2, position++)
        .bind_text(3, label)
        .run();
  }
  for (const BankSignal& signal : item.signals) {
    if (!is_short(signal.value.kind)) continue;
    // A store from before there were parts has no column for them.
    Query query = sql_(signal.part ? kInsertPart : kInsertWhole);
    if (signal.part) query.bind(7, packed(*signal.part));
    query.bind(1, id)
        .bind(2, static_cast<int>(signal.value.kind))
        .bind_blob(3, signal.value.bytes.data(), signal.value.bytes.size())
        .bind(4, signal.profile ? static_cast<int>(*signal.profile) : 0)
        .bind_text(6, signal.version);
    if (signal.quality) {
      query.bind(5, *signal.quality);
    } else {
      query.bind_null(5);
    }
    query.run();
  }
  if (any_large(item.signals)) large_.insert(id, item.signals);
}

bool EntryTable::is_entry(std::int64_t id, std::int64_t bank, std::int64_t source,
                          const std::string& source_id) {
  return sql_("SELECT 1 FROM entries WHERE id=? AND bank=? AND source=? AND source_id=?")
      .bind(1, id)
      .bind(2, bank)
      .bind(3, source)
      .bind_text(4, source_id)
      .next();
}

std::optional<std::int64_t> EntryTable::find(std::int64_t bank, const std::string& source,
                                             const std::string& source_id) {
  const auto row = find_source(source);
  if (!row) return std::nullopt;
  const std::int64_t key = key_of(bank, *row, source_id);
  const auto [first, last] = new_keys_.equal_range(key);
  for (auto at = first; at != last; ++at) {
    if (is_entry(at->second, bank, *row, source_id)) return at->second;
  }
  Query query = sql_(
      "SELECT e.id FROM entry_keys k CROSS JOIN entries e ON e.id = k.entry"
      " WHERE k.key=?1 AND e.bank=?2 AND e.source=?3 AND e.source_id=?4");
  query.bind(1, key).bind(2, bank).bind(3, *row).bind_text(4, source_id);
  if (!query.next()) return std::nullopt;
  return query.integer(0);
}

Status EntryTable::read_parts(Entry& entry) {
  Query labels = sql_("SELECT label FROM labels WHERE entry=? ORDER BY position");
  labels.bind(1, entry.id);
  while (labels.next()) entry.item.labels.push_back(labels.text(0));
  Query signals = sql_(sql_.schema() >= kPartsSchema ? kSignalsOfEntry : kSignalsWithoutParts);
  signals.bind(1, entry.id);
  while (signals.next()) {
    auto signal = read_signal(signals, 0, entry.id);
    if (!signal) return std::move(signal).error();
    entry.item.signals.push_back(*std::move(signal));
  }
  const std::size_t small = entry.item.signals.size();
  if (auto status = large_.read(entry.id, entry.item.signals); !status) return status;
  if (entry.item.signals.size() > small) sort_signals(entry.item.signals);
  return ok();
}

Result<std::optional<Entry>> EntryTable::load(std::int64_t id) {
  Query query = sql_(SEMBLANCE_ENTRY_COLUMNS "WHERE e.id=?");
  query.bind(1, id);
  if (!query.next()) return std::optional<Entry>();
  std::optional<Entry> entry = read_entry(query);
  if (auto status = read_parts(*entry); !status) return std::move(status).error();
  return entry;
}

Status EntryTable::for_each(std::int64_t bank, std::int64_t after,
                            const std::function<bool(const Entry&)>& visit) {
  // Prepared for this call alone: a visitor may start another. While it is open, labels and
  // signals are read in the snapshot that it holds.
  SQLite::Statement statement(sql_.database(),
                              SEMBLANCE_ENTRY_COLUMNS "WHERE e.bank=? AND e.id>? ORDER BY e.id");
  Query query(statement);
  query.bind(1, bank).bind(2, after);
  while (query.next()) {
    Entry entry = read_entry(query);
    if (auto status = read_parts(entry); !status) return status;
    if (!visit(entry)) break;
  }
  return ok();
}

std::vector<std::int64_t> EntryTable::holders_of(const SignalValue& digest, UnixSeconds now) {
  // `kind <> 1` is what lets SQLite use the index, which holds digests alone.
  Query query = sql_(
      "SELECT s.entry FROM signals s CROSS JOIN entries e ON e.id = s.entry"
      " WHERE s.value=?1 AND s.kind=?2 AND s.kind <> 1"
      " AND e.withdrawn_at IS NULL AND (e.expires_at IS NULL OR e.expires_at > ?3)"
      " ORDER BY s.entry");
  query.bind_blob(1, digest.bytes.data(), digest.bytes.size())
      .bind(2, static_cast<int>(digest.kind))
      .bind(3, now);
  std::vector<std::int64_t> entries;
  while (query.next()) entries.push_back(query.integer(0));
  return entries;
}

void EntryTable::rewrite(std::int64_t id, const EntryDraft& item, UnixSeconds now) {
  counter_.add_standing(sql_, id, -1);
  Query query = sql_(
      "UPDATE entries SET updated_at=?2, expires_at=?3, withdrawn_at=NULL, withdrawn_by=NULL,"
      " withdrawn_reason=NULL WHERE id=?1");
  query.bind(1, id).bind(2, now);
  if (item.expires_at) {
    query.bind(3, *item.expires_at);
  } else {
    query.bind_null(3);
  }
  query.run();
  sql_("DELETE FROM labels WHERE entry=?").bind(1, id).run();
  sql_("DELETE FROM signals WHERE entry=?").bind(1, id).run();
  large_.erase(id);
  insert_parts(id, item);
  counter_.add_standing(sql_, id, 1);
}

void EntryTable::withdraw(std::int64_t id, const Withdrawal& withdrawal, UnixSeconds now) {
  counter_.add_standing(sql_, id, -1);
  sql_(
      "UPDATE entries SET updated_at=?2, withdrawn_at=?3, withdrawn_by=?4, withdrawn_reason=?5"
      " WHERE id=?1")
      .bind(1, id)
      .bind(2, now)
      .bind(3, withdrawal.at.value_or(now))
      .bind(4, static_cast<int>(withdrawal.by))
      .bind_text(5, withdrawal.reason)
      .run();
}

}  // namespace semblance::bank
