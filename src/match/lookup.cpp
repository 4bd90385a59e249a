// SPDX-License-Identifier: Apache-2.0
#include "match/lookup.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "match/pdq_index.h"
#include "match/saved_index.h"
#include "match/video/frame_search.h"
#include "match/video/picture_match.h"
#include "match/video/tmk_index.h"

namespace semblance::match {
namespace {

// Of two matches of one entry by single hashes, the nearer is told; the first if they are as near.
void keep_nearer(std::optional<Match>& best, std::optional<Match> other) {
  if (other && (!best || other->distance < best->distance)) best = std::move(other);
}

std::uint64_t agreeing_frames(const std::vector<Match>& intervals) {
  std::uint64_t frames = 0;
  for (const Match& match : intervals) frames += match.alignment ? match.alignment->frames : 0;
  return frames;
}

// The intervals in which a video shows one of an entry's, and in `lead` what is alike where there
// are none. An entry may hold several signals of one video: the one that more frames agree with
// tells where it is.
Result<std::vector<Match>> best_intervals(VideoQuery& query, std::span<const NearFrame> near,
                                          std::span<const KnownVideo> videos, const PdqRule& rule,
                                          std::optional<Match>& lead) {
  std::vector<Match> best;
  for (const KnownVideo& video : videos) {
    auto matches = compare_videos(query, near, video.signal, video.usable, rule);
    if (!matches) return std::move(matches).error();
    if (matches->empty()) continue;
    if (!matches->front().alignment) {
      keep_nearer(lead, std::move(matches->front()));
    } else if (agreeing_frames(*matches) > agreeing_frames(best)) {
      best = *std::move(matches);
    }
  }
  return best;
}

}  // namespace

Status Lookup::match_digest(const SignalValue& digest, std::vector<Match>& into) {
  const auto& held = banks_.digest_kinds;
  if (std::find(held.begin(), held.end(), digest.kind) == held.end()) return ok();
  auto ids = store_.find_digest(digest);
  if (!ids) return std::move(ids).error();
  for (const std::int64_t id : *ids) {
    if (id > banks_.state.newest_entry) continue;  // as the index, which does not hold it either
    auto active = candidates_.find(id);
    if (!active) return std::move(active).error();
    if (*active != nullptr) into.push_back(digest_match((*active)->entry, digest.kind));
  }
  return ok();
}

Status Lookup::find_entries(
    const ProfileIndex& index, std::span<const Hash256> hashes, std::optional<int> quality,
    int margin,
    const std::function<void(std::size_t i, std::int64_t entry, int distance)>& found) const {
  std::array<int, kBankHints> reach{};  // of the banks that the hashes may be looked up in
  reach.fill(-1);
  int widest = -1;
  for (std::size_t bank = 0; bank < banks_.rules.size(); ++bank) {
    const PdqRule& rule = banks_.rules[bank];
    if (!index.holds_bank[bank] || !rule.admits(quality)) continue;
    int& of_bank = reach[bank_hint(label_of(0, banks_.ids[bank]))];
    const int distance = std::min(rule.max_distance + margin, int{Hash256::kBits});
    of_bank = std::max(of_bank, distance);
    widest = std::max(widest, distance);
  }
  if (widest < 0) return ok();
  auto hits = index.index->range_search(hashes, widest);
  if (!hits) return if_damaged("search index", index.file, hits.error());
  for (const LabelledHit& hit : *hits) {
    if (hit.distance > reach[bank_hint(hit.label)]) continue;
    found(hit.query, entry_of(hit.label), hit.distance);
  }
  return ok();
}

Result<std::uint64_t> Lookup::find_tmk(const TmkSignal& query, AskedEntries& into) const {
  if (banks_.tmk == nullptr) return std::uint64_t{0};
  auto near = banks_.tmk->near(query);
  if (!near) return std::move(near).error();
  for (const std::int64_t entry : near->entries) into[entry].tmk = true;
  return std::uint64_t{near->crowded ? 1U : 0U};
}

Result<std::uint64_t> Lookup::find_frames(std::span<const FrameSignal> frames, std::size_t turns,
                                          AskedEntries& into) const {
  auto found = find_near_frames(banks_, frames, turns);
  if (!found) return std::move(found).error();
  for (auto& [entry, near] : found->entries) into[entry].frames = std::move(near);
  return found->crowded;
}

Result<std::vector<Match>> Lookup::compare(const Candidates::Active& active, const Asked& asked,
                                           const Looked& looked) {
  const Entry& entry = active.entry;
  const PdqRule& rule = banks_.rules[active.bank];
  std::span<const KnownVideo> videos;
  if (asked.pictures || !asked.frames.empty()) {
    auto read = candidates_.videos(entry.id);
    if (!read) return std::move(read).error();
    videos = *read;
  }
  std::vector<Match> matches;
  std::optional<Match> single;  // by one hash
  if (asked.pictures) {
    single = best_pdq_match(entry, rule, looked.pictures);
    keep_nearer(single, compare_with_frames(looked.pictures, videos, rule));
  }
  if (!asked.frames.empty()) {
    keep_nearer(single,
                compare_with_pictures(*looked.video, asked.frames, entry.item.signals, rule));
    std::optional<Match> lead;
    auto intervals = best_intervals(*looked.video, asked.frames, videos, rule, lead);
    if (!intervals) return std::move(intervals).error();
    matches = *std::move(intervals);
    if (matches.empty()) keep_nearer(single, std::move(lead));
  }
  if (asked.tmk) {
    auto whole = compare_tmk(*looked.tmk, entry.item.signals);
    if (!whole) return std::move(whole).error();
    if (*whole) matches.push_back(**std::move(whole));
  }
  if (single) matches.push_back(*std::move(single));
  for (Match& match : matches) say_entry(entry, match);
  return matches;
}

Status Lookup::confirm(const AskedEntries& entries, const Looked& looked, Then then,
                       std::vector<Match>& into) {
  for (const auto& [id, asked] : entries) {
    auto active = candidates_.find(id);
    if (!active) return std::move(active).error();
    if (*active == nullptr) continue;
    auto matches = compare(**active, asked, looked);
    if (!matches) {
      if (matches.error().code != Errc::kBadFormat) return std::move(matches).error();
      return Error{Errc::kCorruptStore, "read entry " + std::to_string(id) + ": " +
                                            matches.error().what +
                                            "; the store is damaged: restore a copy"};
    }
    for (Match& match : *matches) into.push_back(std::move(match));
    if (then == Then::kDone) candidates_.release_videos(id);
  }
  return ok();
}

void Lookup::note_below_floor(PdqProfile profile, int quality, int margin,
                              std::vector<bool>& below) const {
  const ProfileIndex* index = banks_.index_of(profile);
  if (index == nullptr) return;
  for (std::size_t bank = 0; bank < below.size(); ++bank) {
    const int floor = std::max(banks_.rules[bank].quality_floor, kUsableQuality);
    if (index->holds_bank[bank] && quality < floor + margin) below[bank] = true;
  }
}

}  // namespace semblance::match
