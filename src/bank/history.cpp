// SPDX-License-Identifier: Apache-2.0
#include "bank/history.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bank/picture_parts.h"
#include "bank/schema.h"

namespace semblance::bank {
namespace {

constexpr int kEntries = 0;     // the kind under which entries themselves are counted
constexpr int kWindowless = 1;  // and the profile, of those that hold a PDQ and no window
constexpr int kSparse = -2;     // the quality under which videos are that were not sampled densely

// What a pass finds that nobody has counted.
constexpr const char* kCountByPass =
    "SELECT e.bank, s.kind, s.profile, COALESCE(s.quality, -1), COUNT(*)"
    " FROM entries e CROSS JOIN signals s ON s.entry = e.id WHERE e.withdrawn_at IS NULL"
    " AND (e.expires_at IS NULL OR e.expires_at > ?1) GROUP BY 1, 2, 3, 4"
    " UNION ALL SELECT bank, 0, 0, -1, COUNT(*) FROM entries WHERE withdrawn_at IS NULL"
    " AND (expires_at IS NULL OR expires_at > ?1) GROUP BY bank";

// Under which profile a row of `signals` is counted, and which entries hold a PDQ and no window.
#define SEMBLANCE_PROFILE "IIF(s.part IS NULL, s.profile, 3)"
#define SEMBLANCE_WINDOWLESS                                                        \
  " AND EXISTS(SELECT 1 FROM signals s WHERE s.entry = e.id AND s.kind = 1)"        \
  " AND NOT EXISTS(SELECT 1 FROM signals s WHERE s.entry = e.id AND s.kind = 1 AND" \
  " s.part >> 56 = 3)"

// What was counted, and then, to be taken away, what of it has expired.
#define SEMBLANCE_EXPIRING " FROM entries e INDEXED BY entries_expiring"
#define SEMBLANCE_EXPIRED \
  " WHERE e.expires_at IS NOT NULL AND e.expires_at <= ?1 AND e.withdrawn_at IS NULL"
#define SEMBLANCE_COUNTED(profile, more)                                                          \
  "SELECT bank, kind, profile, quality, SUM(signals) FROM ("                                      \
  " SELECT bank, kind, profile, quality, signals FROM signal_counts"                              \
  " UNION ALL SELECT e.bank, s.kind, " profile ", COALESCE(s.quality, -1), -1" SEMBLANCE_EXPIRING \
  " CROSS JOIN signals s ON s.entry = e.id" SEMBLANCE_EXPIRED                                     \
  " UNION ALL SELECT e.bank, 0, 0, -1, -1" SEMBLANCE_EXPIRING SEMBLANCE_EXPIRED more              \
  ") GROUP BY 1, 2, 3, 4"
#define SEMBLANCE_COUNTED_LARGE(profile)                                                \
  " UNION ALL SELECT e.bank, l.kind, " profile ", -1 - l.sparse, -1" SEMBLANCE_EXPIRING \
  " CROSS JOIN large_signals l ON l.entry = e.id" SEMBLANCE_EXPIRED                     \
  " UNION ALL SELECT e.bank, 2, 1, f.quality, -f.frames" SEMBLANCE_EXPIRING             \
  " CROSS JOIN frame_counts f ON f.entry = e.id" SEMBLANCE_EXPIRED
constexpr const char* kCountedWithoutVideos = SEMBLANCE_COUNTED("s.profile", "");
constexpr const char* kCountedWithoutParts =
    SEMBLANCE_COUNTED("s.profile", SEMBLANCE_COUNTED_LARGE("0"));
constexpr const char* kCounted = SEMBLANCE_COUNTED(
    SEMBLANCE_PROFILE,
    SEMBLANCE_COUNTED_LARGE(
        "COALESCE(l.model, 0)") " UNION ALL SELECT e.bank, 0, 1, -1, -1" SEMBLANCE_EXPIRING
        SEMBLANCE_EXPIRED SEMBLANCE_WINDOWLESS);

// What one entry holds, if it is not withdrawn.
#define SEMBLANCE_STANDING(profile, more)                                      \
  "SELECT bank, 0, 0, -1, 1 FROM entries WHERE id=?1 AND withdrawn_at IS NULL" \
  " UNION ALL SELECT e.bank, s.kind, " profile                                 \
  ", COALESCE(s.quality, -1), 1"                                               \
  " FROM entries e CROSS JOIN signals s ON s.entry = e.id"                     \
  " WHERE e.id=?1 AND e.withdrawn_at IS NULL" more
#define SEMBLANCE_STANDING_LARGE(profile)                        \
  " UNION ALL SELECT e.bank, l.kind, " profile                   \
  ", -1 - l.sparse, 1"                                           \
  " FROM entries e CROSS JOIN large_signals l ON l.entry = e.id" \
  " WHERE e.id=?1 AND e.withdrawn_at IS NULL"                    \
  " UNION ALL SELECT e.bank, 2, 1, f.quality, f.frames"          \
  " FROM entries e CROSS JOIN frame_counts f ON f.entry = e.id"  \
  " WHERE e.id=?1 AND e.withdrawn_at IS NULL"
constexpr const char* kStandingWithoutVideos = SEMBLANCE_STANDING("s.profile", "");
constexpr const char* kStandingWithoutParts =
    SEMBLANCE_STANDING("s.profile", SEMBLANCE_STANDING_LARGE("0"));
constexpr const char* kStanding = SEMBLANCE_STANDING(
    SEMBLANCE_PROFILE, SEMBLANCE_STANDING_LARGE("COALESCE(l.model, 0)")
    " UNION ALL SELECT e.bank, 0, 1, -1, 1 FROM entries e"
    " WHERE e.id=?1 AND e.withdrawn_at IS NULL" SEMBLANCE_WINDOWLESS);

// By schema: without a history, with one, with videos, with parts.
const char* of_schema(Statements& sql, const char* without_history, const char* without_videos,
                      const char* without_parts, const char* newest) {
  const std::int64_t schema = sql.schema();
  if (schema < kHistorySchema) return without_history;
  if (schema < kVideoSchema) return without_videos;
  return schema < kPartsSchema ? without_parts : newest;
}

std::string hex(std::string_view bytes) {
  const std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
  return to_hex(copy);
}

bool plausible(const Query& row) {
  const std::int64_t kind = row.integer(1);
  const std::int64_t profile = row.integer(2);
  const std::int64_t quality = row.integer(3);
  const auto is = [&](SignalKind of) { return kind == static_cast<int>(of); };
  if (row.integer(4) < 0 || quality > 100 || profile < 0) return false;
  if (is(SignalKind::kVpdq)) return quality >= kSparse && profile <= 1;
  if (quality < -1) return false;
  if (is(SignalKind::kEmbedding)) return profile > 0;
  if (is(SignalKind::kPdq)) return profile <= kPartsProfile;
  if (kind == kEntries) return profile <= kWindowless;
  return profile == 0 && (is(SignalKind::kOrb) || value_bytes(static_cast<SignalKind>(kind)) > 0);
}

using Models = std::map<std::int64_t, std::string>;

Models models_of(Statements& sql) {
  Models models;
  if (sql.schema() < kPartsSchema) return models;
  Query query = sql("SELECT id, name FROM models");
  while (query.next()) models.emplace(query.integer(0), query.text(1));
  return models;
}

// Precondition: the row is plausible, and of a signal. Nothing for a model that is not there.
std::optional<SignalCount> count_of(const Query& row, const Models& models) {
  SignalCount count;
  count.kind = static_cast<SignalKind>(row.integer(1));
  const std::int64_t profile = row.integer(2);
  if (count.kind == SignalKind::kEmbedding) {
    const auto model = models.find(profile);
    if (model == models.end()) return std::nullopt;
    count.model = model->second;
  } else if (profile == kPartsProfile) {
    count.part = true;
  } else if (profile != 0) {
    count.profile = static_cast<PdqProfile>(profile);
  }
  if (row.integer(3) >= 0) count.quality = static_cast<int>(row.integer(3));
  count.sparse = row.integer(3) == kSparse;
  count.signals = static_cast<std::uint64_t>(row.integer(4));
  return count;
}

}  // namespace

bool keeps_history(Statements& sql) { return sql.schema() >= kHistorySchema; }

StoreState state(Statements& sql, UnixSeconds now) {
  StoreState state;
  state.at = now;
  if (!keeps_history(sql)) {
    Query query =
        sql("SELECT (SELECT COALESCE(SUM(revision), 0) FROM banks),"
            " (SELECT COALESCE(MAX(id), 0) FROM entries)");
    if (!query.next()) return state;
    state.number = query.integer(0);
    state.newest_entry = query.integer(1);
    return state;
  }
  // One statement, so that all of it is of one moment.
  Query query =
      sql("SELECT number, token, (SELECT COALESCE(MAX(id), 0) FROM entries),"
          " (SELECT COALESCE(MAX(number), 0) FROM changes),"
          " (SELECT MIN(expires_at) FROM entries INDEXED BY entries_expiring"
          "  WHERE expires_at IS NOT NULL AND withdrawn_at IS NULL AND expires_at > ?1)"
          " FROM states ORDER BY number DESC LIMIT 1");
  query.bind(1, now);
  if (!query.next()) return state;
  state.number = query.integer(0);
  state.token = hex(query.bytes(1));
  state.newest_entry = query.integer(2);
  state.newest_change = query.integer(3);
  if (!query.is_null(4)) state.next_expiry = query.integer(4);
  return state;
}

bool has_been(Statements& sql, const StoreState& then) {
  if (then.token.empty() || !keeps_history(sql)) return false;
  Query query = sql("SELECT token FROM states WHERE number=?");
  query.bind(1, then.number);
  return query.next() && hex(query.bytes(0)) == then.token;
}

std::vector<std::int64_t> changed_entries(Statements& sql, const StoreState& then,
                                          const StoreState& now) {
  Query query =
      sql("SELECT entry FROM changes WHERE number > ?1 AND entry <= ?2"
          " UNION SELECT id FROM entries INDEXED BY entries_expiring"
          " WHERE expires_at IS NOT NULL AND withdrawn_at IS NULL"
          " AND expires_at > ?3 AND expires_at <= ?4 AND id <= ?2 ORDER BY 1");
  query.bind(1, then.newest_change)
      .bind(2, then.newest_entry)
      .bind(3, std::min(then.at, now.at))
      .bind(4, std::max(then.at, now.at));
  std::vector<std::int64_t> entries;
  while (query.next()) entries.push_back(query.integer(0));
  return entries;
}

Result<std::map<std::int64_t, ActiveCounts>> count_active(Statements& sql, UnixSeconds now) {
  std::map<std::int64_t, ActiveCounts> counts;
  const Models models = models_of(sql);
  Query query =
      sql(of_schema(sql, kCountByPass, kCountedWithoutVideos, kCountedWithoutParts, kCounted));
  query.bind(1, now);
  while (query.next()) {
    const bool entries = query.integer(1) == kEntries;
    const bool known = plausible(query);
    const auto count = known && !entries ? count_of(query, models) : std::nullopt;
    if (!known || (!entries && !count)) {
      return Error{Errc::kCorruptStore, "count bank " + std::to_string(query.integer(0)) +
                                            ": its counts and its entries differ; the store is "
                                            "damaged: restore a copy"};
    }
    const auto held = static_cast<std::uint64_t>(query.integer(4));
    if (held == 0) continue;
    ActiveCounts& bank = counts[query.integer(0)];
    if (count) {
      bank.signals.push_back(*count);
    } else {
      (query.integer(2) == kWindowless ? bank.without_windows : bank.entries) = held;
    }
  }
  return counts;
}

void SignalCounter::add(Statements& sql, std::int64_t bank, const EntryDraft& draft) {
  ++changes_[{bank, kEntries}];
  if (sql.schema() >= kPartsSchema && lacks_windows(draft.signals)) {
    ++changes_[{bank, kEntries, kWindowless}];
  }
  for (const BankSignal& signal : draft.signals) {
    const int profile = signal.profile ? static_cast<int>(*signal.profile) : 0;
    ++changes_[{bank, static_cast<int>(signal.value.kind),
                is_part(signal) ? kPartsProfile : profile, signal.quality.value_or(-1)}];
  }
}

void SignalCounter::add_standing(Statements& sql, std::int64_t entry, int by) {
  Query query = sql(of_schema(sql, kStandingWithoutVideos, kStandingWithoutVideos,
                              kStandingWithoutParts, kStanding));
  query.bind(1, entry);
  while (query.next()) {
    changes_[{query.integer(0), static_cast<int>(query.integer(1)),
              static_cast<int>(query.integer(2)), static_cast<int>(query.integer(3))}] +=
        by * query.integer(4);
  }
}

void SignalCounter::write(Statements& sql) {
  if (!changes_.empty() && keeps_history(sql)) {
    for (const auto& [key, by] : changes_) {
      if (by == 0) continue;
      sql("INSERT INTO signal_counts(bank, kind, profile, quality, signals) VALUES(?1,?2,?3,?4,?5)"
          " ON CONFLICT(bank, kind, profile, quality) DO UPDATE SET signals = signals + ?5")
          .bind(1, key.bank)
          .bind(2, key.kind)
          .bind(3, key.profile)
          .bind(4, key.quality)
          .bind(5, by)
          .run();
    }
  }
  changes_.clear();
}

}  // namespace semblance::bank
