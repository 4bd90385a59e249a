// SPDX-License-Identifier: Apache-2.0
#include "match/pdq_match.h"

#include <algorithm>
#include <tuple>

namespace semblance::match {
namespace {

// Compares as best_pdq_match promises.
struct Order {
  int distance = 0;
  ProbeKind query = ProbeKind::kWhole;
  ProbeKind entry = ProbeKind::kWhole;
  PdqProfile profile = PdqProfile::kFull;
  Transform turn = Transform::kNone;
  Window query_window{};
  Window entry_window{};

  friend auto operator<=>(const Order&, const Order&) = default;
};

struct Best {
  Order order;
  int allowed = 0;
  std::optional<int> quality;
};

void compare(const PdqQuery& query, const BankSignal& signal, const Hash256& known, int allowed,
             std::optional<Best>& best) {
  const Probe part = signal.part.value_or(Probe{});
  for (std::size_t t = 0; t < query.hashes.size(); ++t) {
    if (!query.looks_up(t)) continue;
    const int distance = hamming_distance(query.hashes[t], known);
    if (distance > allowed) continue;
    const Order order{distance,      query.probe.kind,          part.kind,
                      query.profile, static_cast<Transform>(t), query.probe.window,
                      part.window};
    if (!best || order < best->order) best = Best{order, allowed, signal.quality};
  }
}

}  // namespace

std::vector<PdqQuery> queries_of(const Extraction& item, Margins margins) {
  std::vector<PdqQuery> queries;
  const auto add = [&](const PdqSignal& signal, const Probe& probe) {
    const bool fast = signal.precision() == Precision::kFast;
    const int margin = fast && margins == Margins::kOfFast ? kFastQualityMargin : 0;
    if (signal.quality + margin < kUsableQuality) return;
    queries.push_back({signal.profile, signal.quality, signal.hashes, probe, fast});
  };
  for (const PdqSignal& signal : item.pdq) add(signal, {});
  for (const ProbeSignal& part : item.probes) {
    if (part.probe.kind != ProbeKind::kWhole) add(part.pdq, part.probe);
  }
  return queries;
}

std::optional<Hash256> comparable_hash(const BankSignal& signal, const PdqRule& rule) {
  if (signal.value.kind != SignalKind::kPdq || signal.value.bytes.size() != Hash256::kBytes ||
      !rule.admits(signal.quality)) {
    return std::nullopt;
  }
  Hash256 hash;
  std::copy(signal.value.bytes.begin(), signal.value.bytes.end(), hash.bytes.begin());
  return hash;
}

std::optional<Match> best_pdq_match(std::span<const BankSignal> signals, const PdqRule& rule,
                                    std::span<const PdqQuery> queries) {
  std::optional<Best> best;
  for (const BankSignal& signal : signals) {
    const auto known = comparable_hash(signal, rule);
    if (!known) continue;
    const PdqProfile profile = signal.profile.value_or(PdqProfile::kFull);
    for (const PdqQuery& query : queries) {
      if (query.profile != profile || !rule.admits(query.quality)) continue;
      const int allowed = rule.allowed(query.probe.kind, part_kind(signal));
      if (allowed != kNotCompared) compare(query, signal, *known, allowed, best);
    }
  }
  if (!best) return std::nullopt;
  const Order& order = best->order;
  Match match;
  match.kind = SignalKind::kPdq;
  match.distance = order.distance;
  match.max_distance = best->allowed;
  match.transform = order.turn;
  match.profile = order.profile;
  match.entry_quality = best->quality;
  match.query_probe = said({order.query, order.query_window});
  match.entry_probe = said({order.entry, order.entry_window});
  return match;
}

}  // namespace semblance::match
