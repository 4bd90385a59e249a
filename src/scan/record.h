// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: what became of an item, and the JSON line that says so.
#pragma once

#include <cstdint>
#include <string>

#include "semblance/extract.h"
#include "semblance/match.h"
#include "semblance/scan.h"

namespace semblance::scanner {

/// The number of the record's form; readers refuse one they do not know.
inline constexpr int kRecordSchema = 1;

/// What became of an item, decided once: the record and the counts say the same.
struct Verdict {
  Outcome outcome = Outcome::kNotEvaluated;
  Reason reason = Reason::kNone;  // of a matched item too, where it was not read wholly
  std::string detail;
  bool partial = false;
};

/// Judges an extracted and looked-up item: matched beats not_evaluated beats clean.
Verdict judge(const Extraction& extraction, const MatchResult& found);

/// Judges an extracted item by its signals alone.
Verdict judge(const Extraction& extraction, int quality_floor);

/// Adds one item to the counts.
void count(const Verdict& verdict, std::uint64_t bytes, Counts& counts);

/// The JSON line of a scanned item, without newline: keys in a fixed order, absent facts left
/// out, always valid JSON in UTF-8 whatever the bytes of names and messages.
std::string scan_record(const Item& item, const Extraction& extraction, const Verdict& verdict,
                        const MatchResult& found);

}  // namespace semblance::scanner
