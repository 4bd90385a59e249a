// SPDX-License-Identifier: Apache-2.0
#include "match/embedding_index.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "match/feature_index.h"
#include "match/pdq_index.h"

namespace semblance::match {
namespace {

// Vectors are brought to length 1 before they are searched, and may come a thousandth off it on
// either side: what is that near the limit is left to `cosine`.
constexpr double kSlack = 2.1e-3;

constexpr float kNever = 2;  // no cosine comes to that

// How many floats are handed to an index at once.
constexpr std::size_t kPortion = std::size_t{1} << 20;

// An index is built anew once as many entries as a quarter of it were read again.
constexpr std::size_t kFewChanges = 1'000;
constexpr std::size_t kEntriesForAChange = 4;

// The nearest entries first.
using Ranked = std::vector<std::pair<double, std::int64_t>>;

std::vector<std::int64_t> first_of(const Ranked& ranked, std::size_t most) {
  std::vector<std::int64_t> entries;
  for (std::size_t i = 0; i < std::min(most, ranked.size()); ++i) {
    entries.push_back(ranked[i].second);
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

}  // namespace

float least_cosine(const BankPolicy& policy, const std::string& model) {
  const auto named = policy.embeddings.find(model);
  return named == policy.embeddings.end() ? kNever : named->second;
}

Result<std::shared_ptr<const EmbeddingIndex>> EmbeddingIndex::of(Store& store,
                                                                 const BankSelection& banks) {
  auto index = std::make_shared<EmbeddingIndex>();
  index->banks_ = &banks;
  auto fed = feed_after(store, banks, SignalKind::kEmbedding, 0, *index);
  index->banks_ = nullptr;
  if (!fed) return std::move(fed).error();
  for (auto& [key, model] : index->models_) {
    if (auto merged = model.index->merge(); !merged) return std::move(merged).error();
  }
  return std::shared_ptr<const EmbeddingIndex>(std::move(index));
}

Result<std::shared_ptr<const EmbeddingIndex>> EmbeddingIndex::caught_up(
    Store& store, const BankSelection& banks, const StoreState& then,
    std::span<const std::int64_t> changed) const {
  std::size_t entries = 0;
  for (const auto& [key, model] : models_) entries += model.index->size();
  const std::size_t again = read_again_ + changed.size();
  if (again > std::max(kFewChanges, entries / kEntriesForAChange)) {
    return std::shared_ptr<const EmbeddingIndex>();
  }
  auto next = std::make_shared<EmbeddingIndex>(*this);  // the indexes themselves are shared
  next->read_again_ = again;
  next->banks_ = &banks;
  auto fed = feed_after(store, banks, SignalKind::kEmbedding, then.newest_entry, *next);
  if (fed) fed = feed_changed(store, banks, SignalKind::kEmbedding, changed, *next);
  next->banks_ = nullptr;
  if (!fed) return std::move(fed).error();
  return std::shared_ptr<const EmbeddingIndex>(std::move(next));
}

std::vector<std::pair<EmbedderId, std::uint64_t>> EmbeddingIndex::held() const {
  std::vector<std::pair<EmbedderId, std::uint64_t>> held;
  for (const auto& [key, model] : models_) {
    const std::uint64_t entries = model.index->size();
    if (entries == 0) continue;
    held.emplace_back(EmbedderId{std::get<0>(key), std::get<1>(key), std::get<2>(key)}, entries);
  }
  return held;
}

Status EmbeddingIndex::add(std::size_t bank, std::int64_t label, const BankSignal& signal) {
  if (least_cosine(banks_->snapshots[bank].policy, signal.model) > 1) return ok();
  auto vector = embedding_from_bytes(signal.value.bytes);
  if (!vector) return std::move(vector).error();
  if (auto scaled = normalise(*vector); !scaled) return scaled;
  OfModel& model = models_[{signal.model, signal.version, vector->size()}];
  if (model.index == nullptr) {
    // What a merge makes of many vectors is approximate: when that is must not be left to chance.
    LiveFloatIndexOptions options;
    options.merge_in_background = false;
    auto made = make_live_float_index(vector->size(), options);
    if (!made) return std::move(made).error();
    model.index = *std::move(made);
  }
  model.vectors.insert(model.vectors.end(), vector->begin(), vector->end());
  model.labels.push_back(label);
  return model.vectors.size() < kPortion ? ok() : flush(model);
}

Status EmbeddingIndex::flush(OfModel& model) {
  auto added = model.labels.empty() ? ok() : model.index->add(model.vectors, model.labels);
  model.vectors = {};
  model.labels = {};
  return added;
}

Status EmbeddingIndex::flush() {
  for (auto& [key, model] : models_) {
    if (auto flushed = flush(model); !flushed) return flushed;
  }
  return ok();
}

Status EmbeddingIndex::withdraw(const std::vector<std::int64_t>& labels) {
  for (auto& [key, model] : models_) {
    auto withdrawn = model.index->withdraw(labels);
    if (!withdrawn) return std::move(withdrawn).error();
  }
  return ok();
}

Result<NearEmbeddings> EmbeddingIndex::near(const BankSelection& banks,
                                            const EmbeddingSignal& query) const {
  NearEmbeddings near;
  const auto model = models_.find({query.id.model, query.id.version, query.values.size()});
  if (model == models_.end()) return near;
  std::array<float, kBankHints> least{};  // by what a label says of the bank
  least.fill(kNever);
  float lowest = kNever;
  for (std::size_t bank = 0; bank < banks.ids.size(); ++bank) {
    float& of_bank = least[bank_hint(label_of(0, banks.ids[bank]))];
    of_bank = std::min(of_bank, least_cosine(banks.snapshots[bank].policy, query.id.model));
    lowest = std::min(lowest, of_bank);
  }
  if (lowest > 1) return near;
  std::vector<float> directions;
  for (std::vector<float>& turn : turns_of(query)) {
    // A vector of zeros, or of what is no number, is like nothing.
    if (turn.size() != query.values.size() || !normalise(turn)) continue;
    directions.insert(directions.end(), turn.begin(), turn.end());
  }
  if (directions.empty()) return near;
  auto hits = model->second.index->search(directions, double{lowest} - kSlack);
  if (!hits) return std::move(hits).error();
  std::map<std::int64_t, double> entries;
  for (const ProductHit& hit : *hits) {
    if (hit.product < double{least[bank_hint(hit.label)]} - kSlack) continue;
    double& nearest = entries.try_emplace(entry_of(hit.label), hit.product).first->second;
    nearest = std::max(nearest, hit.product);
  }
  Ranked ranked;
  for (const auto& [entry, product] : entries) ranked.emplace_back(-product, entry);
  std::sort(ranked.begin(), ranked.end());
  near.crowded = ranked.size() > kMaxEntriesOfFrame;
  near.entries = first_of(ranked, kMaxEntriesOfFrame);
  near.foremost = first_of(ranked, kMaxVerified);
  return near;
}

std::vector<std::vector<float>> turns_of(const EmbeddingSignal& query) {
  std::vector<std::vector<float>> turns = {query.values};
  for (std::size_t t = 1; t < kTransforms; ++t) {
    turns.push_back(turned(query.id, query.values, static_cast<Transform>(t)));
    if (turns.back().empty()) return {query.values};
  }
  return turns;
}

Result<std::vector<Match>> compare_embeddings(std::span<const EmbeddingSignal> queries,
                                              std::span<const BankSignal> signals,
                                              const std::map<std::string, float>& least) {
  std::vector<Match> matches;
  for (const EmbeddingSignal& query : queries) {
    const auto allowed = least.find(query.id.model);
    if (allowed == least.end()) continue;
    const std::vector<std::vector<float>> turns = turns_of(query);
    std::optional<float> best;
    Transform best_turn = Transform::kNone;
    for (const BankSignal& signal : signals) {
      if (signal.value.kind != SignalKind::kEmbedding || signal.model != query.id.model ||
          signal.version != query.id.version) {
        continue;
      }
      auto known = embedding_from_bytes(signal.value.bytes);
      if (!known) return std::move(known).error();
      if (known->size() != query.values.size()) continue;
      for (std::size_t t = 0; t < turns.size(); ++t) {
        const float one = cosine(turns[t], *known);
        const auto turn = static_cast<Transform>(t);
        const bool better = !best || one > *best || (one == *best && turn < best_turn);
        if (!(one >= allowed->second) || !better) continue;
        best = one;
        best_turn = turn;
      }
    }
    if (!best) continue;
    Match match;
    match.kind = SignalKind::kEmbedding;
    match.transform = best_turn;
    match.cosine = best;
    match.least_cosine = allowed->second;
    match.model = query.id.model;
    matches.push_back(std::move(match));
  }
  return matches;
}

}  // namespace semblance::match
