// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: the summary of a finished case.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scan/totals.h"

namespace semblance::scanner {

/// What a summary says beside the identity of the scan.
struct SummaryFacts {
  Totals totals;
  std::uint64_t results_bytes = 0;
  std::string results_sha256;
  bool evidence_changed = false;        // while it was scanned
  std::optional<bool> banks_changed{};  // while it was scanned; nothing: nobody looked
  std::string banks_at_end;             // JSON: the banks, where changes are followed; else empty
  std::string finished_at;              // UTC, `2026-01-31T12:00:00Z`
  std::uint64_t resumed = 0;
  std::string isolation;  // JSON: what confined the decoders throughout
};

/// The text of summary.json from the journal's header and the facts. Clock values stand in
/// `times` alone: without it, an interrupted and an undisturbed run give the same text.
/// `header` must be a header of this build's form.
std::string summary_text(const nlohmann::ordered_json& header, const SummaryFacts& facts);

/// The time now, UTC, to the second.
std::string utc_now();

}  // namespace semblance::scanner
