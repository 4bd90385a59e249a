// SPDX-License-Identifier: Apache-2.0
#include "match/ruling_out.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "match/embedding_index.h"
#include "match/feature_index.h"
#include "match/lookup.h"
#include "match/pdq_search.h"
#include "match/video/frame_search.h"

namespace semblance::match {
namespace {

// Whether a bank's floor is above a quality, or by the margin may be.
bool is_below_a_floor(const Lookup& lookup, const BankSelection& banks, PdqProfile profile,
                      int quality, int margin) {
  std::vector<bool> below(banks.snapshots.size());
  lookup.note_below_floor(profile, quality, margin, below);
  return std::find(below.begin(), below.end(), true) != below.end();
}

// A search of the wider radius for a picture's eight hashes takes about as long for each code as
// decoding two pixels does, so in a large bank a small picture is the sooner done with by hashing
// it exactly. Parts are looked up less far: for each hash about a quarter of that.
bool is_dearer_than_decoding(const ProfileIndex& index, std::span<const PdqQuery> queries,
                             const Facts& facts) {
  constexpr std::uint64_t kPixels = 2;
  constexpr std::uint64_t kPart = 4;
  const std::uint64_t hashes = PdqSearch::hashes_of(queries, index.profile);
  const std::uint64_t parts = hashes - std::min<std::uint64_t>(hashes, kTransforms);
  const std::uint64_t eighths = kTransforms + parts / kPart;
  const std::uint64_t pixels = std::uint64_t{facts.width} * facts.height;
  return index.hashes * eighths > pixels / kPixels * kTransforms;
}

// Whether the signals of pictures and of their parts are as certain as their margins to match
// nothing.
Result<bool> rules_out_pictures(const Lookup& lookup, const BankSelection& banks,
                                const Extraction& item) {
  for (const PdqSignal& signal : item.pdq) {
    const int margin = signal.precision() == Precision::kFast ? kFastQualityMargin : 0;
    if (is_below_a_floor(lookup, banks, signal.profile, signal.quality, margin)) return false;
    if (signal.quality < kUsableQuality + margin) return false;
  }
  const std::vector<PdqQuery> queries = queries_of(item, Margins::kOfFast);
  const bool fast =
      std::any_of(queries.begin(), queries.end(), [](const PdqQuery& query) { return query.fast; });
  for (const ProfileIndex& index : banks.pdq) {
    if (index.hashes == 0 || PdqSearch::hashes_of(queries, index.profile) == 0) continue;
    if (fast && is_dearer_than_decoding(index, queries, item.facts)) return false;
    // What the index holds too much of costs a second look, and decides nothing.
    bool any = false;
    auto searched = PdqSearch(banks, index)
                        .each_near(queries, Margins::kOfFast,
                                   [&](std::size_t, std::int64_t, int) { any = true; });
    if (!searched) return std::move(searched).error();
    if (any) return false;
  }
  return true;
}

// The same of the frames of a video.
Result<bool> rules_out_frames(const Lookup& lookup, const BankSelection& banks,
                              std::span<const FrameSignal> frames, Sampling sampling) {
  const bool dense = sampling == Sampling::kDense;
  const int quality = best_quality(frames);
  if (is_below_a_floor(lookup, banks, PdqProfile::kFull, quality, 0)) return false;
  if (quality < kUsableQuality) return false;
  // Two videos that were both sampled sparsely may show one another between their frames.
  if (!dense && banks.holds_sparse_videos) return false;
  auto any = any_near_frame(banks, frames, dense ? 0 : kSparseFrameMargin);
  if (!any) return std::move(any).error();
  return !*any;
}

// The same of what takes every pixel of a picture. An item that has none of it was not looked at
// so.
Result<bool> rules_out_more(const BankSelection& banks, const Extraction& item) {
  if (item.facts.kind != MediaKind::kImage) return true;
  if (banks.features != nullptr) {
    if (item.features.empty()) return false;
    if (!banks.features->near(item.features).entries.empty()) return false;
  }
  if (banks.embeddings == nullptr) return true;
  if (item.embeddings.size() < banks.plan.embedders.size()) return false;
  for (const EmbeddingSignal& embedding : item.embeddings) {
    auto near = banks.embeddings->near(banks, embedding);
    if (!near) return std::move(near).error();
    if (!near->entries.empty()) return false;
  }
  return true;
}

}  // namespace

int best_quality(std::span<const FrameSignal> frames) {
  int best = 0;
  for (const FrameSignal& frame : frames) best = std::max(best, int{frame.at.quality});
  return best;
}

Result<bool> rules_out(Store& store, const BankSelection& banks, const Extraction& item) {
  Lookup lookup(store, banks);
  std::vector<Match> matches;
  for (const SignalValue& digest : item.digests) {
    auto looked_up = lookup.match_digest(digest, matches);
    if (!looked_up) return std::move(looked_up).error();
    if (!matches.empty()) return false;
  }
  const bool video = item.facts.kind == MediaKind::kVideo || !item.frames.empty();
  if (banks.tmk != nullptr && video) {
    if (!item.tmk) return false;
    AskedEntries near;
    auto found = lookup.find_tmk(*item.tmk, near);
    if (!found) return std::move(found).error();
    if (!near.empty()) return false;
  }
  auto pictures = rules_out_pictures(lookup, banks, item);
  if (!pictures || !*pictures) return pictures;
  auto more = rules_out_more(banks, item);
  if (!more || !*more) return more;
  // Of a video without frames nothing was looked at.
  if (item.frames.empty()) return !video && !item.facts.animated;
  return rules_out_frames(lookup, banks, item.frames, item.sampling);
}

}  // namespace semblance::match
