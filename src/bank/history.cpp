// SPDX-License-Identifier: Apache-2.0
#include "bank/history.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "bank/schema.h"

namespace semblance::bank {
namespace {

constexpr int kEntries = 0;  // the kind under which entries themselves are counted
constexpr int kSparse = -2;  // the quality under which videos are that were not sampled densely

// What a pass finds that nobody has counted.
constexpr const char* kCountByPass =
    "SELECT e.bank, s.kind, s.profile, COALESCE(s.quality, -1), COUNT(*)"
    " FROM entries e CROSS JOIN signals s ON s.entry = e.id WHERE e.withdrawn_at IS NULL"
    " AND (e.expires_at IS NULL OR e.expires_at > ?1) GROUP BY 1, 2, 3, 4"
    " UNION ALL SELECT bank, 0, 0, -1, COUNT(*) FROM entries WHERE withdrawn_at IS NULL"
    " AND (expires_at IS NULL OR expires_at > ?1) GROUP BY bank";

// What was counted, and then, to be taken away, what of it has expired.
#define SEMBLANCE_EXPIRED \
  " WHERE e.expires_at IS NOT NULL AND e.expires_at <= ?1 AND e.withdrawn_at IS NULL"
#define SEMBLANCE_COUNTED(videos)                                                  \
  "SELECT bank, kind, profile, quality, SUM(signals) FROM ("                       \
  " SELECT bank, kind, profile, quality, signals FROM signal_counts"               \
  " UNION ALL SELECT e.bank, s.kind, s.profile, COALESCE(s.quality, -1), -1"       \
  " FROM entries e INDEXED BY entries_expiring CROSS JOIN signals s ON s.entry = " \
  "e.id" SEMBLANCE_EXPIRED                                                         \
  " UNION ALL SELECT e.bank, 0, 0, -1, -1"                                         \
  " FROM entries e INDEXED BY entries_expiring" SEMBLANCE_EXPIRED videos ") GROUP BY 1, 2, 3, 4"
constexpr const char* kCountedWithoutVideos = SEMBLANCE_COUNTED("");
constexpr const char* kCounted = SEMBLANCE_COUNTED(
    " UNION ALL SELECT e.bank, l.kind, 0, -1 - l.sparse, -1"
    " FROM entries e INDEXED BY entries_expiring CROSS JOIN large_signals l ON l.entry = "
    "e.id" SEMBLANCE_EXPIRED
    " UNION ALL SELECT e.bank, 2, 1, f.quality, -f.frames"
    " FROM entries e INDEXED BY entries_expiring CROSS JOIN frame_counts f ON f.entry = "
    "e.id" SEMBLANCE_EXPIRED);

// What one entry holds, if it is not withdrawn.
#define SEMBLANCE_STANDING(videos)                                             \
  "SELECT bank, 0, 0, -1, 1 FROM entries WHERE id=?1 AND withdrawn_at IS NULL" \
  " UNION ALL SELECT e.bank, s.kind, s.profile, COALESCE(s.quality, -1), 1"    \
  " FROM entries e CROSS JOIN signals s ON s.entry = e.id"                     \
  " WHERE e.id=?1 AND e.withdrawn_at IS NULL" videos
constexpr const char* kStandingWithoutVideos = SEMBLANCE_STANDING("");
constexpr const char* kStanding = SEMBLANCE_STANDING(
    " UNION ALL SELECT e.bank, l.kind, 0, -1 - l.sparse, 1"
    " FROM entries e CROSS JOIN large_signals l ON l.entry = e.id"
    " WHERE e.id=?1 AND e.withdrawn_at IS NULL"
    " UNION ALL SELECT e.bank, 2, 1, f.quality, f.frames"
    " FROM entries e CROSS JOIN frame_counts f ON f.entry = e.id"
    " WHERE e.id=?1 AND e.withdrawn_at IS NULL");

std::string hex(std::string_view bytes) {
  const std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
  return to_hex(copy);
}

bool plausible(const Query& row) {
  const std::int64_t kind = row.integer(1);
  const std::int64_t profile = row.integer(2);
  const std::int64_t quality = row.integer(3);
  const bool video = kind == static_cast<int>(SignalKind::kVpdq);
  const bool known = kind == kEntries || video || value_bytes(static_cast<SignalKind>(kind)) > 0;
  const std::int64_t least = video ? kSparse : -1;
  return known && row.integer(4) >= 0 && quality >= least && quality <= 100 && profile >= 0 &&
         profile <= static_cast<int>(PdqProfile::kCli512);
}

}  // namespace

std::int64_t schema_of(Statements& sql) {
  Query query = sql("PRAGMA user_version");
  return query.next() ? query.integer(0) : 0;
}

bool keeps_history(Statements& sql) { return schema_of(sql) >= kHistorySchema; }

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
  const std::int64_t schema = schema_of(sql);
  Query query = schema >= kVideoSchema     ? sql(kCounted)
                : schema >= kHistorySchema ? sql(kCountedWithoutVideos)
                                           : sql(kCountByPass);
  query.bind(1, now);
  while (query.next()) {
    if (!plausible(query)) {
      return Error{Errc::kCorruptStore, "count bank " + std::to_string(query.integer(0)) +
                                            ": its counts and its entries differ; the store is "
                                            "damaged: restore a copy"};
    }
    const auto signals = static_cast<std::uint64_t>(query.integer(4));
    if (signals == 0) continue;
    ActiveCounts& bank = counts[query.integer(0)];
    if (query.integer(1) == kEntries) {
      bank.entries = signals;
      continue;
    }
    SignalCount count;
    count.kind = static_cast<SignalKind>(query.integer(1));
    if (query.integer(2) != 0) count.profile = static_cast<PdqProfile>(query.integer(2));
    if (query.integer(3) >= 0) count.quality = static_cast<int>(query.integer(3));
    count.sparse = query.integer(3) == kSparse;
    count.signals = signals;
    bank.signals.push_back(count);
  }
  return counts;
}

void SignalCounter::add(std::int64_t bank, const EntryDraft& draft) {
  ++changes_[{bank, kEntries}];
  for (const BankSignal& signal : draft.signals) {
    ++changes_[{bank, static_cast<int>(signal.value.kind),
                signal.profile ? static_cast<int>(*signal.profile) : 0,
                signal.quality.value_or(-1)}];
  }
}

void SignalCounter::add_standing(Statements& sql, std::int64_t entry, int by) {
  Query query = schema_of(sql) >= kVideoSchema ? sql(kStanding) : sql(kStandingWithoutVideos);
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
