// SPDX-License-Identifier: Apache-2.0
// Private to src/match: pictures beside videos, whichever side they are on.
#pragma once

#include <optional>
#include <span>

#include "match/bank_selection.h"
#include "match/pdq_match.h"
#include "match/video/video_match.h"
#include "semblance/match.h"
#include "semblance/store.h"

namespace semblance::match {

/// The nearest of a video's frames to the pictures among the signals of an entry: a kPdq match with
/// the interval of the query, without bank, entry, labels and sources; none if none is in reach.
///
/// A frame counts as a whole picture, with or without its borders. Best is the smallest distance,
/// then the whole picture before a part of it, the first frame, and the lowest transform. `near` as
/// compare_videos has it.
std::optional<Match> compare_with_pictures(VideoQuery& query, std::span<const NearFrame> near,
                                           std::span<const BankSignal> signals,
                                           const PdqRule& rule);

/// The nearest of the frames of the videos of an entry to a picture, likewise,
/// with the interval of the entry.
std::optional<Match> compare_with_frames(std::span<const PdqQuery> pictures,
                                         std::span<const KnownVideo> videos, const PdqRule& rule);

}  // namespace semblance::match
