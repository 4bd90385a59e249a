// SPDX-License-Identifier: Apache-2.0
// The stored value of a video's frames: what parses is written back the same.
#include "semblance/video.h"

#include <algorithm>

#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  const auto signal = parse_video_signal({data, size});
  if (!signal) {
    SEMBLANCE_HOLDS(signal.error().code == Errc::kBadFormat);
    return 0;
  }
  const std::vector<std::uint8_t> written = to_bytes(*signal);
  SEMBLANCE_HOLDS(std::equal(written.begin(), written.end(), data, data + size));
  for (const KnownFrame& frame : signal->frames) {
    SEMBLANCE_HOLDS(frame.at.quality <= 100 && frame.at.start_ms <= frame.at.end_ms);
  }
  return 0;
}
