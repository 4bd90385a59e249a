// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: when packets will be shown, before they are decoded.
#pragma once

#include <cstdint>
#include <optional>

#include "decode/av.h"
#include "decode/video/timeline.h"

namespace semblance::decode {

/// Reads the stamps of a stream's packets, as long as they can be believed.
///
/// What is decided by them is what stays undecoded, so they must go on: decoding times must grow,
/// by a millisecond a packet on average, and the time of display must stay near.
class PacketClock {
 public:
  /// The time of the next packet of the stream, in microseconds; nothing as soon as any packet was
  /// not to be believed.
  std::optional<std::int64_t> time(const AVPacket& packet, const Timeline& timeline);

 private:
  bool goes_on(std::int64_t decoded_us, std::int64_t shown_us);

  bool broken_ = false;
  std::optional<std::int64_t> first_us_;  // decoding times
  std::int64_t last_us_ = 0;
  std::int64_t packets_ = 0;  // behind the first
};

}  // namespace semblance::decode
