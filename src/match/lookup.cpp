// SPDX-License-Identifier: Apache-2.0
#include "match/lookup.h"

#include <algorithm>
#include <string>
#include <utility>

#include "match/embedding_index.h"
#include "match/feature_index.h"
#include "match/near_entries.h"
#include "match/pdq_search.h"
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

Result<Lookup::Found> Lookup::find_pictures(const Looked& looked, AskedEntries& into) const {
  Found found;
  const bool verified = banks_.features != nullptr && !looked.features.empty();
  NearEntries near;
  for (const ProfileIndex& index : banks_.pdq) {
    if (index.hashes == 0) continue;
    auto searched = PdqSearch(banks_, index)
                        .each_near(looked.pictures, Margins::kNone,
                                   [&](std::size_t, std::int64_t entry, int distance) {
                                     note_near(near, entry, distance);
                                   });
    if (!searched) return std::move(searched).error();
  }
  found.crowded += keep_nearest(near) ? 1U : 0U;
  for (const auto& [entry, distance] : near) into[entry].pictures = true;
  if (verified) {
    keep_nearest(near, kMaxVerified);
    for (const auto& [entry, distance] : near) into[entry].features = true;
    const NearFeatures named = banks_.features->near(looked.features);
    found.more_features = named.more;
    for (const std::int64_t entry : named.entries) into[entry].features = true;
  }
  if (banks_.embeddings == nullptr) return found;
  for (const EmbeddingSignal& embedding : looked.embeddings) {
    auto alike = banks_.embeddings->near(banks_, embedding);
    if (!alike) return std::move(alike).error();
    found.crowded += alike->crowded ? 1U : 0U;
    for (const std::int64_t entry : alike->entries) into[entry].embeddings = true;
    if (!verified) continue;
    for (const std::int64_t entry : alike->foremost) into[entry].features = true;
  }
  return found;
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
  std::optional<Match> picture;
  std::optional<Match> single;  // by one hash, of a frame
  if (asked.pictures) {
    picture = best_pdq_match(entry.item.signals, rule, looked.pictures);
    single = compare_with_frames(looked.pictures, videos, rule);
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
  // Of one entry the nearest hash is told, and a picture's before a frame's.
  if (single && picture && single->distance < picture->distance) picture.reset();
  if (single && !picture) matches.push_back(*std::move(single));
  auto compared = compare_pictures(active, asked, looked, std::move(picture), matches);
  if (!compared) return std::move(compared).error();
  for (Match& match : matches) say_entry(entry, match);
  return matches;
}

// Features say which region shows which of whatever is a picture on both sides; they add a match of
// their own, and take none away.
Status Lookup::compare_pictures(const Candidates::Active& active, const Asked& asked,
                                const Looked& looked, std::optional<Match> single,
                                std::vector<Match>& into) const {
  const std::vector<BankSignal>& signals = active.entry.item.signals;
  std::vector<Match> matches;
  if (single) matches.push_back(*std::move(single));
  if (asked.embeddings) {
    const auto& least = banks_.snapshots[active.bank].policy.embeddings;
    auto alike = compare_embeddings(looked.embeddings, signals, least);
    if (!alike) return std::move(alike).error();
    for (Match& match : *alike) matches.push_back(std::move(match));
  }
  if (asked.features) {
    std::vector<FeatureSet> known;
    for (const BankSignal& signal : signals) {
      auto set = comparable_features(signal);
      if (!set) return std::move(set).error();
      if (*set) known.push_back(**std::move(set));
    }
    if (const auto geometry = best_geometry(looked.features, known)) {
      for (Match& match : matches) match.geometry = geometry;
      matches.push_back(orb_match(*geometry));
    }
  }
  for (Match& match : matches) into.push_back(std::move(match));
  return ok();
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
