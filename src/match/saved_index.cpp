// SPDX-License-Identifier: Apache-2.0
#include "semblance/saved_index.h"

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "match/pdq_index.h"
#include "match/saved_index.h"
#include "match/saved_note.h"

namespace semblance {
namespace match {
namespace {

constexpr const char* kAdvice = "; `semblance bank index` makes it anew";

std::uint64_t file_bytes(const std::string& path) {
  std::error_code failed;
  const auto bytes = std::filesystem::file_size(path, failed);
  return failed ? 0 : static_cast<std::uint64_t>(bytes);
}

// What the index says of itself is of this store, and of this profile.
Status belongs(Store& store, const SavedNote& note, PdqProfile profile,
               const BankSelection& banks) {
  if (note.profile != profile) {
    return Error{Errc::kMismatch, "it is of the profile " + std::string(name(note.profile))};
  }
  auto been = store.has_been(note.state);
  if (!been) return std::move(been).error();
  if (!*been) {
    return Error{Errc::kMismatch,
                 "it was made of another store, or of this one at a moment that it does not know, "
                 "such as before a copy was restored"};
  }
  for (std::size_t i = 0; i < banks.ids.size(); ++i) {
    const NotedBank* noted = note.find(banks.ids[i]);
    if (noted != nullptr && noted->quality_floor != banks.rules[i].quality_floor) {
      return Error{Errc::kMismatch, "the quality floor of bank " + banks.snapshots[i].name +
                                        " was " + std::to_string(noted->quality_floor)};
    }
  }
  return ok();
}

// All banks of the store as they are, with an empty index a profile.
Result<BankSelection> all_banks(Store& store) {
  auto banks = describe_selection(store, {});
  if (!banks) return banks;
  if (banks->state.token.empty()) {
    return Error{
        Errc::kUnsupported,
        "index banks: the store is of an early version and keeps no history that a saved index "
        "could be compared with; try again when it may be written and nobody writes to it, or "
        "import an export of it into a new store"};
  }
  for (ProfileIndex& profile : banks->pdq) profile.index = make_live_index();
  return banks;
}

Status read_all(Store& store, BankSelection& banks, std::vector<NotedBank>& noted,
                const std::function<bool(std::uint64_t read, std::uint64_t all)>& step) {
  std::uint64_t all = 0;
  for (const BankSnapshot& bank : banks.snapshots)
    all += bank.pdq_indexed + bank.pdq_below_floor + bank.frames_indexed + bank.frames_below_floor;
  ProfileIndexes into;
  for (std::size_t i = 0; i < into.size(); ++i) into[i] = banks.pdq[i].index;
  auto indexed =
      index_all(store, banks, into, [&](std::uint64_t read) { return !step || step(read, all); });
  if (!indexed) return indexed;
  for (std::size_t i = 0; i < banks.ids.size(); ++i) {
    auto digest = store.content_digest(banks.snapshots[i].name);
    if (!digest) return std::move(digest).error();
    noted.push_back({banks.ids[i], banks.rules[i].quality_floor, banks.snapshots[i].revision,
                     *std::move(digest)});
  }
  return ok();
}

Result<SavedIndex> verify_one(Store& store, const BankSelection& banks, OpenedIndex&& opened) {
  if (auto whole = opened.index->verify(); !whole) {
    return about_index("verify index", opened.file, whole.error());
  }
  auto now = store.state();
  if (!now) return std::move(now).error();
  SavedIndex saved{opened.note.profile, opened.file, file_bytes(opened.file),
                   opened.note.state.holds_at(*now), opened.index->facts()};
  if (!saved.current) return saved;
  const std::uint64_t in_store = banks.pdq[position(opened.note.profile)].hashes;
  if (in_store != saved.facts.codes) {
    return about_index("verify index", opened.file,
                       {Errc::kCorruptStore, "it holds " + std::to_string(saved.facts.codes) +
                                                 " hashes, the store " + std::to_string(in_store)});
  }
  return saved;
}

}  // namespace

Error about_index(std::string_view operation, const std::string& file, const Error& error) {
  std::string what = error.what;
  if (what.find(file) == std::string::npos) {
    what = std::string(operation) + ' ' + file + ": " + what;
  }
  return {error.code, what + kAdvice, error.native};
}

Error if_damaged(std::string_view operation, const std::string& file, const Error& error) {
  const bool damaged = error.code == Errc::kCorruptStore && !file.empty();
  return damaged ? about_index(operation, file, error) : error;
}

Result<std::optional<OpenedIndex>> open_saved(const std::string& store_path, PdqProfile profile) {
  const std::string file = saved_index_path(store_path, profile);
  auto index = open_index(file);
  if (!index) {
    if (index.error().code == Errc::kNotFound) return std::optional<OpenedIndex>();
    return about_index("open index", file, index.error());
  }
  auto note = parse_saved_note((*index)->note());
  if (!note) return about_index("open index", file, note.error());
  return std::optional<OpenedIndex>({*std::move(index), file, *std::move(note)});
}

Status check_saved(Store& store, const OpenedIndex& opened, PdqProfile profile,
                   const BankSelection& banks) {
  auto ours = belongs(store, opened.note, profile, banks);
  if (!ours) return about_index("open index", opened.file, ours.error());
  return ok();
}

}  // namespace match

std::string saved_index_path(const std::string& store_path, PdqProfile profile) {
  return store_path + ".pdq-" + std::string(name(profile)) + ".index";
}

Result<std::vector<SavedIndex>> save_index(
    Store& store, const std::string& store_path,
    const std::function<bool(std::uint64_t read, std::uint64_t all)>& step) {
  std::optional<match::BankSelection> banks;
  std::vector<match::NotedBank> noted;
  auto read = store.read_snapshot([&]() -> Status {
    auto all = match::all_banks(store);
    if (!all) return std::move(all).error();
    banks = *std::move(all);
    return match::read_all(store, *banks, noted, step);
  });
  if (!read) return std::move(read).error();

  std::vector<SavedIndex> saved;
  for (const match::ProfileIndex& profile : banks->pdq) {
    if (auto merged = profile.index->merge(); !merged) return std::move(merged).error();
    const std::string path = saved_index_path(store_path, profile.profile);
    const std::string note = to_text(match::SavedNote{profile.profile, banks->state, noted});
    // Who may not read the store may not read its hashes here.
    auto written = profile.index->save(path, note, store_path);
    if (!written) return std::move(written).error();
    saved.push_back({profile.profile, path, match::file_bytes(path), true, profile.index->facts()});
  }
  return saved;
}

Result<std::vector<SavedIndex>> verify_index(Store& store, const std::string& store_path) {
  std::vector<SavedIndex> saved;
  std::array<std::optional<match::OpenedIndex>, kPdqProfiles.size()> all;
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto opened = match::open_saved(store_path, kPdqProfiles[i]);
    if (!opened) return std::move(opened).error();
    all[i] = *std::move(opened);
  }
  auto read = store.read_snapshot([&]() -> Status {
    auto banks = match::describe_selection(store, {});
    if (!banks) return std::move(banks).error();
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!all[i]) continue;
      auto ours = match::check_saved(store, *all[i], kPdqProfiles[i], *banks);
      if (!ours) return ours;
      auto verified = match::verify_one(store, *banks, *std::move(all[i]));
      if (!verified) return std::move(verified).error();
      saved.push_back(*std::move(verified));
    }
    return ok();
  });
  if (!read) return std::move(read).error();
  if (saved.empty()) {
    return Error{Errc::kNotFound, "verify index " +
                                      saved_index_path(store_path, PdqProfile::kFull) +
                                      ": there is none; `semblance bank index` makes it"};
  }
  return saved;
}

}  // namespace semblance
