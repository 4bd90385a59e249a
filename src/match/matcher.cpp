// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "match/bank_selection.h"
#include "match/candidate.h"
#include "match/pdq_index.h"
#include "match/saved_index.h"
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
  StoreMatcher(Store& store, MatcherOptions options, BankSelection banks)
      : store_(store),
        options_(std::move(options)),
        banks_(std::make_shared<const BankSelection>(std::move(banks))) {}

  Plan plan() const override { return searched()->plan; }
  std::vector<BankSnapshot> banks() const override { return searched()->snapshots; }
  Status refresh() override;

  Result<MatchResult> match(const Extraction& item) const override;
  Result<bool> rules_out(const Extraction& item) const override;
  Result<std::vector<std::vector<Match>>> match(std::span<const SignalValue> queries,
                                                std::optional<PdqProfile> profile) const override;

 private:
  // The banks as last read. A call works with what it got to its end.
  std::shared_ptr<const BankSelection> searched() const {
    const std::lock_guard lock(banks_mutex_);
    return banks_;
  }

  Store& store_;
  const MatcherOptions options_;
  std::mutex refreshing_;
  mutable std::mutex banks_mutex_;  // held for the copy of a pointer
  std::shared_ptr<const BankSelection> banks_;
};

// One call of a matcher: the banks that it got, and what the store says meanwhile.
class Lookup {
 public:
  Lookup(Store& store, const BankSelection& banks)
      : store_(store), banks_(banks), candidates_(store, banks) {}

  Status match_digest(const SignalValue& digest, std::vector<Match>& into);

  // Tells `found` of each entry that has an indexed hash within its bank's distance of hashes[i],
  // and `margin` bits more.
  Status find_entries(const ProfileIndex& index, std::span<const Hash256> hashes,
                      std::optional<int> quality, int margin,
                      const std::function<void(std::size_t i, std::int64_t entry)>& found) const;

  // The index only names entries; whether and how one matches is computed from what the store
  // says of it now, by the rule of its bank.
  Status confirm_pdq(const EntryIds& entries, std::span<const PdqQuery> queries,
                     std::vector<Match>& into);

  // Marks the banks whose floor the signal is under; with a margin, may be under.
  void note_below_floor(const PdqSignal& signal, int margin, std::vector<bool>& below) const;

 private:
  Store& store_;
  const BankSelection& banks_;
  Candidates candidates_;
};

Status Lookup::match_digest(const SignalValue& digest, std::vector<Match>& into) {
  const auto& held = banks_.digest_kinds;
  if (std::find(held.begin(), held.end(), digest.kind) == held.end()) return ok();
  auto ids = store_.find_digest(digest);
  if (!ids) return std::move(ids).error();
  for (const std::int64_t id : *ids) {
    if (id > banks_.state.newest_entry) continue;  // as the index, which does not hold it either
    auto active = candidates_.find(id);
    if (!active) return std::move(active).error();
    if (*active != nullptr) into.push_back(match::digest_match((*active)->entry, digest.kind));
  }
  return ok();
}

Status Lookup::find_entries(
    const ProfileIndex& index, std::span<const Hash256> hashes, std::optional<int> quality,
    int margin, const std::function<void(std::size_t i, std::int64_t entry)>& found) const {
  std::array<int, match::kBankHints> reach{};  // of the banks that the hashes may be looked up in
  reach.fill(-1);
  int widest = -1;
  for (std::size_t bank = 0; bank < banks_.rules.size(); ++bank) {
    const PdqRule& rule = banks_.rules[bank];
    if (!index.holds_bank[bank] || !rule.admits(quality)) continue;
    int& of_bank = reach[match::bank_hint(match::label_of(0, banks_.ids[bank]))];
    const int distance = std::min(rule.max_distance + margin, int{Hash256::kBits});
    of_bank = std::max(of_bank, distance);
    widest = std::max(widest, distance);
  }
  if (widest < 0) return ok();
  auto hits = index.index->range_search(hashes, widest);
  if (!hits) return match::if_damaged("search index", index.file, hits.error());
  for (const LabelledHit& hit : *hits) {
    if (hit.distance > reach[match::bank_hint(hit.label)]) continue;
    found(hit.query, match::entry_of(hit.label));
  }
  return ok();
}

Status Lookup::confirm_pdq(const EntryIds& entries, std::span<const PdqQuery> queries,
                           std::vector<Match>& into) {
  for (const std::int64_t id : entries) {
    auto active = candidates_.find(id);
    if (!active) return std::move(active).error();
    if (*active == nullptr) continue;
    const PdqRule& rule = banks_.rules[(*active)->bank];
    auto best = match::best_pdq_match((*active)->entry, rule, queries);
    if (best) into.push_back(*std::move(best));
  }
  return ok();
}

void Lookup::note_below_floor(const PdqSignal& signal, int margin, std::vector<bool>& below) const {
  const ProfileIndex* index = banks_.index_of(signal.profile);
  if (index == nullptr) return;
  for (std::size_t bank = 0; bank < below.size(); ++bank) {
    const int floor = std::max(banks_.rules[bank].quality_floor, kUsableQuality);
    if (index->holds_bank[bank] && signal.quality < floor + margin) below[bank] = true;
  }
}

Status StoreMatcher::refresh() {
  const std::lock_guard one_at_a_time(refreshing_);
  const auto held = searched();
  auto now = store_.state();
  if (!now) return std::move(now).error();
  if (held->state.holds_at(*now)) return ok();
  auto fresh = match::reload_banks(store_, options_, *held);
  if (!fresh) return std::move(fresh).error();
  auto published = std::make_shared<const BankSelection>(*std::move(fresh));
  const std::lock_guard lock(banks_mutex_);
  banks_ = std::move(published);
  return ok();
}

Result<MatchResult> StoreMatcher::match(const Extraction& item) const {
  const auto banks = searched();
  Lookup lookup(store_, *banks);
  MatchResult result;
  for (const SignalValue& digest : item.digests) {
    auto looked_up = lookup.match_digest(digest, result.matches);
    if (!looked_up) return std::move(looked_up).error();
  }

  std::vector<bool> below(banks->snapshots.size());
  std::vector<PdqQuery> queries;
  EntryIds entries;
  for (const PdqSignal& signal : item.pdq) {
    lookup.note_below_floor(signal, 0, below);
    const ProfileIndex* index = banks->index_of(signal.profile);
    if (index == nullptr || signal.quality < kUsableQuality) continue;
    queries.push_back({signal.profile, signal.quality, signal.hashes});
    auto found =
        lookup.find_entries(*index, signal.hashes, signal.quality, 0,
                            [&](std::size_t, std::int64_t entry) { entries.insert(entry); });
    if (!found) return std::move(found).error();
  }
  auto confirmed = lookup.confirm_pdq(entries, queries, result.matches);
  if (!confirmed) return std::move(confirmed).error();

  for (std::size_t bank = 0; bank < below.size(); ++bank) {
    if (below[bank]) result.below_floor.push_back(banks->snapshots[bank].name);
  }
  match::sort_matches(result.matches);
  return result;
}

// A search of the wider radius takes about as long for each code as decoding two pixels does, so in
// a large bank a small picture is the sooner done with by hashing it exactly.
bool is_dearer_than_decoding(const ProfileIndex& index, const Facts& facts) {
  constexpr std::uint64_t kPixels = 2;
  return index.hashes > std::uint64_t{facts.width} * facts.height / kPixels;
}

Result<bool> StoreMatcher::rules_out(const Extraction& item) const {
  const auto banks = searched();
  Lookup lookup(store_, *banks);
  std::vector<Match> matches;
  for (const SignalValue& digest : item.digests) {
    auto looked_up = lookup.match_digest(digest, matches);
    if (!looked_up) return std::move(looked_up).error();
    if (!matches.empty()) return false;
  }
  for (const PdqSignal& signal : item.pdq) {
    const bool fast = signal.precision() == Precision::kFast;
    const int quality_margin = fast ? kFastQualityMargin : 0;
    std::vector<bool> below(banks->snapshots.size());
    lookup.note_below_floor(signal, quality_margin, below);
    const bool none_below = std::find(below.begin(), below.end(), true) == below.end();
    if (!none_below || signal.quality < kUsableQuality + quality_margin) return false;
    const ProfileIndex* index = banks->index_of(signal.profile);
    if (index == nullptr) continue;
    if (fast && is_dearer_than_decoding(*index, item.facts)) return false;
    // What the index holds too much of costs a second look, and decides nothing.
    bool any = false;
    auto found =
        lookup.find_entries(*index, signal.hashes, signal.quality, fast ? kFastDistanceMargin : 0,
                            [&](std::size_t, std::int64_t) { any = true; });
    if (!found) return std::move(found).error();
    if (any) return false;
  }
  return true;
}

Result<std::vector<std::vector<Match>>> StoreMatcher::match(
    std::span<const SignalValue> queries, std::optional<PdqProfile> profile) const {
  std::vector<std::vector<Match>> results(queries.size());
  const auto banks = searched();
  Lookup lookup(store_, *banks);
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
      auto looked_up = lookup.match_digest(query, results[i]);
      if (!looked_up) return std::move(looked_up).error();
      continue;
    }
    std::copy(query.bytes.begin(), query.bytes.end(), hashes.emplace_back().bytes.begin());
    position.push_back(i);
  }

  std::vector<const ProfileIndex*> profiles;  // that the hashes may be of
  for (const PdqProfile one : kPdqProfiles) {
    const ProfileIndex* index = banks->index_of(one);
    if (index != nullptr && (!profile || one == *profile)) profiles.push_back(index);
  }
  std::vector<EntryIds> entries(hashes.size());
  for (const ProfileIndex* index : profiles) {
    auto found =
        lookup.find_entries(*index, hashes, std::nullopt, 0,
                            [&](std::size_t i, std::int64_t entry) { entries[i].insert(entry); });
    if (!found) return std::move(found).error();
  }
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    std::vector<PdqQuery> forms;  // the one hash, in each profile that it may be of
    for (const ProfileIndex* index : profiles) {
      forms.push_back({index->profile, std::nullopt, {&hashes[i], 1}});
    }
    auto confirmed = lookup.confirm_pdq(entries[i], forms, results[position[i]]);
    if (!confirmed) return std::move(confirmed).error();
  }
  for (auto& matches : results) match::sort_matches(matches);
  return results;
}

}  // namespace

Result<std::unique_ptr<Matcher>> make_matcher(Store& store, const MatcherOptions& options) {
  auto banks = match::load_banks(store, options);
  if (!banks) return std::move(banks).error();
  return std::unique_ptr<Matcher>(
      std::make_unique<StoreMatcher>(store, options, *std::move(banks)));
}

}  // namespace semblance
