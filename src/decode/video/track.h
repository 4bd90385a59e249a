// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: one video stream while it is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "decode/av.h"
#include "decode/video/progress.h"
#include "decode/video/stream_decoder.h"
#include "decode/video/timeline.h"
#include "decode/video/turn.h"

namespace semblance::decode {

/// What is known of a stream before its first packet.
struct TrackPlan {
  const AVStream* stream = nullptr;
  std::uint32_t number = 0;             // among the video streams, from 0
  std::optional<std::int64_t> base_us;  // the time that is 0
  std::size_t held_bytes = 32u << 20;   // of packets that may wait to be decoded
};

/// Turns the packets of a stream into the frames that are given. An error ends the reading.
class Track {
 public:
  virtual ~Track() = default;

  /// Takes the next packet of the stream; it may be moved from.
  virtual Status take(AVPacket& packet) = 0;

  /// Gives what is left at the end of the file.
  virtual Status finish() = 0;
};

/// Every frame.
Result<std::unique_ptr<Track>> make_whole_track(const TrackPlan& plan, Progress& progress);

/// Key frames, and what it takes to leave no gap.
Result<std::unique_ptr<Track>> make_key_track(const TrackPlan& plan, Progress& progress);

}  // namespace semblance::decode
