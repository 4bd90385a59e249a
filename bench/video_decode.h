// SPDX-License-Identifier: Apache-2.0
// The peer of video_bench: libavcodec decodes a file, and nothing else is done.
#pragma once

#include <cstdint>
#include <string>

#include "semblance/result.h"

namespace semblance::bench {

/// What a plain decode of a file gave.
struct DecodedVideo {
  std::uint64_t frames = 0;
  std::uint64_t luma = 0;   // one sample of each frame, summed: what was decoded was looked at
  double seconds = 0;       // its length, by the frames or by the file
  std::uint32_t width = 0;  // pixels
  std::uint32_t height = 0;
  double frame_rate = 0;  // average, frames a second
};

/// Decodes the first video stream by libavformat and libavcodec, with one thread; `key_frames`:
/// with skip_frame set to all that are no key frames. Errc::kDecode with the step that failed.
Result<DecodedVideo> decode_plainly(const std::string& path, bool key_frames);

}  // namespace semblance::bench
