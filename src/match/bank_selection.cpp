// SPDX-License-Identifier: Apache-2.0
#include "match/bank_selection.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>

namespace semblance::match {
namespace {

// The order of a plan's digests, and so of those in a record: it must not change.
constexpr std::array kPlanDigests = {SignalKind::kSha256, SignalKind::kMd5, SignalKind::kSha1,
                                     SignalKind::kSha512};

Result<std::vector<BankInfo>> selected_banks(Store& store, const std::vector<std::string>& names) {
  std::vector<BankInfo> banks;
  if (names.empty()) {
    auto all = store.list_banks();
    if (!all) return std::move(all).error();
    banks = *std::move(all);
  }
  for (const std::string& name : names) {
    auto bank = store.find_bank(name);
    if (!bank) return std::move(bank).error();
    banks.push_back(*std::move(bank));
  }
  std::sort(banks.begin(), banks.end(),
            [](const BankInfo& a, const BankInfo& b) { return a.name < b.name; });
  const auto same = [](const BankInfo& a, const BankInfo& b) { return a.id == b.id; };
  banks.erase(std::unique(banks.begin(), banks.end(), same), banks.end());
  return banks;
}

Result<PdqRule> rule_of(const BankPolicy& policy, std::optional<int> max_distance_override) {
  PdqRule rule;
  rule.quality_floor = policy.quality_floor;
  const auto own = policy.max_distance.find(SignalKind::kPdq);
  if (own != policy.max_distance.end()) rule.max_distance = own->second;
  if (max_distance_override) rule.max_distance = *max_distance_override;
  if (rule.max_distance < 0 || rule.max_distance > Hash256::kBits) {
    return Error{Errc::kBadArgument,
                 "max distance " + std::to_string(rule.max_distance) + ": not in 0..256"};
  }
  return rule;
}

// Collects the hashes of one profile and hands them to its index in portions, so that a bank of
// many millions is never held twice.
class ProfileBuilder {
 public:
  ProfileBuilder(PdqProfile profile, std::size_t banks) {
    built_.profile = profile;
    built_.index = make_flat_index();
    built_.holds_bank.resize(banks);
  }

  Status add(const IndexedSignal& signal, std::size_t bank) {
    pending_.push_back(signal.hash);
    built_.rows.push_back({signal.entry, static_cast<std::uint32_t>(bank)});
    built_.holds_bank[bank] = true;
    return pending_.size() < kPortion ? ok() : flush();
  }

  Status flush() {
    auto added = built_.index->add(pending_);
    pending_.clear();
    return added;
  }

  ProfileIndex take() { return std::move(built_); }

 private:
  static constexpr std::size_t kPortion = 4096;
  ProfileIndex built_;
  std::vector<Hash256> pending_;
};

Status index_pdq(Store& store, const std::vector<BankInfo>& banks, BankSelection& into) {
  std::unordered_map<std::int64_t, std::size_t> position;
  for (std::size_t i = 0; i < banks.size(); ++i) position[banks[i].id] = i;
  std::vector<ProfileBuilder> builders;
  builders.reserve(kPdqProfiles.size());
  for (const PdqProfile profile : kPdqProfiles) builders.emplace_back(profile, banks.size());

  Status added = ok();
  auto visited = store.for_each_pdq([&](const IndexedSignal& signal) {
    const auto bank = position.find(signal.bank);
    if (bank == position.end() || !added) return;
    BankSnapshot& snapshot = into.snapshots[bank->second];
    if (!into.rules[bank->second].admits(signal.quality)) {
      ++snapshot.pdq_below_floor;
      return;
    }
    const auto profile = std::find(kPdqProfiles.begin(), kPdqProfiles.end(), signal.profile);
    if (profile == kPdqProfiles.end()) {
      added = Error{Errc::kCorruptStore, "index bank " + snapshot.name + ": entry " +
                                             std::to_string(signal.entry) +
                                             " has a PDQ profile of another version"};
      return;
    }
    ++snapshot.pdq_indexed;
    added = builders[static_cast<std::size_t>(profile - kPdqProfiles.begin())].add(signal,
                                                                                   bank->second);
  });
  if (!visited) return visited;
  if (!added) return added;
  for (ProfileBuilder& builder : builders) {
    if (auto flushed = builder.flush(); !flushed) return flushed;
    ProfileIndex index = builder.take();
    if (!index.rows.empty()) into.pdq.push_back(std::move(index));
  }
  return ok();
}

void make_plan(const std::vector<BankInfo>& banks, BankSelection& into) {
  into.plan.digests.clear();
  for (const SignalKind kind : kPlanDigests) {
    const bool held = std::any_of(banks.begin(), banks.end(), [kind](const BankInfo& bank) {
      const auto count = bank.signals.find(kind);
      return count != bank.signals.end() && count->second > 0;
    });
    if (held) into.digest_kinds.push_back(kind);
    if (held || kind == SignalKind::kSha256) into.plan.digests.push_back(kind);
  }
  if (into.pdq.empty()) return;  // the default plan's profile stands
  into.plan.pdq_profiles.clear();
  for (const ProfileIndex& index : into.pdq) into.plan.pdq_profiles.push_back(index.profile);
}

Result<BankSelection> load(Store& store, const MatcherOptions& options) {
  auto banks = selected_banks(store, options.banks);
  if (!banks) return std::move(banks).error();
  BankSelection selection;
  for (const BankInfo& bank : *banks) {
    auto rule = rule_of(bank.policy, options.max_distance);
    if (!rule) return std::move(rule).error();
    auto digest = store.content_digest(bank.name);
    if (!digest) return std::move(digest).error();
    BankSnapshot snapshot;
    snapshot.name = bank.name;
    snapshot.revision = bank.revision;
    snapshot.content_digest = *std::move(digest);
    snapshot.entries = bank.active;
    snapshot.policy = bank.policy;
    selection.snapshots.push_back(std::move(snapshot));
    selection.rules.push_back(*rule);
  }
  if (auto indexed = index_pdq(store, *banks, selection); !indexed) {
    return std::move(indexed).error();
  }
  make_plan(*banks, selection);
  auto newest = store.newest_entry();
  if (!newest) return std::move(newest).error();
  selection.newest_entry = *newest;
  return selection;
}

}  // namespace

std::optional<std::size_t> BankSelection::position_of(std::string_view bank) const noexcept {
  const auto at =
      std::lower_bound(snapshots.begin(), snapshots.end(), bank,
                       [](const BankSnapshot& s, std::string_view name) { return s.name < name; });
  if (at == snapshots.end() || at->name != bank) return std::nullopt;
  return static_cast<std::size_t>(at - snapshots.begin());
}

const ProfileIndex* BankSelection::index_of(PdqProfile profile) const noexcept {
  for (const ProfileIndex& index : pdq) {
    if (index.profile == profile) return &index;
  }
  return nullptr;
}

Result<BankSelection> load_banks(Store& store, const MatcherOptions& options) {
  if (options.max_distance) {  // checked even where there is no bank to apply it to
    if (auto rule = rule_of({}, options.max_distance); !rule) return std::move(rule).error();
  }
  // Of one moment: index, digests and counts agree, and a bank that is being written is no wait.
  std::optional<BankSelection> selection;
  auto read = store.read_snapshot([&]() -> Status {
    auto loaded = load(store, options);
    if (!loaded) return std::move(loaded).error();
    selection = *std::move(loaded);
    return ok();
  });
  if (!read) return std::move(read).error();
  return *std::move(selection);
}

}  // namespace semblance::match
