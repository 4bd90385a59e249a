// SPDX-License-Identifier: Apache-2.0
#include "match/bank_loading.h"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "match/embedding_index.h"
#include "match/feature_index.h"
#include "match/pdq_index.h"
#include "match/saved_index.h"
#include "match/video/tmk_index.h"

namespace semblance::match {
namespace {

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

// Builds those of the indexes of pictures' other signals that are needed and not there.
Status build_others(Store& store, BankSelection& banks) {
  if (banks.plan.features > 0 && banks.features == nullptr) {
    auto built = FeatureIndex::of(store, banks);
    if (!built) return std::move(built).error();
    banks.features = *std::move(built);
  }
  if (!banks.plan.embedders.empty() && banks.embeddings == nullptr) {
    auto built = EmbeddingIndex::of(store, banks);
    if (!built) return std::move(built).error();
    banks.embeddings = *std::move(built);
  }
  return index_tmk(store, banks);
}

// Brings those that `held` has up to date, where that costs less than building them.
Status catch_up_others(Store& store, const BankSelection& held, BankSelection& banks) {
  const bool features = banks.plan.features > 0 && held.features != nullptr;
  const bool embeddings = !banks.plan.embedders.empty() && held.embeddings != nullptr;
  if (!features && !embeddings) return ok();
  auto changed = store.changed_entries(held.state, banks.state);
  if (!changed) return std::move(changed).error();
  if (features) {
    auto caught_up = held.features->catch_up(store, banks, held.state, *changed);
    if (!caught_up) return std::move(caught_up).error();
    if (*caught_up) banks.features = held.features;
  }
  if (embeddings) {
    auto caught_up = held.embeddings->caught_up(store, banks, held.state, *changed);
    if (!caught_up) return std::move(caught_up).error();
    banks.embeddings = *std::move(caught_up);
  }
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
  if (auto built = build_others(store, *banks); !built) return std::move(built).error();
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
  if (known) {
    auto caught_up = catch_up_others(store, held, *fresh);
    if (!caught_up) return std::move(caught_up).error();
  }
  if (auto built = build_others(store, *fresh); !built) return std::move(built).error();
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
