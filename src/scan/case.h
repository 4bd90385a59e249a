// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: the folder that one scan writes.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "semblance/match.h"
#include "semblance/result.h"
#include "semblance/scan.h"

namespace semblance::scanner {

/// When a checkpoint is due: what a kill can cost.
struct CheckpointPolicy {
  std::chrono::milliseconds interval{1'000};
  std::uint64_t records = 4'096;
};

/// Names of the files in a case folder.
inline constexpr const char* kResultsName = "results.jsonl";
inline constexpr const char* kSummaryName = "summary.json";
inline constexpr const char* kJournalName = "journal.jsonl";

/// scan_to_case, with the moments of its checkpoints.
Result<ScanReport> run_case(const RunOptions& options, const CaseOptions& where,
                            const Matcher& matcher, Extractor& extractor, Progress* progress,
                            const StopFlag* stop, const CheckpointPolicy& policy);

}  // namespace semblance::scanner
