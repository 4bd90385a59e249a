// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: which of a stream's decoded frames are given, where not all are.
#pragma once

#include <cstdint>
#include <optional>

#include "decode/av.h"
#include "decode/video/progress.h"
#include "decode/video/timeline.h"
#include "decode/video/turn.h"
#include "semblance/video.h"

namespace semblance::decode {

/// The longest time that may pass unseen, in microseconds.
inline constexpr std::int64_t kMaxGapUs = std::int64_t{kMaxGapMs} * 1000;

/// Where all frames of a stream are key frames, those are given that are so far apart.
inline constexpr std::int64_t kMinKeyStepUs = 500'000;

/// Gives the frames that are wanted, and of the others those without which more than kMaxGapMs
/// would pass unseen: of each such time the last.
class FramePicker {
 public:
  FramePicker(std::uint32_t stream, Turn turn, Progress& progress);

  /// Takes a frame that starts at `start_us`, `length_us` long, in order of display; moves from it.
  Status take(AVFrame& pixels, std::int64_t start_us, std::int64_t length_us, bool wanted);

  /// Gives the last frame, if what is shown up to `end_us` would be unseen without it.
  Status finish(std::int64_t end_us);

  bool any_given() const noexcept { return given_us_.has_value(); }

  /// When the frame that was given last started, and how long it is at most.
  std::int64_t given_us() const noexcept { return given_us_.value_or(0); }
  std::int64_t given_length_us() const noexcept { return given_length_us_; }

  /// The latest time at which the next frame must start.
  std::int64_t due_us() const noexcept;

 private:
  struct Waiting {
    FramePtr pixels;
    std::int64_t start_us = 0, length_us = 0;
    bool held = false;
  };

  Status give(const AVFrame& pixels, std::int64_t start_us, std::int64_t length_us);
  Status give_waiting();
  void forget_waiting();

  std::uint32_t stream_;
  Turn turn_;
  Progress& progress_;
  std::optional<std::int64_t> given_us_;
  std::int64_t given_length_us_ = 0;
  Waiting waiting_;  // the last frame that was taken and not given
};

}  // namespace semblance::decode
