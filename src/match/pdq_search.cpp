// SPDX-License-Identifier: Apache-2.0
#include "match/pdq_search.h"

#include <algorithm>
#include <map>

#include "match/saved_index.h"

namespace semblance::match {
namespace {

constexpr int kBestQuality = 100;

// What is looked up within one radius.
struct Group {
  std::vector<Hash256> hashes;
  std::vector<std::size_t> of;  // [i]: the query that hashes[i] is of
};

int margin_of(const PdqQuery& query) {
  return query.probe.kind == ProbeKind::kWhole ? kFastDistanceMargin : kFastPartMargin;
}

int wider(int bits, int margin) { return std::min(bits + margin, int{Hash256::kBits}); }

}  // namespace

PdqSearch::PdqSearch(const BankSelection& banks, const ProfileIndex& index) : index_(index) {
  for (auto& of_kind : reach_) of_kind.fill(kNotCompared);
  floor_.fill(kBestQuality + 1);
  for (std::size_t bank = 0; bank < banks.rules.size(); ++bank) {
    if (!index.holds_bank[bank]) continue;
    const PdqRule& rule = banks.rules[bank];
    const std::size_t hint = bank_hint(label_of(0, banks.ids[bank]));
    if (floor_[hint] > kBestQuality) hints_.push_back(hint);
    floor_[hint] = std::min(floor_[hint], rule.quality_floor);
    for (const ProbeKind kind : kProbeKinds) {
      int& reach = reach_[static_cast<std::size_t>(kind)][hint];
      reach = std::max(reach, rule.reach(kind));
    }
  }
}

PdqSearch::Range PdqSearch::range_of(const PdqQuery& query, Margins margins) const {
  Range range;
  const bool off = margins == Margins::kOfFast && query.fast;
  range.margin = off ? margin_of(query) : 0;
  range.quality = query.quality.value_or(kBestQuality) + (off ? kFastQualityMargin : 0);
  const auto& reach = reach_[static_cast<std::size_t>(query.probe.kind)];
  for (const std::size_t hint : hints_) {
    if (range.quality < floor_[hint] || reach[hint] == kNotCompared) continue;
    range.widest = std::max(range.widest, wider(reach[hint], range.margin));
  }
  return range;
}

Status PdqSearch::each_near(
    std::span<const PdqQuery> queries, Margins margins,
    const std::function<void(std::size_t i, std::int64_t entry, int distance)>& found) const {
  std::map<int, Group> groups;  // by radius
  std::vector<Range> ranges(queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const PdqQuery& query = queries[i];
    if (query.profile != index_.profile) continue;
    ranges[i] = range_of(query, margins);
    if (ranges[i].widest == kNotCompared) continue;
    Group& group = groups[ranges[i].widest];
    for (std::size_t turn = 0; turn < query.hashes.size(); ++turn) {
      if (!query.looks_up(turn)) continue;
      group.hashes.push_back(query.hashes[turn]);
      group.of.push_back(i);
    }
  }
  for (const auto& [radius, group] : groups) {
    auto hits = index_.index->range_search(group.hashes, radius);
    if (!hits) return if_damaged("search index", index_.file, hits.error());
    for (const LabelledHit& hit : *hits) {
      const std::size_t i = group.of[hit.query];
      const std::size_t hint = bank_hint(hit.label);
      const int reach = reach_[static_cast<std::size_t>(queries[i].probe.kind)][hint];
      if (reach == kNotCompared || ranges[i].quality < floor_[hint]) continue;
      if (hit.distance > wider(reach, ranges[i].margin)) continue;
      found(i, entry_of(hit.label), hit.distance);
    }
  }
  return ok();
}

std::size_t PdqSearch::hashes_of(std::span<const PdqQuery> queries, PdqProfile profile) {
  std::size_t hashes = 0;
  for (const PdqQuery& query : queries) {
    if (query.profile != profile) continue;
    for (std::size_t turn = 0; turn < query.hashes.size(); ++turn) {
      hashes += query.looks_up(turn) ? 1U : 0U;
    }
  }
  return hashes;
}

}  // namespace semblance::match
