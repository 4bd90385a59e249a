// SPDX-License-Identifier: Apache-2.0
// Private to src/match: the entries that the frames of a video are near, by the index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "match/bank_selection.h"
#include "match/video/video_match.h"
#include "semblance/result.h"
#include "semblance/video.h"

namespace semblance::match {

/// What an index says of the frames of a video.
struct FrameCandidates {
  // By entry: the frames near it, sorted and each once; of pictures and of videos alike.
  std::map<std::int64_t, std::vector<NearFrame>> entries;
  std::uint64_t crowded = 0;  // frames near more than kMaxEntriesOfFrame entries
};

/// Looks up every frame that a bank's floor admits, in its first `turns` turns (1 to 8).
///
/// Of a crowded frame the nearest entries are kept, and of those as near the oldest.
/// Errc::kCorruptStore if a part of a saved index that this needs is damaged.
Result<FrameCandidates> find_near_frames(const BankSelection& banks,
                                         std::span<const FrameSignal> frames, std::size_t turns);

/// Returns whether any frame is within its bank's distance, and `margin` bits more, of anything.
Result<bool> any_near_frame(const BankSelection& banks, std::span<const FrameSignal> frames,
                            int margin);

}  // namespace semblance::match
