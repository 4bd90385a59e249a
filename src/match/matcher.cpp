// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "match/bank_selection.h"
#include "match/candidate.h"
#include "semblance/match.h"

namespace semblance {
namespace {

using match::BankSelection;
using match::Candidates;
using match::PdqQuery;
using match::PdqRule;
using match::ProfileIndex;

using EntryIds = std::set<std::int64_t>;

// Below this a picture has no usable hash: it is flat, or a side is under five pixels, and the
// bits are rounding noise or zero. No policy makes such a hash worth looking up.
constexpr int kUsableQuality = 1;

class StoreMatcher final : public Matcher {
 public:
  StoreMatcher(Store& store, BankSelection banks) : store_(store), banks_(std::move(banks)) {}

  const Plan& plan() const noexcept override { return banks_.plan; }
  const std::vector<BankSnapshot>& banks() const noexcept override { return banks_.snapshots; }

  Result<MatchResult> match(const Extraction& item) const override;
  Result<std::vector<std::vector<Match>>> match(std::span<const SignalValue> queries,
                                                std::optional<PdqProfile> profile) const override;

 private:
  Status match_digest(const SignalValue& digest, Candidates& candidates,
                      std::vector<Match>& into) const;

  // Tells `found` of each entry whose indexed hash is within reach of hashes[i].
  Status find_entries(const ProfileIndex& index, std::span<const Hash256> hashes,
                      std::optional<int> quality,
                      const std::function<void(std::size_t i, std::int64_t entry)>& found) const;

  // The index only names entries; whether and how one matches is computed from what the store
  // says of it now, by the rule of its bank.
  Status confirm_pdq(const EntryIds& entries, std::span<const PdqQuery> queries,
                     Candidates& candidates, std::vector<Match>& into) const;

  void note_below_floor(const PdqSignal& signal, std::vector<bool>& below) const;

  Store& store_;
  const BankSelection banks_;
};

Status StoreMatcher::match_digest(const SignalValue& digest, Candidates& candidates,
                                  std::vector<Match>& into) const {
  const auto& held = banks_.digest_kinds;
  if (std::find(held.begin(), held.end(), digest.kind) == held.end()) return ok();
  auto ids = store_.find_digest(digest);
  if (!ids) return std::move(ids).error();
  for (const std::int64_t id : *ids) {
    if (id > banks_.newest_entry) continue;  // as the index, which does not hold it either
    auto active = candidates.find(id);
    if (!active) return std::move(active).error();
    if (*active != nullptr) into.push_back(match::digest_match((*active)->entry, digest.kind));
  }
  return ok();
}

Status StoreMatcher::find_entries(
    const ProfileIndex& index, std::span<const Hash256> hashes, std::optional<int> quality,
    const std::function<void(std::size_t i, std::int64_t entry)>& found) const {
  int widest = -1;  // of the banks that the hashes may be looked up in
  for (std::size_t bank = 0; bank < banks_.rules.size(); ++bank) {
    const PdqRule& rule = banks_.rules[bank];
    if (index.holds_bank[bank] && rule.admits(quality)) {
      widest = std::max(widest, rule.max_distance);
    }
  }
  if (widest < 0) return ok();
  auto hits = index.index->range_search(hashes, widest);
  if (!hits) return std::move(hits).error();
  for (const Hit& hit : *hits) {
    const match::RowOrigin& origin = index.rows[hit.row];
    const PdqRule& rule = banks_.rules[origin.bank];
    if (hit.distance > rule.max_distance || !rule.admits(quality)) continue;
    found(hit.query, origin.entry);
  }
  return ok();
}

Status StoreMatcher::confirm_pdq(const EntryIds& entries, std::span<const PdqQuery> queries,
                                 Candidates& candidates, std::vector<Match>& into) const {
  for (const std::int64_t id : entries) {
    auto active = candidates.find(id);
    if (!active) return std::move(active).error();
    if (*active == nullptr) continue;
    const PdqRule& rule = banks_.rules[(*active)->bank];
    auto best = match::best_pdq_match((*active)->entry, rule, queries);
    if (best) into.push_back(*std::move(best));
  }
  return ok();
}

void StoreMatcher::note_below_floor(const PdqSignal& signal, std::vector<bool>& below) const {
  const ProfileIndex* index = banks_.index_of(signal.profile);
  if (index == nullptr) return;
  for (std::size_t bank = 0; bank < below.size(); ++bank) {
    const int floor = std::max(banks_.rules[bank].quality_floor, kUsableQuality);
    if (index->holds_bank[bank] && signal.quality < floor) below[bank] = true;
  }
}

Result<MatchResult> StoreMatcher::match(const Extraction& item) const {
  MatchResult result;
  Candidates candidates(store_, banks_);
  for (const SignalValue& digest : item.digests) {
    auto looked_up = match_digest(digest, candidates, result.matches);
    if (!looked_up) return std::move(looked_up).error();
  }

  std::vector<bool> below(banks_.snapshots.size());
  std::vector<PdqQuery> queries;
  EntryIds entries;
  for (const PdqSignal& signal : item.pdq) {
    note_below_floor(signal, below);
    const ProfileIndex* index = banks_.index_of(signal.profile);
    if (index == nullptr || signal.quality < kUsableQuality) continue;
    queries.push_back({signal.profile, signal.quality, signal.hashes});
    auto found = find_entries(*index, signal.hashes, signal.quality,
                              [&](std::size_t, std::int64_t entry) { entries.insert(entry); });
    if (!found) return std::move(found).error();
  }
  auto confirmed = confirm_pdq(entries, queries, candidates, result.matches);
  if (!confirmed) return std::move(confirmed).error();

  for (std::size_t bank = 0; bank < below.size(); ++bank) {
    if (below[bank]) result.below_floor.push_back(banks_.snapshots[bank].name);
  }
  match::sort_matches(result.matches);
  return result;
}

Result<std::vector<std::vector<Match>>> StoreMatcher::match(
    std::span<const SignalValue> queries, std::optional<PdqProfile> profile) const {
  std::vector<std::vector<Match>> results(queries.size());
  Candidates candidates(store_, banks_);
  std::vector<Hash256> hashes;
  std::vector<std::size_t> position;  // of hashes[i] in queries
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const SignalValue& query = queries[i];
    if (query.bytes.size() != value_bytes(query.kind)) {
      return Error{Errc::kBadArgument, "match " + std::string(name(query.kind)) + ": " +
                                           std::to_string(query.bytes.size()) + " bytes, not " +
                                           std::to_string(value_bytes(query.kind))};
    }
    if (is_digest(query.kind)) {
      auto looked_up = match_digest(query, candidates, results[i]);
      if (!looked_up) return std::move(looked_up).error();
      continue;
    }
    std::copy(query.bytes.begin(), query.bytes.end(), hashes.emplace_back().bytes.begin());
    position.push_back(i);
  }

  std::vector<EntryIds> entries(hashes.size());
  for (const ProfileIndex& index : banks_.pdq) {
    if (profile && index.profile != *profile) continue;
    auto found = find_entries(index, hashes, std::nullopt,
                              [&](std::size_t i, std::int64_t entry) { entries[i].insert(entry); });
    if (!found) return std::move(found).error();
  }
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    std::vector<PdqQuery> forms;  // the one hash, in each profile that it may be of
    for (const ProfileIndex& index : banks_.pdq) {
      if (profile && index.profile != *profile) continue;
      forms.push_back({index.profile, std::nullopt, {&hashes[i], 1}});
    }
    auto confirmed = confirm_pdq(entries[i], forms, candidates, results[position[i]]);
    if (!confirmed) return std::move(confirmed).error();
  }
  for (auto& matches : results) match::sort_matches(matches);
  return results;
}

}  // namespace

Result<std::unique_ptr<Matcher>> make_matcher(Store& store, const MatcherOptions& options) {
  auto banks = match::load_banks(store, options);
  if (!banks) return std::move(banks).error();
  return std::unique_ptr<Matcher>(std::make_unique<StoreMatcher>(store, *std::move(banks)));
}

}  // namespace semblance
