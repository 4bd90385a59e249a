// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: frames of any rate brought to a constant one, as the ffmpeg command does it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "semblance/tmk.h"

namespace semblance::hash {

/// Says how often each frame is given out for kTmkFramesPerSecond of them a second: which are
/// dropped, and which are repeated. A function of the frames' times and lengths alone.
///
/// **Source:** the behaviour of the ffmpeg 5.1 command with `-r 15` to a raw stream (its constant
/// rate), faults included: a frame is dropped only once it is more than a frame late, so that the
/// first seconds of a faster video are shifted by up to a frame.
class ConstantRate {
 public:
  struct Step {
    std::uint32_t previous = 0;  // how often the frame before is given out again, first
    std::uint32_t current = 0;   // how often the frame itself is
  };

  /// The next frame. Nothing if it comes so late that it is skipped altogether: the frame before
  /// stays the one before.
  std::optional<Step> next(std::int64_t start_us, std::int64_t length_us);

  /// After the last frame: how often it is given out again.
  std::uint32_t finish() const;

 private:
  double duration(std::int64_t start_us, std::int64_t length_us);

  std::int64_t given_ = 0;                 // frames so far
  std::int64_t previous_us_ = 0;           // the time of the frame before
  std::array<std::int64_t, 3> repeats_{};  // Step::previous of the last three, latest first
};

}  // namespace semblance::hash
