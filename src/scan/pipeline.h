// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: walk, work on several items at once, hand on in the walk's order.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "scan/ordered_output.h"
#include "scan/record.h"
#include "scan/walk.h"
#include "semblance/result.h"
#include "semblance/scan.h"

namespace semblance::scanner {

/// What stays of an item when the work on it is done. A scan keeps the line and drops the rest.
struct Finished {
  Verdict verdict;
  std::uint64_t bytes = 0;
  bool extracted_twice = false;  // fast, and then exactly
  std::string decoder;
  std::vector<std::string> matched_banks;  // one for each match
  std::string evidence;                    // evidence_text of the item, where a case wants it
  std::string line;
  Item item;
  Extraction extraction;
};

/// The steps of a run; see run_pipeline.
struct Steps {
  std::function<void(const WalkedItem&)> walked;            // serial, in order; may be empty
  std::function<Result<Finished>(const WalkedItem&)> work;  // several at once
  std::function<Status(Finished&&)> consume;                // serial, in order
};

/// Runs every remaining item of `walk` through the steps, `jobs` or some more at a time. Returns
/// whether it was stopped before the walk's end. The first error of a step ends the run.
///
/// Twice `jobs` threads: an extractor with `jobs` workers keeps them busy while as many other
/// items are opened, read, digested and looked up. `bounds` is what may wait to be consumed.
Result<bool> run_pipeline(Walk& walk, int jobs, const WaitingBounds& bounds, const Steps& steps,
                          const StopFlag* stop);

/// Adds a worked-on item to what a progress display reads. Any thread.
void report(const Finished& finished, Progress* progress) noexcept;

}  // namespace semblance::scanner
