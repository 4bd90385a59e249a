// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: what a run adds up, as the journal keeps it and the summary shows it.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "scan/pipeline.h"
#include "semblance/result.h"
#include "semblance/scan.h"

namespace semblance::scanner {

/// Sums over the records written so far.
struct Totals {
  Counts counts;
  std::map<std::string, std::uint64_t> matches_by_bank;
  std::map<std::string, std::uint64_t> decoders;  // items by the decoder that opened them

  /// Adds one item.
  void add(const Finished& finished);
};

/// The totals as JSON: outcomes and reasons by their words, all outcomes, only met reasons.
nlohmann::ordered_json to_json(const Totals& totals);

/// Inverse of to_json; Errc::kBadFormat if a word or number is missing or unknown.
Result<Totals> totals_from_json(const nlohmann::ordered_json& json);

}  // namespace semblance::scanner
