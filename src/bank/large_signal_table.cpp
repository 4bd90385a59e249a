// SPDX-License-Identifier: Apache-2.0
#include "bank/large_signal_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <utility>

#include "bank/schema.h"
#include "semblance/embedding.h"
#include "semblance/tmk.h"
#include "semblance/video.h"

namespace semblance::bank {
namespace {

bool is_large(const BankSignal& signal) noexcept { return !is_short(signal.value.kind); }

Error damaged(std::int64_t entry) {
  return {Errc::kCorruptStore, "read entry " + std::to_string(entry) +
                                   ": a signal of an unknown kind or size; the store is damaged: "
                                   "restore a copy"};
}

bool is_sparse(const BankSignal& signal) {
  if (signal.value.kind != SignalKind::kVpdq) return false;
  const auto video = parse_video_signal(signal.value.bytes);
  return video && !is_dense(*video);
}

// Little-endian floats; empty for what has none.
std::vector<std::uint8_t> mean_of(const BankSignal& signal) {
  std::vector<std::uint8_t> bytes;
  if (signal.value.kind != SignalKind::kTmk) return bytes;
  const auto tmk = parse_tmk(signal.value.bytes);
  if (!tmk) return bytes;  // a draft that was checked can be read
  for (const float figure : tmk->mean) {
    const auto bits = std::bit_cast<std::uint32_t>(figure);
    for (int shift = 0; shift < 32; shift += 8) {
      bytes.push_back(static_cast<std::uint8_t>(bits >> shift));
    }
  }
  return bytes;
}

bool read_mean(std::string_view bytes, std::array<float, kTmkDimension>& into) {
  if (bytes.size() != 4 * into.size()) return false;
  for (std::size_t i = 0; i < into.size(); ++i) {
    std::uint32_t bits = 0;
    for (std::size_t byte = 4; byte-- > 0;) {
      bits = bits << 8 | static_cast<std::uint8_t>(bytes[4 * i + byte]);
    }
    into[i] = std::bit_cast<float>(bits);
    if (!std::isfinite(into[i])) return false;
  }
  return true;
}

bool is_kept(SignalKind kind) noexcept {
  return kind == SignalKind::kVpdq || kind == SignalKind::kTmk || kind == SignalKind::kOrb ||
         kind == SignalKind::kEmbedding;
}

// Columns kind, value, version and name of the model from `first` on. Whether frames, features or
// a vector can be read is found out by who reads them: all else of an entry does not need them.
Result<BankSignal> read_large(const Query& row, int first, std::int64_t entry) {
  BankSignal signal;
  signal.value.kind = static_cast<SignalKind>(row.integer(first));
  const std::string_view value = row.bytes(first + 1);
  const std::size_t fixed = value_bytes(signal.value.kind);
  if (!is_kept(signal.value.kind) || value.empty() || (fixed != 0 && value.size() != fixed)) {
    return damaged(entry);
  }
  if (signal.value.kind == SignalKind::kEmbedding) {
    signal.model = row.text(first + 3);
    if (!is_model_name(signal.model)) return damaged(entry);
  }
  signal.value.bytes.assign(value.begin(), value.end());
  signal.version = row.text(first + 2);
  return signal;
}

constexpr const char* kInsert =
    "INSERT INTO large_signals(entry, kind, version, sparse, mean, value) VALUES(?,?,?,?,?,?)";
constexpr const char* kInsertOfModel =
    "INSERT INTO large_signals(entry, kind, version, sparse, mean, value, model)"
    " VALUES(?,?,?,?,?,?,?)";

// The name of a row's model, in a store that has models and in one that has none.
#define SEMBLANCE_MODEL "(SELECT m.name FROM models m WHERE m.id = l.model)"
#define SEMBLANCE_NO_MODEL "NULL"

// The conditions are written so that one text serves all choices: a bank or kind of 0 is all.
#define SEMBLANCE_ACTIVE(model)                                                                    \
  "SELECT l.entry, e.bank, o.name, e.source_id, l.kind, l.value, l.version, " model                \
  " FROM large_signals l INDEXED BY large_signals_of_entry CROSS JOIN entries e ON e.id = l.entry" \
  " CROSS JOIN sources o ON o.id = e.source"                                                       \
  " WHERE l.entry > ?1 AND (?2 = 0 OR l.kind = ?2) AND (?3 = 0 OR e.bank = ?3)"                    \
  " AND e.withdrawn_at IS NULL AND (e.expires_at IS NULL OR e.expires_at > ?4)"                    \
  " ORDER BY l.entry, l.kind, l.id"
constexpr const char* kActive = SEMBLANCE_ACTIVE(SEMBLANCE_MODEL);
constexpr const char* kActiveWithoutModels = SEMBLANCE_ACTIVE(SEMBLANCE_NO_MODEL);

#define SEMBLANCE_OF_ENTRY(model)             \
  "SELECT l.kind, l.value, l.version, " model \
  " FROM large_signals l WHERE l.entry=?1"    \
  " ORDER BY l.kind, l.id"
constexpr const char* kOfEntry = SEMBLANCE_OF_ENTRY(SEMBLANCE_MODEL);
constexpr const char* kOfEntryWithoutModels = SEMBLANCE_OF_ENTRY(SEMBLANCE_NO_MODEL);

}  // namespace

bool any_large(std::span<const BankSignal> signals) noexcept {
  return std::any_of(signals.begin(), signals.end(), is_large);
}

bool LargeSignalTable::exists() { return sql_.schema() >= kVideoSchema; }

std::int64_t LargeSignalTable::model_row(const std::string& model) {
  if (const auto known = models_.find(model); known != models_.end()) return known->second;
  // Policies name few; a list may name many.
  if (models_.size() > 1000) models_.clear();
  Query query = sql_("SELECT id FROM models WHERE name=?");
  query.bind_text(1, model);
  if (query.next()) return models_[model] = query.integer(0);
  sql_("INSERT INTO models(name) VALUES(?)").bind_text(1, model).run();
  return models_[model] = sql_.database().getLastInsertRowid();
}

void LargeSignalTable::insert(std::int64_t entry, std::span<const BankSignal> signals) {
  std::map<int, std::int64_t> frames;  // by quality
  for (const BankSignal& signal : signals) {
    if (!is_large(signal)) continue;
    const std::vector<std::uint8_t> mean = mean_of(signal);
    // A store from before there were models may hold videos.
    const bool of_model = !signal.model.empty();
    const std::int64_t model = of_model ? model_row(signal.model) : 0;
    Query row = sql_(of_model ? kInsertOfModel : kInsert);
    if (of_model) row.bind(7, model);
    row.bind(1, entry)
        .bind(2, static_cast<int>(signal.value.kind))
        .bind_text(3, signal.version)
        .bind(4, is_sparse(signal) ? 1 : 0)
        .bind_blob(6, signal.value.bytes.data(), signal.value.bytes.size());
    if (mean.empty()) {
      row.bind_null(5);
    } else {
      row.bind_blob(5, mean.data(), mean.size());
    }
    row.run();
    if (signal.value.kind != SignalKind::kVpdq) continue;
    const auto hashes = indexed_signals({&signal, 1}, entry, 0);
    if (!hashes) continue;  // a draft that was checked can be read
    for (const IndexedSignal& hash : *hashes) ++frames[hash.quality.value_or(0)];
  }
  for (const auto& [quality, count] : frames) {
    sql_("INSERT INTO frame_counts(entry, quality, frames) VALUES(?,?,?)")
        .bind(1, entry)
        .bind(2, quality)
        .bind(3, count)
        .run();
  }
}

void LargeSignalTable::erase(std::int64_t entry) {
  if (!exists()) return;
  sql_("DELETE FROM large_signals WHERE entry=?").bind(1, entry).run();
  sql_("DELETE FROM frame_counts WHERE entry=?").bind(1, entry).run();
}

Status LargeSignalTable::read(std::int64_t entry, std::vector<BankSignal>& into) {
  if (!exists()) return ok();
  Query rows = sql_(sql_.schema() >= kPartsSchema ? kOfEntry : kOfEntryWithoutModels);
  rows.bind(1, entry);
  while (rows.next()) {
    auto signal = read_large(rows, 0, entry);
    if (!signal) return std::move(signal).error();
    into.push_back(*std::move(signal));
  }
  return ok();
}

Status for_each_tmk_mean(Statements& sql, LargeSignalTable& table, std::int64_t after,
                         UnixSeconds now, const std::function<bool(const IndexedTmk&)>& visit) {
  if (!table.exists()) return ok();
  Query rows =
      sql("SELECT l.entry, e.bank, l.mean"
          " FROM large_signals l INDEXED BY large_signals_of_entry CROSS JOIN entries e"
          " ON e.id = l.entry WHERE l.entry > ?1 AND l.kind = 3"
          " AND e.withdrawn_at IS NULL AND (e.expires_at IS NULL OR e.expires_at > ?2)"
          " ORDER BY l.entry, l.kind, l.id");
  rows.bind(1, after).bind(2, now);
  while (rows.next()) {
    IndexedTmk tmk;
    tmk.entry = rows.integer(0);
    tmk.bank = rows.integer(1);
    if (!read_mean(rows.bytes(2), tmk.mean)) return damaged(tmk.entry);
    if (!visit(tmk)) break;
  }
  return ok();
}

ActiveLargeSignals::ActiveLargeSignals(Statements& sql, LargeSignalTable& table, const Of& of,
                                       UnixSeconds now) {
  if (!table.exists()) return;
  statement_ = std::make_unique<SQLite::Statement>(
      sql.database(), sql.schema() >= kPartsSchema ? kActive : kActiveWithoutModels);
  rows_.emplace(*statement_);
  rows_->bind(1, of.after)
      .bind(2, of.kind ? static_cast<int>(*of.kind) : 0)
      .bind(3, of.bank.value_or(0))
      .bind(4, now);
  advance();
}

std::optional<std::int64_t> ActiveLargeSignals::entry() const {
  return more_ ? std::optional(rows_->integer(0)) : std::nullopt;
}

Result<ActiveLargeSignal> ActiveLargeSignals::signal() const {
  auto signal = read_large(*rows_, 4, rows_->integer(0));
  if (!signal) return std::move(signal).error();
  return ActiveLargeSignal{rows_->integer(0), rows_->integer(1), rows_->text(2), rows_->text(3),
                           *std::move(signal)};
}

void ActiveLargeSignals::advance() { more_ = rows_->next(); }

}  // namespace semblance::bank
