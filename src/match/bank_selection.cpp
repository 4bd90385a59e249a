// SPDX-License-Identifier: Apache-2.0
#include "match/bank_selection.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "match/pdq_index.h"

namespace semblance::match {
namespace {

// The order of a plan's digests, and so of those in a record: it must not change.
constexpr std::array kPlanDigests = {SignalKind::kSha256, SignalKind::kMd5, SignalKind::kSha1,
                                     SignalKind::kSha512};

Result<std::vector<BankInfo>> selected_banks(Store& store, const std::vector<std::string>& names) {
  if (names.empty()) return store.describe_banks();
  std::vector<BankInfo> banks;
  for (const std::string& name : names) {
    auto bank = store.describe_bank(name);
    if (!bank) return std::move(bank).error();
    banks.push_back(*std::move(bank));
  }
  std::sort(banks.begin(), banks.end(),
            [](const BankInfo& a, const BankInfo& b) { return a.name < b.name; });
  const auto same = [](const BankInfo& a, const BankInfo& b) { return a.id == b.id; };
  banks.erase(std::unique(banks.begin(), banks.end(), same), banks.end());
  return banks;
}

// What of the counts says how much is compared by PDQ: pictures, parts of them, and frames.
void take_hashes(const SignalCount& count, std::size_t bank, BankSelection& into) {
  BankSnapshot& snapshot = into.snapshots[bank];
  const bool frames = count.kind == SignalKind::kVpdq;
  if (!into.rules[bank].admits(count.quality)) {
    (frames ? snapshot.frames_below_floor : snapshot.pdq_below_floor) += count.signals;
    return;
  }
  (frames ? snapshot.frames_indexed : snapshot.pdq_indexed) += count.signals;
  if (count.part) snapshot.parts_indexed += count.signals;
  ProfileIndex& profile = into.pdq[position(count.profile)];
  profile.hashes += count.signals;
  profile.holds_bank[bank] = true;
}

// What the bank holds, as the counts have it: told by its snapshot, and by the profiles.
void take_counts(const ActiveCounts& counts, std::size_t bank, BankSelection& into) {
  BankSnapshot& snapshot = into.snapshots[bank];
  snapshot.entries = counts.entries;
  snapshot.without_windows = counts.without_windows;
  for (const SignalCount& count : counts.signals) {
    switch (count.kind) {
      case SignalKind::kMd5:
      case SignalKind::kSha1:
      case SignalKind::kSha256:
      case SignalKind::kSha512:
        into.digest_kinds.push_back(count.kind);
        break;
      case SignalKind::kTmk:
        snapshot.tmk += count.signals;
        break;
      case SignalKind::kEmbedding:
        snapshot.embeddings[count.model] += count.signals;
        break;
      case SignalKind::kOrb:
        snapshot.features += count.signals;
        break;
      case SignalKind::kPdq:
        take_hashes(count, bank, into);
        break;
      case SignalKind::kVpdq:
        if (count.quality) {
          take_hashes(count, bank, into);
        } else {
          snapshot.videos += count.signals;
          into.holds_sparse_videos = into.holds_sparse_videos || count.sparse;
        }
        break;
    }
  }
}

// What is made of pictures beside their hashes. A kind of part is looked for where the policy of a
// bank that any could match in names it.
void plan_more_than_hashes(BankSelection& into) {
  const ProfileIndex& full = into.pdq[position(PdqProfile::kFull)];
  std::set<ProbeKind> probes;
  std::set<std::string> models;
  for (std::size_t bank = 0; bank < into.snapshots.size(); ++bank) {
    const BankSnapshot& snapshot = into.snapshots[bank];
    for (const auto& [kind, bits] : snapshot.policy.probes) {
      if (full.holds_bank[bank] && kind != ProbeKind::kWhole) probes.insert(kind);
    }
    for (const auto& [model, held] : snapshot.embeddings) {
      if (held > 0 && snapshot.policy.embeddings.contains(model)) models.insert(model);
    }
    into.plan.tmk = into.plan.tmk || snapshot.tmk > 0;
    if (snapshot.features > 0) into.plan.features = kQueryFeatures;
  }
  into.plan.mirrored_features = into.plan.features > 0;
  into.plan.probes.assign(probes.begin(), probes.end());
  into.plan.embedders.assign(models.begin(), models.end());
}

void make_plan(BankSelection& into) {
  std::vector<SignalKind> held;
  into.plan.digests.clear();
  for (const SignalKind kind : kPlanDigests) {
    const auto& all = into.digest_kinds;
    const bool is_held = std::find(all.begin(), all.end(), kind) != all.end();
    if (is_held) held.push_back(kind);
    if (is_held || kind == SignalKind::kSha256) into.plan.digests.push_back(kind);
  }
  into.digest_kinds = std::move(held);
  const auto holds_any = [](const ProfileIndex& index) { return index.hashes > 0; };
  // Where none is held, the default plan's profile stands.
  if (std::none_of(into.pdq.begin(), into.pdq.end(), holds_any)) return;
  into.plan.pdq_profiles.clear();
  for (const ProfileIndex& index : into.pdq) {
    if (holds_any(index)) into.plan.pdq_profiles.push_back(index.profile);
  }
}

}  // namespace

std::optional<std::size_t> BankSelection::position_of(std::string_view bank) const noexcept {
  const auto at =
      std::lower_bound(snapshots.begin(), snapshots.end(), bank,
                       [](const BankSnapshot& s, std::string_view name) { return s.name < name; });
  if (at == snapshots.end() || at->name != bank) return std::nullopt;
  return static_cast<std::size_t>(at - snapshots.begin());
}

std::optional<std::size_t> BankSelection::position_of(std::int64_t bank) const noexcept {
  const auto at = std::find(ids.begin(), ids.end(), bank);
  if (at == ids.end()) return std::nullopt;
  return static_cast<std::size_t>(at - ids.begin());
}

const ProfileIndex* BankSelection::index_of(PdqProfile profile) const noexcept {
  const ProfileIndex& index = pdq[position(profile)];
  return index.hashes > 0 ? &index : nullptr;
}

Result<BankSelection> describe_selection(Store& store, const MatcherOptions& options) {
  if (options.max_distance) {  // checked even where there is no bank to apply it to
    if (auto rule = rule_of({}, options.max_distance); !rule) return std::move(rule).error();
  }
  auto banks = selected_banks(store, options.banks);
  if (!banks) return std::move(banks).error();
  auto counts = store.count_active();
  if (!counts) return std::move(counts).error();
  auto state = store.state();
  if (!state) return std::move(state).error();
  BankSelection selection;
  selection.state = *std::move(state);
  for (std::size_t i = 0; i < selection.pdq.size(); ++i) {
    selection.pdq[i].profile = kPdqProfiles[i];
    selection.pdq[i].holds_bank.resize(banks->size());
  }
  for (BankInfo& bank : *banks) {
    auto rule = rule_of(bank.policy, options.max_distance);
    if (!rule) return std::move(rule).error();
    BankSnapshot snapshot;
    snapshot.name = std::move(bank.name);
    snapshot.revision = bank.revision;
    snapshot.policy = std::move(bank.policy);
    selection.ids.push_back(bank.id);
    selection.rules.push_back(*rule);
    selection.snapshots.push_back(std::move(snapshot));
    const auto held = counts->find(bank.id);
    if (held != counts->end()) take_counts(held->second, selection.ids.size() - 1, selection);
  }
  make_plan(selection);
  plan_more_than_hashes(selection);
  return selection;
}

}  // namespace semblance::match
