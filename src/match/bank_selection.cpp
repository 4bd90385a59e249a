// SPDX-License-Identifier: Apache-2.0
#include "match/bank_selection.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>

#include "match/pdq_index.h"
#include "match/saved_index.h"
#include "match/video/tmk_index.h"

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

// What the bank holds, as the counts have it: told by its snapshot, and by the profiles.
void take_counts(const ActiveCounts& counts, std::size_t bank, BankSelection& into) {
  BankSnapshot& snapshot = into.snapshots[bank];
  snapshot.entries = counts.entries;
  for (const SignalCount& count : counts.signals) {
    const bool frames = count.kind == SignalKind::kVpdq && count.quality;
    if (is_digest(count.kind)) {
      into.digest_kinds.push_back(count.kind);
    } else if (count.kind == SignalKind::kTmk) {
      snapshot.tmk += count.signals;
    } else if (count.kind == SignalKind::kVpdq && !frames) {
      snapshot.videos += count.signals;
      into.holds_sparse_videos = into.holds_sparse_videos || count.sparse;
    } else if (!into.rules[bank].admits(count.quality)) {
      (frames ? snapshot.frames_below_floor : snapshot.pdq_below_floor) += count.signals;
    } else {
      (frames ? snapshot.frames_indexed : snapshot.pdq_indexed) += count.signals;
      ProfileIndex& profile = into.pdq[position(count.profile)];
      profile.hashes += count.signals;
      profile.holds_bank[bank] = true;
    }
  }
  into.plan.tmk = into.plan.tmk || snapshot.tmk > 0;
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

ProfileIndexes indexes_of(const BankSelection& banks) {
  ProfileIndexes indexes;
  for (std::size_t i = 0; i < indexes.size(); ++i) indexes[i] = banks.pdq[i].index;
  return indexes;
}

// A vector a video, and not a hash a frame: building them anew costs little.
Status index_tmk(Store& store, BankSelection& banks) {
  if (!banks.plan.tmk) return ok();
  auto built = TmkIndex::of(store, banks);
  if (!built) return std::move(built).error();
  banks.tmk = *std::move(built);
  return ok();
}

// Builds those of the indexes that are not there.
Status build_missing(Store& store, BankSelection& banks) {
  ProfileIndexes missing;
  std::uint64_t hashes = 0;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (banks.pdq[i].index != nullptr) continue;
    banks.pdq[i].index = missing[i] = make_live_index();
    hashes += banks.pdq[i].hashes;
  }
  return hashes == 0 ? ok() : index_all(store, banks, missing);
}

using SavedIndexes = std::array<std::optional<OpenedIndex>, kPdqProfiles.size()>;

// Opens the saved indexes that there are.
Result<SavedIndexes> open_all_saved(const MatcherOptions& options) {
  SavedIndexes saved;
  if (options.saved_beside.empty()) return saved;
  for (std::size_t i = 0; i < saved.size(); ++i) {
    auto opened = open_saved(options.saved_beside, kPdqProfiles[i]);
    if (!opened) return std::move(opened).error();
    saved[i] = *std::move(opened);
  }
  return saved;
}

// Brings the saved indexes that there are up to date. One that too much has changed since is left
// aside.
Status use_saved(Store& store, const SavedIndexes& saved, BankSelection& banks) {
  for (std::size_t i = 0; i < banks.pdq.size(); ++i) {
    if (!saved[i]) continue;
    auto ours = check_saved(store, *saved[i], kPdqProfiles[i], banks);
    if (!ours) return ours;
    const SavedNote& note = saved[i]->note;
    ProfileIndexes one;
    one[i] = saved[i]->index;
    banks.pdq[i].file = saved[i]->file;
    auto caught_up = catch_up(store, banks, note.state, one);
    if (!caught_up) return std::move(caught_up).error();
    if (!*caught_up) {
      banks.pdq[i].file.clear();
      continue;
    }
    banks.pdq[i].index = std::move(one[i]);
    for (std::size_t bank = 0; bank < banks.ids.size(); ++bank) {
      const NotedBank* noted = note.find(banks.ids[bank]);
      BankSnapshot& snapshot = banks.snapshots[bank];
      if (noted == nullptr || noted->revision != snapshot.revision) continue;
      if (note.state.lasts_until(banks.state.at)) snapshot.content_digest = noted->content_digest;
    }
  }
  return ok();
}

Result<BankSelection> load(Store& store, const MatcherOptions& options, const SavedIndexes& saved) {
  auto banks = describe_selection(store, options);
  if (!banks) return banks;
  if (auto used = use_saved(store, saved, *banks); !used) return std::move(used).error();
  if (auto built = build_missing(store, *banks); !built) return std::move(built).error();
  if (auto built = index_tmk(store, *banks); !built) return std::move(built).error();
  for (BankSnapshot& bank : banks->snapshots) {
    if (!options.content_digests) bank.content_digest.clear();
    if (!options.content_digests || !bank.content_digest.empty()) continue;
    auto digest = store.content_digest(bank.name);
    if (!digest) return std::move(digest).error();
    bank.content_digest = *std::move(digest);
  }
  return banks;
}

// The selection with new indexes of all that its banks hold, read in portions: whoever matches
// meanwhile needs the store too.
Result<BankSelection> built_anew(Store& store, BankSelection banks) {
  std::uint64_t hashes = 0;
  for (ProfileIndex& profile : banks.pdq) {
    profile.index = make_live_index();
    profile.file.clear();
    hashes += profile.hashes;
  }
  if (hashes == 0) return banks;
  auto added = index_after(store, banks, 0, indexes_of(banks));
  if (!added) return std::move(added).error();
  return banks;
}

// A bank of the same revision holds the same entries; an expiry changes what it says of itself.
void keep_digests(const BankSelection& held, BankSelection& fresh) {
  if (!held.state.lasts_until(fresh.state.at)) return;
  for (BankSnapshot& bank : fresh.snapshots) {
    const auto before = held.position_of(std::string_view(bank.name));
    if (before && held.snapshots[*before].revision == bank.revision) {
      bank.content_digest = held.snapshots[*before].content_digest;
    }
  }
}

// All that `read` does is of one moment, and a bank that is being written is no wait.
Result<BankSelection> of_one_moment(Store& store,
                                    const std::function<Result<BankSelection>()>& read) {
  std::optional<BankSelection> selection;
  auto done = store.read_snapshot([&]() -> Status {
    auto loaded = read();
    if (!loaded) return std::move(loaded).error();
    selection = *std::move(loaded);
    return ok();
  });
  if (!done) return std::move(done).error();
  return *std::move(selection);
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
  return selection;
}

Result<BankSelection> load_banks(Store& store, const MatcherOptions& options) {
  auto saved = open_all_saved(options);
  if (!saved) return std::move(saved).error();
  return of_one_moment(store, [&] { return load(store, options, *saved); });
}

Result<BankSelection> reload_banks(Store& store, const MatcherOptions& options,
                                   const BankSelection& held) {
  bool known = false;
  auto fresh = of_one_moment(store, [&]() -> Result<BankSelection> {
    auto been = store.has_been(held.state);
    if (!been) return std::move(been).error();
    known = *been;
    return describe_selection(store, options);
  });
  if (!fresh) return fresh;
  if (auto built = index_tmk(store, *fresh); !built) return std::move(built).error();
  for (std::size_t i = 0; known && i < held.pdq.size(); ++i) fresh->pdq[i].file = held.pdq[i].file;
  if (known) {
    auto caught_up = catch_up(store, *fresh, held.state, indexes_of(held));
    if (!caught_up) return std::move(caught_up).error();
    known = *caught_up;
  }
  if (!known) return built_anew(store, *std::move(fresh));
  keep_digests(held, *fresh);
  for (std::size_t i = 0; i < held.pdq.size(); ++i) fresh->pdq[i].index = held.pdq[i].index;
  return fresh;
}

}  // namespace semblance::match
