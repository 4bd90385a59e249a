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
  std::vector<std::uint32_t> times;   // [i]: which of the stream's times that is, from 0
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

  /// Returns whether the frame stays where all times of each stream are left out but every
  /// `stride`-th: with one form of a time its other forms stay. Frames of one form and one time, as
  /// in a list without times, count as of several. Precondition: position_of(frame).
  bool is_kept(std::uint32_t frame, std::uint32_t stride) const noexcept;

  /// How many times the stream of the most has: from that stride on, one of each is kept.
  std::uint32_t most_times() const noexcept;

  /// The time, around that of `frame`, in which every usable frame of its stream `is_alike`: its
  /// own scene, and its neighbours'. `alike[i]` is of the frame of index i among all. Takes a time
  /// that grows with the frames within. Precondition: position_of(frame).
  TimeSpan span_around(std::uint32_t frame, const std::vector<bool>& alike) const;

 private:
  static constexpr std::uint32_t kUnusable = UINT32_MAX;

  std::vector<StreamFrames> streams_;
  std::vector<Position> positions_;  // by index among all; stream kUnusable: none
};

/// A video of an entry, read, with the frames of it that the rule of its bank lets be compared.
struct KnownVideo {
  KnownVideo(VideoSignal video, int quality_floor);

  VideoSignal signal;
  VideoFrames usable;
};

/// The places of frames, in their order.
std::vector<FramePlace> places_of(std::span<const FrameSignal> frames);
std::vector<FramePlace> places_of(std::span<const KnownFrame> frames);

/// When the last of the frames was looked at, in milliseconds; 0 if there is none.
std::uint32_t end_of(std::span<const FramePlace> places) noexcept;

}  // namespace semblance::match
