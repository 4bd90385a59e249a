// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "match/bank_selection.h"
#include "match/candidate.h"
#include "match/lookup.h"
#include "match/near_entries.h"
#include "match/video/frame_search.h"
#include "match/video/video_match.h"
#include "semblance/match.h"

namespace semblance {
namespace {

using match::AskedEntries;
using match::BankSelection;
using match::keep_nearest;
using match::kUsableQuality;
using match::Looked;
using match::Lookup;
using match::NearEntries;
using match::note_near;
using match::ProfileIndex;
using match::VideoQuery;

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

// The frame that speaks for a video where it is asked whether it can be looked up at all.
int best_quality(std::span<const FrameSignal> frames) {
  int best = 0;
  for (const FrameSignal& frame : frames) best = std::max(best, int{frame.at.quality});
  return best;
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
  Looked looked;
  AskedEntries entries;
  for (const PdqSignal& signal : item.pdq) {
    lookup.note_below_floor(signal.profile, signal.quality, 0, below);
    const ProfileIndex* index = banks->index_of(signal.profile);
    if (index == nullptr || signal.quality < kUsableQuality) continue;
    looked.pictures.push_back({signal.profile, signal.quality, signal.hashes});
    NearEntries near;
    auto found = lookup.find_entries(
        *index, signal.hashes, signal.quality, 0,
        [&](std::size_t, std::int64_t entry, int distance) { note_near(near, entry, distance); });
    if (!found) return std::move(found).error();
    result.crowded_frames += keep_nearest(near) ? 1U : 0U;
    for (const auto& [entry, distance] : near) entries[entry].pictures = true;
  }
  VideoQuery video(item.frames, item.ending.reached_ms.value_or(0));
  looked.video = &video;
  if (!item.frames.empty()) {
    lookup.note_below_floor(PdqProfile::kFull, best_quality(item.frames), 0, below);
    auto crowded = lookup.find_frames(item.frames, kTransforms, entries);
    if (!crowded) return std::move(crowded).error();
    result.crowded_frames += *crowded;
  }
  if (item.tmk) {
    looked.tmk = &*item.tmk;
    auto crowded = lookup.find_tmk(*item.tmk, entries);
    if (!crowded) return std::move(crowded).error();
    result.crowded_frames += *crowded;
  }
  auto confirmed = lookup.confirm(entries, looked, Lookup::Then::kDone, result.matches);
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

// Whether a picture's signal is as certain as its margins to match nothing.
Result<bool> rules_out_picture(const Lookup& lookup, const BankSelection& banks, const Facts& facts,
                               const PdqSignal& signal) {
  const bool fast = signal.precision() == Precision::kFast;
  const int quality_margin = fast ? kFastQualityMargin : 0;
  std::vector<bool> below(banks.snapshots.size());
  lookup.note_below_floor(signal.profile, signal.quality, quality_margin, below);
  const bool none_below = std::find(below.begin(), below.end(), true) == below.end();
  if (!none_below || signal.quality < kUsableQuality + quality_margin) return false;
  const ProfileIndex* index = banks.index_of(signal.profile);
  if (index == nullptr) return true;
  if (fast && is_dearer_than_decoding(*index, facts)) return false;
  // What the index holds too much of costs a second look, and decides nothing.
  bool any = false;
  auto found =
      lookup.find_entries(*index, signal.hashes, signal.quality, fast ? kFastDistanceMargin : 0,
                          [&](std::size_t, std::int64_t, int) { any = true; });
  if (!found) return std::move(found).error();
  return !any;
}

// The same of the frames of a video.
Result<bool> rules_out_frames(const Lookup& lookup, const BankSelection& banks,
                              std::span<const FrameSignal> frames, Sampling sampling) {
  const bool dense = sampling == Sampling::kDense;
  const int quality = best_quality(frames);
  std::vector<bool> below(banks.snapshots.size());
  lookup.note_below_floor(PdqProfile::kFull, quality, 0, below);
  const bool none_below = std::find(below.begin(), below.end(), true) == below.end();
  if (!none_below || quality < kUsableQuality) return false;
  // Two videos that were both sampled sparsely may show one another between their frames.
  if (!dense && banks.holds_sparse_videos) return false;
  auto any = match::any_near_frame(banks, frames, dense ? 0 : kSparseFrameMargin);
  if (!any) return std::move(any).error();
  return !*any;
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
  const bool video = item.facts.kind == MediaKind::kVideo || !item.frames.empty();
  if (banks->tmk != nullptr && video) {
    if (!item.tmk) return false;
    AskedEntries near;
    auto found = lookup.find_tmk(*item.tmk, near);
    if (!found) return std::move(found).error();
    if (!near.empty()) return false;
  }
  for (const PdqSignal& signal : item.pdq) {
    auto certain = rules_out_picture(lookup, *banks, item.facts, signal);
    if (!certain || !*certain) return certain;
  }
  // Of a video without frames nothing was looked at.
  if (item.frames.empty()) return !video && !item.facts.animated;
  return rules_out_frames(lookup, *banks, item.frames, item.sampling);
}

// Looks one value of a video up: its frames as they stand, or its TMK.
Status match_video_value(const SignalValue& query, Lookup& lookup, std::vector<Match>& into) {
  AskedEntries entries;
  Looked looked;
  if (query.kind == SignalKind::kTmk) {
    auto tmk = parse_tmk(query.bytes);
    if (!tmk) return Error{Errc::kBadArgument, "match tmk: " + tmk.error().what};
    looked.tmk = &*tmk;
    auto crowded = lookup.find_tmk(*tmk, entries);
    if (!crowded) return std::move(crowded).error();
    return lookup.confirm(entries, looked, Lookup::Then::kAgain, into);
  }
  auto known = parse_video_signal(query.bytes);
  if (!known) return Error{Errc::kBadArgument, "match vpdq: " + known.error().what};
  std::vector<FrameSignal> frames;
  for (const KnownFrame& frame : known->frames) {
    frames.push_back({frame.at, {frame.hash}});
  }
  VideoQuery video(frames, known->duration_ms);
  looked.video = &video;
  auto crowded = lookup.find_frames(frames, 1, entries);
  if (!crowded) return std::move(crowded).error();
  return lookup.confirm(entries, looked, Lookup::Then::kAgain, into);
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
    if (is_short(query.kind) && query.bytes.size() != value_bytes(query.kind)) {
      return Error{Errc::kBadArgument, "match " + std::string(name(query.kind)) + ": " +
                                           std::to_string(query.bytes.size()) + " bytes, not " +
                                           std::to_string(value_bytes(query.kind))};
    }
    if (query.kind == SignalKind::kPdq) {
      std::copy(query.bytes.begin(), query.bytes.end(), hashes.emplace_back().bytes.begin());
      position.push_back(i);
      continue;
    }
    auto looked_up = is_digest(query.kind) ? lookup.match_digest(query, results[i])
                                           : match_video_value(query, lookup, results[i]);
    if (!looked_up) return std::move(looked_up).error();
  }

  std::vector<const ProfileIndex*> profiles;  // that the hashes may be of
  for (const PdqProfile one : kPdqProfiles) {
    const ProfileIndex* index = banks->index_of(one);
    if (index != nullptr && (!profile || one == *profile)) profiles.push_back(index);
  }
  std::vector<NearEntries> near(hashes.size());
  for (const ProfileIndex* index : profiles) {
    auto found = lookup.find_entries(*index, hashes, std::nullopt, 0,
                                     [&](std::size_t i, std::int64_t entry, int distance) {
                                       note_near(near[i], entry, distance);
                                     });
    if (!found) return std::move(found).error();
  }
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    keep_nearest(near[i]);
    AskedEntries entries;
    for (const auto& [entry, distance] : near[i]) entries[entry].pictures = true;
    Looked looked;  // the one hash, in each profile that it may be of
    for (const ProfileIndex* index : profiles) {
      looked.pictures.push_back({index->profile, std::nullopt, {&hashes[i], 1}});
    }
    auto confirmed = lookup.confirm(entries, looked, Lookup::Then::kAgain, results[position[i]]);
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
