// SPDX-License-Identifier: Apache-2.0
// Two pictures without a store.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "match/candidate.h"
#include "match/embedding_index.h"
#include "match/feature_index.h"
#include "match/pdq_match.h"
#include "semblance/match.h"

namespace semblance {
namespace {

// A picture as a bank would keep it, but for its features.
std::vector<BankSignal> known_of(const Extraction& entry) {
  std::vector<BankSignal> signals;
  const auto add = [&](const PdqSignal& pdq, std::optional<Probe> part) {
    if (pdq.quality < match::kUsableQuality) return;
    BankSignal signal;
    signal.value = {SignalKind::kPdq, {pdq.hash().bytes.begin(), pdq.hash().bytes.end()}};
    signal.quality = pdq.quality;
    signal.profile = pdq.profile;
    signal.part = part;
    signals.push_back(std::move(signal));
  };
  for (const PdqSignal& pdq : entry.pdq) add(pdq, std::nullopt);
  for (const ProbeSignal& part : entry.probes) add(part.pdq, part.probe);
  for (const EmbeddingSignal& embedding : entry.embeddings) {
    BankSignal signal;
    signal.value = {SignalKind::kEmbedding, to_bytes(embedding.values)};
    signal.model = embedding.id.model;
    signal.version = embedding.id.version;
    signals.push_back(std::move(signal));
  }
  return signals;
}

Status check(const PictureRule& rule) {
  const auto in_range = [](int bits) { return bits >= 0 && bits <= Hash256::kBits; };
  const auto bad = [](const std::string& what) {
    return Error{Errc::kBadArgument, "match pictures: " + what};
  };
  if (!in_range(rule.max_distance)) {
    return bad("max_distance " + std::to_string(rule.max_distance) + " is not in 0..256");
  }
  for (const auto& [kind, bits] : rule.probes) {
    if (in_range(bits)) continue;
    return bad(std::to_string(bits) + " bits of " + std::string(name(kind)) + " are not in 0..256");
  }
  for (const auto& [model, least] : rule.embeddings) {
    if (!(least >= -1 && least <= 1)) {
      return bad("the least cosine of " + model + " is not in -1..1");
    }
  }
  return ok();
}

}  // namespace

Result<std::vector<Match>> match_pictures(const Extraction& query, const Extraction& entry,
                                          const PictureRule& rule) {
  if (auto good = check(rule); !good) return std::move(good).error();
  const std::vector<BankSignal> known = known_of(entry);
  const match::PdqRule bits = match::rule_of(rule.max_distance, rule.quality_floor, rule.probes);
  std::vector<Match> matches;
  auto by_hash = match::best_pdq_match(known, bits, match::queries_of(query));
  if (by_hash) matches.push_back(*std::move(by_hash));
  auto by_model = match::compare_embeddings(query.embeddings, known, rule.embeddings);
  if (!by_model) return std::move(by_model).error();
  for (Match& match : *by_model) matches.push_back(std::move(match));
  if (const auto geometry = match::best_geometry(query.features, entry.features)) {
    for (Match& match : matches) match.geometry = geometry;
    matches.push_back(match::orb_match(*geometry));
  }
  match::sort_matches(matches);
  return matches;
}

}  // namespace semblance
