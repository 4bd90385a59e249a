// SPDX-License-Identifier: Apache-2.0
// The members of a record that tell of time, for scans and for whatever else prints a match.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "semblance/extract.h"
#include "semblance/match.h"

namespace semblance::scanner {

/// Sets `duration`, `frame_rate`, `codec`, `rotation` and `video_streams`, as far as they are
/// known, and `decoded_to` where not all was decoded. Times are seconds.
void set_video_facts(nlohmann::ordered_json& json, const Extraction& extraction);

/// What a record says of the frames of an item: how many signals they gave, and how.
nlohmann::ordered_json frames_json(const Extraction& extraction);

/// The frames themselves: a JSON array, written as text, since a long video has a million of them.
std::string hashes_text(const Extraction& extraction);

/// What a record says of a TMK signal, whose value it does not hold.
nlohmann::ordered_json tmk_json(const TmkSignal& signal);

/// Sets what a match of a video has more than one of pictures: `form`, `query_interval` and
/// `entry_interval` ([start, end] in seconds), `speed`, `query_covered`, `entry_covered`, `frames`,
/// `compared`, `confidence`, `vpdq` and `tmk`.
void set_video_fields(nlohmann::ordered_json& json, const Match& match);

}  // namespace semblance::scanner
