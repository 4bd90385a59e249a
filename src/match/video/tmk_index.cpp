// SPDX-License-Identifier: Apache-2.0
#include "match/video/tmk_index.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

namespace semblance::match {
namespace {

using Mean = std::array<float, kTmkDimension>;

// The index adds up in an order of its own: what is that near the limit is left to tmk_level1.
constexpr float kRounding = 1e-3F;

// How many vectors are handed to the index at once.
constexpr std::size_t kPortion = 4'096;

// The vector at length 1; absent for one of zeros, which is like nothing.
std::optional<Mean> direction_of(const Mean& mean) {
  double squares = 0;
  for (const float one : mean) squares += static_cast<double>(one) * one;
  const double length = std::sqrt(squares);
  if (!(length > 0)) return std::nullopt;
  Mean direction;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    direction[i] = static_cast<float>(mean[i] / length);
  }
  return direction;
}

}  // namespace

Result<std::shared_ptr<const TmkIndex>> TmkIndex::of(Store& store, const BankSelection& banks) {
  std::shared_ptr<TmkIndex> index(new TmkIndex);
  std::vector<float> vectors;
  std::vector<std::int64_t> labels;
  Status added = ok();
  const auto flush = [&] {
    added = index->means_->add(vectors, labels);
    vectors.clear();
    labels.clear();
    return static_cast<bool>(added);
  };
  auto visited = store.for_each_tmk(0, [&](const IndexedTmk& tmk) {
    if (tmk.entry > banks.state.newest_entry) return false;
    if (!banks.position_of(tmk.bank)) return true;
    const auto direction = direction_of(tmk.mean);
    if (!direction) return true;
    vectors.insert(vectors.end(), direction->begin(), direction->end());
    labels.push_back(tmk.entry);
    return labels.size() < kPortion || flush();
  });
  if (!visited) return std::move(visited).error();
  if (added) flush();
  if (!added) return std::move(added).error();
  return std::shared_ptr<const TmkIndex>(std::move(index));
}

Result<NearTmk> TmkIndex::near(const TmkSignal& query) const {
  NearTmk near;
  const auto direction = direction_of(query.mean);
  if (!direction) return near;
  auto hits = means_->search(*direction, kTmkLevel1 - kRounding);
  if (!hits) return std::move(hits).error();
  std::set<std::int64_t> entries;
  for (const FloatHit& hit : *hits) {  // the nearest first
    near.crowded = entries.size() == kMaxEntriesOfFrame && !entries.contains(hit.label);
    if (near.crowded) break;
    entries.insert(hit.label);
  }
  near.entries.assign(entries.begin(), entries.end());
  return near;
}

Result<std::optional<Match>> compare_tmk(const TmkSignal& query,
                                         std::span<const BankSignal> signals) {
  std::optional<TmkScores> best;
  for (const BankSignal& signal : signals) {
    if (signal.value.kind != SignalKind::kTmk) continue;
    const auto known = parse_tmk(signal.value.bytes);
    if (!known) return known.error();
    TmkScores scores{tmk_level1(query, *known), 0};
    if (scores.level1 < kTmkLevel1) continue;
    scores.level2 = tmk_level2(query, *known);
    if (scores.level2 < kTmkLevel2 || (best && best->level2 >= scores.level2)) continue;
    best = scores;
  }
  if (!best) return std::optional<Match>();
  Match match;
  match.kind = SignalKind::kTmk;
  match.tmk = best;
  return std::optional(std::move(match));
}

}  // namespace semblance::match
