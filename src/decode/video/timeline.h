// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: the time stamps of a stream as times of its frames.
#pragma once

#include <cstdint>
#include <optional>

#include "decode/av.h"

namespace semblance::decode {

/// The latest time that a frame can have, in microseconds: in milliseconds it fits 32 bits.
inline constexpr std::int64_t kLatestUs = std::int64_t{4'294'967'000} * 1000;

/// Ticks of `time_base` in microseconds; nothing if that is no time that libav can represent.
std::optional<std::int64_t> to_us(std::int64_t ticks, AVRational time_base);

/// Places frames in time by their stamps. Who makes a file chooses its stamps: times never go back,
/// are never negative, and never stand still.
///
/// A frame without a stamp, or with one that does not go on, comes one frame after the last one.
/// Where stamps go back by more than a second, as where recordings were joined, they count from
/// there on.
class Timeline {
 public:
  /// `base_us`: the time that is 0; that of the first stamp if it is none, or beyond all times.
  Timeline(AVRational time_base, AVRational frame_rate, std::optional<std::int64_t> base_us);

  /// The time of that stamp as things stand, without placing anything; nothing if it is none.
  /// May be negative.
  std::optional<std::int64_t> at(std::int64_t stamp) const;

  /// The time in microseconds of a length in ticks; 0 if it means nothing.
  std::int64_t length(std::int64_t ticks) const;

  /// Places the next frame, in order of display.
  std::int64_t place(std::int64_t stamp, std::int64_t length_ticks);

  /// The time of one frame at the stated rate, in microseconds; 40 ms if none is stated.
  std::int64_t step_us() const noexcept { return step_us_; }

 private:
  AVRational time_base_;
  std::optional<std::int64_t> base_us_;
  std::int64_t step_us_;
  std::int64_t shift_us_ = 0;
  std::int64_t last_us_ = -1;        // of the frame placed last; -1 before the first
  std::int64_t last_length_us_ = 0;  // of it
};

}  // namespace semblance::decode
