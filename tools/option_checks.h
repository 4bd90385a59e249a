// SPDX-License-Identifier: Apache-2.0
// What options mean together: what one implies of another, and what contradicts.
// For command_line.cpp alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "option_text.h"
#include "options.h"
#include "policy_text.h"

namespace semblance::tool {

/// The first `--out=` and the like of the words of main, which the parser would fill from the next
/// one; empty if there is none.
std::string flag_without_value(int argc, const char* const* argv);

/// The options of frames as they were given to `hash`.
struct GivenFrames {
  std::optional<Sampling> sampling;
  std::optional<double> seconds_per_hash;
  std::optional<PixelSize> downsample;
};

/// Completes the options of `hash` by what they imply. Returns what is wrong with them; else empty.
std::string settle(HashOptions& options, const GivenFrames& given);

/// The options of `match` as they were given.
struct GivenForMatch {
  bool quality_floor = false;
  std::vector<LeastCosine> embeddings;
};

/// Completes the options of `match` by what they imply. Returns what is wrong with them; else
/// empty.
std::string settle(MatchOptions& options, const GivenForMatch& given);

/// Parses `json`, `vpdq` or `tmk`; any other text is Errc::kBadArgument.
Result<HashFormat> parse_hash_format(std::string_view word);

/// Parses the precision of `hash`, whose lines are of one: `exact` or `fast`.
Result<Precision> parse_hash_precision(std::string_view word);

}  // namespace semblance::tool
