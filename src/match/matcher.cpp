// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "match/bank_loading.h"
#include "match/candidate.h"
#include "match/embedding_index.h"
#include "match/feature_index.h"
#include "match/lookup.h"
#include "match/near_entries.h"
#include "match/pdq_search.h"
#include "match/ruling_out.h"
#include "match/video/video_match.h"
#include "semblance/match.h"

namespace semblance {
namespace {

using match::AskedEntries;
using match::BankSelection;
using match::keep_nearest;
using match::Looked;
using match::Lookup;
using match::Margins;
using match::NearEntries;
using match::note_near;
using match::PdqQuery;
using match::PdqSearch;
using match::ProfileIndex;
using match::queries_of;
using match::VideoQuery;

class StoreMatcher final : public Matcher {
 public:
  StoreMatcher(Store& store, MatcherOptions options, BankSelection banks)
      : store_(store),
        options_(std::move(options)),
        banks_(std::make_shared<const BankSelection>(std::move(banks))) {}

  Plan plan() const override { return searched()->plan; }
  std::vector<BankSnapshot> banks() const override { return searched()->snapshots; }
  std::vector<std::pair<EmbedderId, std::uint64_t>> embeddings() const override {
    const auto index = searched()->embeddings;
    if (index == nullptr) return {};
    return index->held();
  }
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

Result<MatchResult> StoreMatcher::match(const Extraction& item) const {
  const auto banks = searched();
  Lookup lookup(store_, *banks);
  MatchResult result;
  for (const SignalValue& digest : item.digests) {
    auto looked_up = lookup.match_digest(digest, result.matches);
    if (!looked_up) return std::move(looked_up).error();
  }

  std::vector<bool> below(banks->snapshots.size());
  AskedEntries entries;
  for (const PdqSignal& signal : item.pdq) {
    lookup.note_below_floor(signal.profile, signal.quality, 0, below);
  }
  Looked looked;
  looked.pictures = queries_of(item);
  looked.features = item.features;
  looked.embeddings = item.embeddings;
  auto pictures = lookup.find_pictures(looked, entries);
  if (!pictures) return std::move(pictures).error();
  result.crowded_frames += pictures->crowded;
  VideoQuery video(item.frames, item.ending.reached_ms.value_or(0));
  looked.video = &video;
  if (!item.frames.empty()) {
    lookup.note_below_floor(PdqProfile::kFull, match::best_quality(item.frames), 0, below);
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

  // Where as many match as are compared, others that were named may.
  const auto by_features =
      std::count_if(result.matches.begin(), result.matches.end(),
                    [](const Match& match) { return match.kind == SignalKind::kOrb; });
  const bool all_match = by_features >= static_cast<std::ptrdiff_t>(match::kMaxVerified);
  result.crowded_frames += pictures->more_features && all_match ? 1U : 0U;

  for (std::size_t bank = 0; bank < below.size(); ++bank) {
    if (below[bank]) result.below_floor.push_back(banks->snapshots[bank].name);
  }
  match::sort_matches(result.matches);
  return result;
}

Result<bool> StoreMatcher::rules_out(const Extraction& item) const {
  const auto banks = searched();
  return match::rules_out(store_, *banks, item);
}

// Looks one large value up: features, the frames of a video as they stand, or its TMK.
Status match_large_value(const SignalValue& query, Lookup& lookup, std::vector<Match>& into) {
  AskedEntries entries;
  Looked looked;
  if (query.kind == SignalKind::kEmbedding) {
    return Error{Errc::kBadArgument, "match embedding: a bare value does not say what made it"};
  }
  if (query.kind == SignalKind::kOrb) {
    auto set = features_from_bytes(query.bytes);
    if (!set) return Error{Errc::kBadArgument, "match orb: " + set.error().what};
    looked.features = {&*set, 1};
    auto found = lookup.find_pictures(looked, entries);
    if (!found) return std::move(found).error();
    return lookup.confirm(entries, looked, Lookup::Then::kAgain, into);
  }
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
                                           : match_large_value(query, lookup, results[i]);
    if (!looked_up) return std::move(looked_up).error();
  }

  std::vector<const ProfileIndex*> profiles;  // that the hashes may be of
  for (const PdqProfile one : kPdqProfiles) {
    const ProfileIndex* index = banks->index_of(one);
    if (index != nullptr && (!profile || one == *profile)) profiles.push_back(index);
  }
  std::vector<PdqQuery> bare;  // each hash, in each profile that it may be of
  for (const Hash256& hash : hashes) {
    for (const ProfileIndex* index : profiles) {
      bare.push_back({index->profile, std::nullopt, {&hash, 1}});
    }
  }
  std::vector<NearEntries> near(hashes.size());
  for (const ProfileIndex* index : profiles) {
    auto found =
        PdqSearch(*banks, *index)
            .each_near(bare, Margins::kNone, [&](std::size_t i, std::int64_t entry, int distance) {
              note_near(near[i / profiles.size()], entry, distance);
            });
    if (!found) return std::move(found).error();
  }
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    keep_nearest(near[i]);
    AskedEntries entries;
    for (const auto& [entry, distance] : near[i]) entries[entry].pictures = true;
    Looked looked;
    const auto first = bare.begin() + static_cast<std::ptrdiff_t>(i * profiles.size());
    looked.pictures.assign(first, first + static_cast<std::ptrdiff_t>(profiles.size()));
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
