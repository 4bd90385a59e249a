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

// Queries that are searched for at once: what one search gives lies in memory as a whole.
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
Result<bool> collect(const VideoQuery& query, std::span<const NearFrame> usable,
                     const EntryFrames& entry, FramePairs& into) {
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
  const bool thinnable = into.stride < query.frames().size();
  for (const NearFrame& near : usable) {
    if (near.frame % into.stride != 0) continue;
    batch.push_back(near);
    hashes.push_back(query.hash(near));
    if (batch.size() < kBatch) continue;
    if (auto searched = search(); !searched) return std::move(searched).error();
    if (into.pairs.size() > kMaxPairs && thinnable) return false;
  }
  if (auto searched = search(); !searched) return std::move(searched).error();
  return into.pairs.size() <= kMaxPairs || !thinnable;
}

using Bytes = decltype(Hash256::bytes);

// How many different ones there are.
std::size_t distinct(std::vector<Bytes> hashes) {
  std::sort(hashes.begin(), hashes.end());
  return static_cast<std::size_t>(std::unique(hashes.begin(), hashes.end()) - hashes.begin());
}

bool is_whole(const FramePlace& place) { return place.form == FrameForm::kWhole; }

double percent(std::size_t part, std::size_t all) {
  return all == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(all);
}

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
    auto all = collect(query, usable, known, found);
    if (!all) return std::move(all).error();
    if (*all) return found;
    found.pairs.clear();
    found.stride *= 2;
  }
}

VpdqPercents percents_of(const FramePairs& pairs, const VideoQuery& query,
                         const VideoFrames& query_frames, const VideoSignal& entry,
                         const VideoFrames& entry_frames) {
  std::vector<bool> query_alike(query.frames().size());
  std::vector<bool> entry_alike(entry.frames.size());
  for (const FramePair& pair : pairs.pairs) {
    if (pair.turn != Transform::kNone || !is_whole(query.frames()[pair.query].at) ||
        !is_whole(entry.frames[pair.entry].at)) {
      continue;
    }
    query_alike[pair.query] = true;
    entry_alike[pair.entry] = true;
  }
  std::vector<Bytes> all;
  std::vector<Bytes> alike;
  const auto share = [&] {
    const double percents = percent(distinct(std::move(alike)), distinct(std::move(all)));
    all.clear();
    alike.clear();
    return percents;
  };
  for (const StreamFrames& stream : query_frames.streams()) {
    for (const std::uint32_t frame : stream.frames) {
      const FrameSignal& one = query.frames()[frame];
      if (!is_whole(one.at) || frame % pairs.stride != 0) continue;
      all.push_back(one.hashes[0].bytes);
      if (query_alike[frame]) alike.push_back(one.hashes[0].bytes);
    }
  }
  VpdqPercents percents;
  percents.query = share();
  for (const StreamFrames& stream : entry_frames.streams()) {
    for (const std::uint32_t frame : stream.frames) {
      const KnownFrame& one = entry.frames[frame];
      if (!is_whole(one.at)) continue;
      all.push_back(one.hash.bytes);
      if (entry_alike[frame]) alike.push_back(one.hash.bytes);
    }
  }
  percents.entry = share();
  return percents;
}

}  // namespace semblance::match
