// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: animated WebP, which libavformat does not read.
#pragma once

#include <cstdint>

#include "decode/video.h"
#include "decode/video/progress.h"

namespace semblance::decode {

/// As read_video, of a WebP file: each frame on the canvas that those before it left.
Result<VideoEnd> read_webp(int descriptor, std::uint64_t bytes, const ReadPlan& plan,
                           Progress& progress);

}  // namespace semblance::decode
