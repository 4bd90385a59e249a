// SPDX-License-Identifier: Apache-2.0
#include "bank/bank_table.h"

namespace semblance::bank {

std::int64_t BankTable::insert(const std::string& name, const BankPolicy& policy, UnixSeconds now) {
  sql_(
      "INSERT INTO banks(name, purpose, quality_floor, created_at, revision)"
      " VALUES(?,?,?,?,1)")
      .bind_text(1, name)
      .bind_text(2, policy.purpose)
      .bind(3, policy.quality_floor)
      .bind(4, now)
      .run();
  const std::int64_t bank = find(name).value_or(0);
  for (const auto& [kind, bits] : policy.max_distance) {
    sql_("INSERT INTO bank_max_distance(bank, kind, bits) VALUES(?,?,?)")
        .bind(1, bank)
        .bind(2, static_cast<int>(kind))
        .bind(3, bits)
        .run();
  }
  return bank;
}

std::optional<std::int64_t> BankTable::find(const std::string& name) {
  Query query = sql_("SELECT id FROM banks WHERE name=?");
  query.bind_text(1, name);
  if (!query.next()) return std::nullopt;
  return query.integer(0);
}

bool BankTable::exists(std::int64_t bank) {
  return sql_("SELECT 1 FROM banks WHERE id=?").bind(1, bank).next();
}

std::vector<std::pair<std::int64_t, std::string>> BankTable::names() {
  std::vector<std::pair<std::int64_t, std::string>> all;
  Query query = sql_("SELECT id, name FROM banks ORDER BY name");
  while (query.next()) all.emplace_back(query.integer(0), query.text(1));
  return all;
}

BankInfo BankTable::description(std::int64_t bank) {
  BankInfo info;
  info.id = bank;
  Query query = sql_(
      "SELECT name, purpose, quality_floor, created_at, revision FROM banks"
      " WHERE id=?");
  query.bind(1, bank);
  if (!query.next()) return info;
  info.name = query.text(0);
  info.policy.purpose = query.text(1);
  info.policy.quality_floor = static_cast<int>(query.integer(2));
  info.created_at = query.integer(3);
  info.revision = static_cast<std::uint64_t>(query.integer(4));
  info.policy.max_distance.clear();
  Query distances = sql_("SELECT kind, bits FROM bank_max_distance WHERE bank=?");
  distances.bind(1, bank);
  while (distances.next()) {
    info.policy.max_distance[static_cast<SignalKind>(distances.integer(0))] =
        static_cast<int>(distances.integer(1));
  }
  return info;
}

BankInfo BankTable::info(std::int64_t bank, UnixSeconds now, bool with_videos) {
  BankInfo info = description(bank);
  Query states = sql_(
      "SELECT COUNT(*), COUNT(withdrawn_at),"
      " COUNT(CASE WHEN withdrawn_at IS NULL AND expires_at <= ?2 THEN 1 END)"
      " FROM entries WHERE bank=?1");
  if (states.bind(1, bank).bind(2, now).next()) {
    info.withdrawn = static_cast<std::uint64_t>(states.integer(1));
    info.expired = static_cast<std::uint64_t>(states.integer(2));
    info.active = static_cast<std::uint64_t>(states.integer(0)) - info.withdrawn - info.expired;
  }
  Query kinds = sql_(
      "SELECT s.kind, COUNT(*) FROM entries e CROSS JOIN signals s ON s.entry = e.id"
      " WHERE e.bank=?1 AND e.withdrawn_at IS NULL"
      " AND (e.expires_at IS NULL OR e.expires_at > ?2) GROUP BY s.kind");
  kinds.bind(1, bank).bind(2, now);
  while (kinds.next()) {
    info.signals[static_cast<SignalKind>(kinds.integer(0))] =
        static_cast<std::uint64_t>(kinds.integer(1));
  }
  if (with_videos) count_videos(bank, now, info);
  return info;
}

void BankTable::count_videos(std::int64_t bank, UnixSeconds now, BankInfo& info) {
  Query kinds = sql_(
      "SELECT l.kind, COUNT(*) FROM entries e CROSS JOIN large_signals l ON l.entry = e.id"
      " WHERE e.bank=?1 AND e.withdrawn_at IS NULL"
      " AND (e.expires_at IS NULL OR e.expires_at > ?2) GROUP BY l.kind");
  kinds.bind(1, bank).bind(2, now);
  while (kinds.next()) {
    info.signals[static_cast<SignalKind>(kinds.integer(0))] =
        static_cast<std::uint64_t>(kinds.integer(1));
  }
  Query frames = sql_(
      "SELECT COALESCE(SUM(f.frames), 0) FROM entries e CROSS JOIN frame_counts f ON f.entry = e.id"
      " WHERE e.bank=?1 AND e.withdrawn_at IS NULL"
      " AND (e.expires_at IS NULL OR e.expires_at > ?2)");
  frames.bind(1, bank).bind(2, now);
  if (frames.next()) info.frames = static_cast<std::uint64_t>(frames.integer(0));
}

void BankTable::bump_revisions(const std::set<std::int64_t>& banks) {
  for (const std::int64_t bank : banks) {
    sql_("UPDATE banks SET revision = revision + 1 WHERE id=?").bind(1, bank).run();
  }
}

}  // namespace semblance::bank
