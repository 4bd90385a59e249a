// SPDX-License-Identifier: Apache-2.0
#include "match/video/frame_pairs.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "semblance/live_index.h"

namespace semblance::match {
namespace {

// Comparisons that take no longer than preparing an index of the entry's frames would.
constexpr std::size_t kFewComparisons = std::size_t{1} << 16;

// The most queries that are searched for at once: what one search gives lies in memory as a whole.
constexpr std::size_t kBatch = 64;

// The frames of an entry, to be searched by distance.
class EntryFrames {
 public:
  EntryFrames(const VideoSignal& entry, const VideoFrames& usable, int max_distance)
      : entry_(entry), max_distance_(max_distance) {
    for (const StreamFrames& stream : usable.streams()) {
      frames_.insert(frames_.end(), stream.frames.begin(), stream.frames.end());
    }
  }

  std::size_t size() const noexcept { return frames_.size(); }

  Status prepare(std::size_t queries) {
    if (queries * frames_.size() <= kFewComparisons) return ok();
    std::vector<Hash256> codes;
    std::vector<std::int64_t> labels;
    for (const std::uint32_t frame : frames_) {
      codes.push_back(entry_.frames[frame].hash);
      labels.push_back(frame);
    }
    LiveIndexOptions options;
    options.merge_in_background = false;
    index_ = make_live_index(options);
    return index_->add(codes, labels);
  }

  // Adds what is within reach of hashes[i] as hits of query i, by query, distance and frame.
  Status search(std::span<const Hash256> hashes, std::vector<LabelledHit>& into) const {
    into.clear();
    if (index_ != nullptr) {
      auto found = index_->range_search(hashes, max_distance_);
      if (!found) return std::move(found).error();
      into = *std::move(found);
      return ok();
    }
    for (std::uint32_t i = 0; i < hashes.size(); ++i) {
      for (const std::uint32_t frame : frames_) {
        const int distance = hamming_distance(hashes[i], entry_.frames[frame].hash);
        if (distance <= max_distance_) into.push_back({i, std::int64_t{frame}, distance});
      }
    }
    std::sort(into.begin(), into.end(), [](const LabelledHit& a, const LabelledHit& b) {
      return std::tuple(a.query, a.distance, a.label) < std::tuple(b.query, b.distance, b.label);
    });
    return ok();
  }

 private:
  const VideoSignal& entry_;
  const int max_distance_;
  std::vector<std::uint32_t> frames_;
  std::unique_ptr<LiveIndex> index_;
};

// False if there would be more than kMaxPairs, and the query can be thinned further.
Result<bool> collect(const VideoQuery& query, const VideoFrames& query_frames,
                     std::span<const NearFrame> usable, const EntryFrames& entry,
                     FramePairs& into) {
  // As many as cannot give more than kMaxPairs, but one at least.
  const std::size_t at_once = std::clamp<std::size_t>(kMaxPairs / entry.size(), 1, kBatch);
  std::vector<Hash256> hashes;
  std::vector<NearFrame> batch;
  std::vector<LabelledHit> hits;
  const auto search = [&]() -> Status {
    if (auto searched = entry.search(hashes, hits); !searched) return searched;
    for (const LabelledHit& hit : hits) {
      into.pairs.push_back({batch[hit.query].frame, static_cast<std::uint32_t>(hit.label),
                            batch[hit.query].turn, hit.distance});
    }
    hashes.clear();
    batch.clear();
    return ok();
  };
  const bool thinnable = into.stride < query_frames.most_times();
  for (const NearFrame& near : usable) {
    if (!query_frames.is_kept(near.frame, into.stride)) continue;
    batch.push_back(near);
    hashes.push_back(query.hash(near));
    if (batch.size() < at_once) continue;
    if (auto searched = search(); !searched) return std::move(searched).error();
    if (into.pairs.size() > kMaxPairs && thinnable) return false;
  }
  if (auto searched = search(); !searched) return std::move(searched).error();
  return into.pairs.size() <= kMaxPairs || !thinnable;
}

using Bytes = decltype(Hash256::bytes);

// The frames of one side that vPDQ's rule counts: whole ones, of equal hashes the first as stored,
// and of those the usable ones. `kept(i)` and `hash(i)` are of frame i.
class CountedFrames {
 public:
  template <class Frames, class Kept, class Hash>
  CountedFrames(const Frames& frames, const VideoFrames& usable, const Kept& kept, const Hash& hash)
      : counts_(frames.size()), alike_(frames.size()) {
    // A query's frames come in any order; it would be kept by the time.
    std::vector<std::tuple<Bytes, std::uint32_t, std::uint32_t>> whole;  // hash, start, index
    for (std::uint32_t i = 0; i < frames.size(); ++i) {
      const FramePlace& at = frames[i].at;
      if (at.form == FrameForm::kWhole && kept(i)) whole.emplace_back(hash(i), at.start_ms, i);
    }
    std::sort(whole.begin(), whole.end());
    for (std::size_t i = 0; i < whole.size(); ++i) {
      if (i > 0 && std::get<0>(whole[i]) == std::get<0>(whole[i - 1])) continue;
      const std::uint32_t frame = std::get<2>(whole[i]);
      if (!usable.position_of(frame)) continue;
      counts_[frame] = true;
      ++all_;
    }
  }

  bool counts(std::uint32_t frame) const { return counts_[frame]; }

  void say_alike(std::uint32_t frame) {
    if (!alike_[frame]) ++known_;
    alike_[frame] = true;
  }

  double percent() const {
    return all_ == 0 ? 0 : 100.0 * static_cast<double>(known_) / static_cast<double>(all_);
  }

 private:
  std::vector<bool> counts_;
  std::vector<bool> alike_;
  std::size_t all_ = 0;
  std::size_t known_ = 0;
};

}  // namespace

const FramePair& FramePairs::nearest() const noexcept {
  return *std::min_element(pairs.begin(), pairs.end(), [](const FramePair& a, const FramePair& b) {
    return std::tuple(a.distance, a.query, a.turn, a.entry) <
           std::tuple(b.distance, b.query, b.turn, b.entry);
  });
}

Result<FramePairs> find_pairs(const VideoQuery& query, const VideoFrames& query_frames,
                              std::span<const NearFrame> near, const VideoSignal& entry,
                              const VideoFrames& entry_frames, int max_distance) {
  std::vector<NearFrame> usable;
  for (const NearFrame& one : near) {
    if (query_frames.position_of(one.frame)) usable.push_back(one);
  }
  std::sort(usable.begin(), usable.end());
  EntryFrames known(entry, entry_frames, max_distance);
  FramePairs found;
  if (usable.empty() || known.size() == 0) return found;
  if (auto ready = known.prepare(usable.size()); !ready) return std::move(ready).error();
  for (;;) {
    auto all = collect(query, query_frames, usable, known, found);
    if (!all) return std::move(all).error();
    if (*all) return found;
    found.pairs.clear();
    found.stride *= 2;
  }
}

VpdqPercents percents_of(const FramePairs& pairs, const VideoQuery& query,
                         const VideoFrames& query_frames, const VideoSignal& entry,
                         const VideoFrames& entry_frames) {
  CountedFrames ours(
      query.frames(), query_frames,
      [&](std::uint32_t frame) {
        // What is not usable was not thinned: it still is the first of its hash.
        return !query_frames.position_of(frame) || query_frames.is_kept(frame, pairs.stride);
      },
      [&](std::uint32_t frame) { return query.frames()[frame].hashes[0].bytes; });
  CountedFrames theirs(
      entry.frames, entry_frames, [](std::uint32_t) { return true; },
      [&](std::uint32_t frame) { return entry.frames[frame].hash.bytes; });
  for (const FramePair& pair : pairs.pairs) {
    if (pair.turn != Transform::kNone || !ours.counts(pair.query) || !theirs.counts(pair.entry)) {
      continue;
    }
    ours.say_alike(pair.query);
    theirs.say_alike(pair.entry);
  }
  return {ours.percent(), theirs.percent()};
}

}  // namespace semblance::match
