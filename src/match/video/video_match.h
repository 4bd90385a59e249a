// SPDX-License-Identifier: Apache-2.0
// Private to src/match: a video that is looked up beside an entry that its frames are near.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "match/bank_selection.h"
#include "match/video/video_frames.h"
#include "semblance/match.h"
#include "semblance/store.h"
#include "semblance/video.h"

namespace semblance::match {

/// A frame of the query that is near something in one of its turns.
struct NearFrame {
  std::uint32_t frame = 0;  // index into the query's frames
  Transform turn = Transform::kNone;

  friend auto operator<=>(const NearFrame&, const NearFrame&) = default;
};

/// A video that is looked up. Not thread-safe; the frames must outlive it.
class VideoQuery {
 public:
  /// `duration_ms`: 0 for until the last frame.
  VideoQuery(std::span<const FrameSignal> frames, std::uint32_t duration_ms);

  std::span<const FrameSignal> frames() const noexcept { return frames_; }
  std::uint32_t duration_ms() const noexcept { return duration_ms_; }

  const Hash256& hash(const NearFrame& near) const noexcept {
    return frames_[near.frame].hashes[static_cast<std::size_t>(near.turn)];
  }

  /// The frames that may be compared under that floor: sorted once for each.
  const VideoFrames& usable(int quality_floor);

 private:
  std::span<const FrameSignal> frames_;
  std::vector<FramePlace> places_;
  std::uint32_t duration_ms_;
  std::map<int, std::unique_ptr<const VideoFrames>> usable_;  // by floor
};

/// The most pairs of frames of a query and of one entry that are looked at together. Where more are
/// alike, as in shots that hardly move, every second time of the query is left out, or more.
inline constexpr std::size_t kMaxPairs = std::size_t{1} << 21;

/// The most intervals of one signal of an entry that are told: those that most frames speak for.
inline constexpr std::size_t kMaxIntervals = 64;

/// What a query and one entry show alike. Bank, entry, labels and sources of the matches are empty.
///
/// A kVpdq match for each interval; without any, one kPdq match of the nearest frames; or none.
/// `near` holds every frame of the query, in every turn, that is within the rule's reach of a frame
/// of the entry, and may hold others; `entry_frames` are those that the rule's floor admits. Fails
/// only where memory does not suffice.
Result<std::vector<Match>> compare_videos(VideoQuery& query, std::span<const NearFrame> near,
                                          const VideoSignal& entry, const VideoFrames& entry_frames,
                                          const PdqRule& rule);

}  // namespace semblance::match
