// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: what the streams of one reading share.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "decode/video.h"
#include "decode/video/deadline.h"
#include "decode/video/pixels.h"

namespace semblance::decode {

/// The most frames that one file gives.
inline constexpr std::uint32_t kMaxFrames = std::uint32_t{1} << 24;

/// Gives frames to the sink within the limits, and keeps what is to be said at the end.
class Progress {
 public:
  /// `most_bytes`: what all frames given may come to, as pixels of three bytes.
  Progress(std::string_view format, const Limits& limits, const Deadline& deadline,
           std::uint64_t most_bytes, FrameSink& sink)
      : format_(format),
        limits_(limits),
        deadline_(deadline),
        bytes_left_(most_bytes),
        sink_(sink) {}

  /// Tells the sink what the file says, as soon as its size is known: now, or with a frame.
  void begin(const VideoInfo& info);

  void attached(std::span<const std::uint8_t> coded) { sink_.attached(coded); }

  /// Gives a frame of these pixels. The sink's error, Errc::kTimeout or kLimit ends the reading.
  Status give(const AVFrame& pixels, FrameView& frame);

  /// Whether there is time left; Errc::kTimeout if not.
  Status in_time() const;

  /// Keeps the first thing that was wrong; that a limit was passed, or that the file was cut short,
  /// says more than damage before it.
  void note(const Error& damage);

  /// Everything up to there was looked at, in microseconds.
  void reach(std::int64_t us) noexcept;
  std::int64_t reached_us() const noexcept { return reached_us_; }

  std::uint32_t frames() const noexcept { return frames_; }

  /// The end of the reading; `stopped` is why it ended early, if it did.
  Result<VideoEnd> end(const Status& stopped);

  const Limits& limits() const noexcept { return limits_; }
  std::string_view format() const noexcept { return format_; }
  Pixels& pixels() noexcept { return pixels_; }

 private:
  void tell(std::uint32_t width, std::uint32_t height);

  std::string_view format_;
  const Limits& limits_;
  const Deadline& deadline_;
  std::uint64_t bytes_left_;
  FrameSink& sink_;
  Pixels pixels_;
  std::optional<VideoInfo> info_;  // until the sink was told
  std::optional<Error> damage_;
  bool sink_failed_ = false;
  std::uint32_t frames_ = 0;
  std::int64_t reached_us_ = 0;
};

}  // namespace semblance::decode
