// SPDX-License-Identifier: Apache-2.0
// Private to src/match: which frames of a video are compared, in the order of their times.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "match/bank_selection.h"
#include "semblance/match.h"
#include "semblance/video.h"

namespace semblance::match {

/// The usable frames of one stream of a video, by start and form.
struct StreamFrames {
  std::uint8_t stream = 0;
  std::vector<FramePlace> places;
  std::vector<std::uint32_t> frames;  // [i]: the index of places[i] among all frames of the video
};

/// The frames of a video that are compared.
class VideoFrames {
 public:
  /// Of `all` frames of a video, in any order, those of a quality of at least `quality_floor` and
  /// kUsableQuality.
  VideoFrames(std::span<const FramePlace> all, int quality_floor);

  const std::vector<StreamFrames>& streams() const noexcept { return streams_; }

  /// Where a frame stands: streams()[stream].places[place].
  struct Position {
    std::uint32_t stream = 0;
    std::uint32_t place = 0;
  };

  /// The position of the frame of that index among all; absent if it is not compared.
  std::optional<Position> position_of(std::uint32_t frame) const noexcept;

  /// The time, around that of `frame`, in which every usable frame of its stream `is_alike`: its
  /// own scene, and its neighbours'. `alike[i]` is of the frame of index i among all. Precondition:
  /// position_of(frame).
  TimeSpan span_around(std::uint32_t frame, const std::vector<bool>& alike) const;

 private:
  static constexpr std::uint32_t kUnusable = UINT32_MAX;

  std::vector<StreamFrames> streams_;
  std::vector<Position> positions_;  // by index among all; stream kUnusable: none
};

/// The places of frames, in their order.
std::vector<FramePlace> places_of(std::span<const FrameSignal> frames);
std::vector<FramePlace> places_of(std::span<const KnownFrame> frames);

/// When the last of the frames was looked at, in milliseconds; 0 if there is none.
std::uint32_t end_of(std::span<const FramePlace> places) noexcept;

}  // namespace semblance::match
