// SPDX-License-Identifier: Apache-2.0
// The second question of video_bench: a clip is looked up among a million known frames.
#pragma once

#include <cstdint>

#include "semblance/result.h"

namespace semblance::bench {

/// How many videos of how many frames are known, and how many clips are looked up.
struct BankOptions {
  std::uint32_t videos = 1'000;
  std::uint32_t frames = 1'000;  // of each video, eight a second, all different
  std::uint32_t queries = 41;
};

/// Makes the bank, checks the answers, prints the times.
Status time_lookups(const BankOptions& options);

}  // namespace semblance::bench
