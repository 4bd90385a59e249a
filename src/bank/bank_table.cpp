// SPDX-License-Identifier: Apache-2.0
#include "bank/bank_table.h"

#include "bank/policy.h"
#include "bank/schema.h"

namespace semblance::bank {
namespace {

#define SEMBLANCE_ACTIVE \
  " WHERE e.bank=?1 AND e.withdrawn_at IS NULL AND (e.expires_at IS NULL OR e.expires_at > ?2)"

}  // namespace

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
  // One from before there were such policies was asked whether this one fits it.
  if (sql_.schema() >= kPartsSchema) insert_probes(bank, policy);
  return bank;
}

void BankTable::insert_probes(std::int64_t bank, const BankPolicy& policy) {
  sql_("UPDATE banks SET entry_windows=?2, features=?3 WHERE id=?1")
      .bind(1, bank)
      .bind(2, policy.entry_windows ? 1 : 0)
      .bind(3, policy.features ? 1 : 0)
      .run();
  for (const auto& [kind, bits] : policy.probes) {
    sql_("INSERT INTO bank_probes(bank, kind, bits) VALUES(?,?,?)")
        .bind(1, bank)
        .bind(2, static_cast<int>(kind))
        .bind(3, bits)
        .run();
  }
  for (const auto& [model, least] : policy.embeddings) {
    sql_("INSERT INTO bank_embeddings(bank, model, least) VALUES(?,?,?)")
        .bind(1, bank)
        .bind_text(2, model)
        .bind_real(3, least)
        .run();
  }
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
  if (sql_.schema() >= kPartsSchema) {
    read_probes(info);
  } else {
    info.policy.probes = early_probes(info.policy);
  }
  return info;
}

void BankTable::read_probes(BankInfo& info) {
  info.policy.probes.clear();
  Query kept = sql_("SELECT entry_windows, features FROM banks WHERE id=?");
  if (kept.bind(1, info.id).next()) {
    info.policy.entry_windows = kept.integer(0) != 0;
    info.policy.features = kept.integer(1) != 0;
  }
  Query probes = sql_("SELECT kind, bits FROM bank_probes WHERE bank=?");
  probes.bind(1, info.id);
  while (probes.next()) {
    info.policy.probes[static_cast<ProbeKind>(probes.integer(0))] =
        static_cast<int>(probes.integer(1));
  }
  Query embeddings = sql_("SELECT model, least FROM bank_embeddings WHERE bank=?");
  embeddings.bind(1, info.id);
  while (embeddings.next()) {
    info.policy.embeddings[embeddings.text(0)] = static_cast<float>(embeddings.real(1));
  }
}

BankInfo BankTable::info(std::int64_t bank, UnixSeconds now) {
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
      "SELECT s.kind, COUNT(*) FROM entries e CROSS JOIN signals s ON s.entry = "
      "e.id" SEMBLANCE_ACTIVE " GROUP BY s.kind");
  kinds.bind(1, bank).bind(2, now);
  while (kinds.next()) {
    info.signals[static_cast<SignalKind>(kinds.integer(0))] =
        static_cast<std::uint64_t>(kinds.integer(1));
  }
  if (sql_.schema() >= kVideoSchema) count_large(info, now);
  if (sql_.schema() >= kPartsSchema) count_parts(info, now);
  return info;
}

void BankTable::count_large(BankInfo& info, UnixSeconds now) {
  Query kinds = sql_(
      "SELECT l.kind, COUNT(*) FROM entries e CROSS JOIN large_signals l ON l.entry = "
      "e.id" SEMBLANCE_ACTIVE " GROUP BY l.kind");
  kinds.bind(1, info.id).bind(2, now);
  while (kinds.next()) {
    info.signals[static_cast<SignalKind>(kinds.integer(0))] =
        static_cast<std::uint64_t>(kinds.integer(1));
  }
  Query frames = sql_(
      "SELECT COALESCE(SUM(f.frames), 0) FROM entries e CROSS JOIN frame_counts f ON f.entry = "
      "e.id" SEMBLANCE_ACTIVE);
  frames.bind(1, info.id).bind(2, now);
  if (frames.next()) info.frames = static_cast<std::uint64_t>(frames.integer(0));
}

void BankTable::count_parts(BankInfo& info, UnixSeconds now) {
  // An entry's hashes are neighbours: one pass, in which each entry gives its parts and windows.
  Query parts = sql_(
      "SELECT COALESCE(SUM(parts), 0), COUNT(*) - COUNT(NULLIF(windows, 0)) FROM ("
      "SELECT COUNT(s.part) AS parts, SUM(s.part IS NOT NULL AND s.part >> 56 = 3) AS windows"
      " FROM entries e CROSS JOIN signals s ON s.entry = e.id AND s.kind = 1" SEMBLANCE_ACTIVE
      " GROUP BY e.id)");
  if (parts.bind(1, info.id).bind(2, now).next()) {
    info.parts = static_cast<std::uint64_t>(parts.integer(0));
    info.without_windows = static_cast<std::uint64_t>(parts.integer(1));
  }
  Query models = sql_(
      "SELECT m.name, COUNT(*) FROM entries e CROSS JOIN large_signals l ON l.entry = e.id"
      " AND l.kind = 8 CROSS JOIN models m ON m.id = l.model" SEMBLANCE_ACTIVE " GROUP BY l.model");
  models.bind(1, info.id).bind(2, now);
  while (models.next()) {
    info.embeddings[models.text(0)] = static_cast<std::uint64_t>(models.integer(1));
  }
}

void BankTable::bump_revisions(const std::set<std::int64_t>& banks) {
  for (const std::int64_t bank : banks) {
    sql_("UPDATE banks SET revision = revision + 1 WHERE id=?").bind(1, bank).run();
  }
}

}  // namespace semblance::bank
