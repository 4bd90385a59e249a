// SPDX-License-Identifier: Apache-2.0
// Private to src/match: which frames of two videos are alike.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "match/video/video_frames.h"
#include "match/video/video_match.h"
#include "semblance/result.h"
#include "semblance/video.h"

namespace semblance::match {

/// A frame of the query, in one of its turns, within reach of a frame of the entry.
struct FramePair {
  std::uint32_t query = 0;  // index into the query's frames
  std::uint32_t entry = 0;  // index into the entry's frames
  Transform turn = Transform::kNone;
  int distance = 0;  // bits
};

/// All such pairs, by frame of the query, turn, distance and frame of the entry.
struct FramePairs {
  std::vector<FramePair> pairs;
  std::uint32_t stride = 1;  // of the query's times, those kept: see VideoFrames::is_kept

  /// The nearest pair, and of several the first. Precondition: there are pairs.
  const FramePair& nearest() const noexcept;
};

/// Compares the frames of `near` that are usable with the usable frames of the entry. Costs grow
/// with those of `near` and with what is alike; see kMaxPairs. Fails only where memory does not
/// suffice.
Result<FramePairs> find_pairs(const VideoQuery& query, const VideoFrames& query_frames,
                              std::span<const NearFrame> near, const VideoSignal& entry,
                              const VideoFrames& entry_frames, int max_distance);

/// What vpdq_percents says of the same frames, which the pairs know already; of a query that was
/// thinned, what it says of those that were kept.
VpdqPercents percents_of(const FramePairs& pairs, const VideoQuery& query,
                         const VideoFrames& query_frames, const VideoSignal& entry,
                         const VideoFrames& entry_frames);

}  // namespace semblance::match
