// SPDX-License-Identifier: Apache-2.0
#include "decode/video/packet_clock.h"

#include <algorithm>
#include <cstdlib>

namespace semblance::decode {
namespace {

constexpr std::int64_t kMaxDelayUs = 10'000'000;  // from decoding to display
constexpr std::int64_t kShortestStepUs = 1'000;
constexpr std::int64_t kFreePackets = 64;  // before the average counts

}  // namespace

bool PacketClock::goes_on(std::int64_t decoded_us, std::int64_t shown_us) {
  if (std::abs(shown_us - decoded_us) > kMaxDelayUs) return false;
  if (!first_us_) {
    first_us_ = last_us_ = decoded_us;
    return true;
  }
  if (decoded_us <= last_us_) return false;
  last_us_ = decoded_us;
  ++packets_;
  return packets_ <= kFreePackets || decoded_us - *first_us_ >= packets_ * kShortestStepUs;
}

std::optional<std::int64_t> PacketClock::time(const AVPacket& packet, const Timeline& timeline) {
  if (broken_) return std::nullopt;
  const auto decoded = timeline.at(packet.dts);
  const auto shown = packet.pts == AV_NOPTS_VALUE ? decoded : timeline.at(packet.pts);
  if (!decoded || !shown || !goes_on(*decoded, *shown)) {
    broken_ = true;
    return std::nullopt;
  }
  return std::max(*decoded, *shown);
}

}  // namespace semblance::decode
