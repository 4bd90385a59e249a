// SPDX-License-Identifier: Apache-2.0
#include "scan/scan_item.h"

#include <algorithm>
#include <utility>

#include "scan/opened_item.h"
#include "scan/record.h"

namespace semblance::scanner {
namespace {

// An item that was extracted and looked up.
struct Seen {
  Extraction extraction;
  MatchResult found;
  bool twice = false;  // fast, and then exactly
};

Plan plan_of(const Matcher& matcher, Precision precision) {
  Plan plan = matcher.plan();
  plan.precision = precision;
  return plan;
}

// Extracts the item, and lets the caller make the matcher ready. If the banks then need signals
// that they did not need before, these are what they would miss the item by: it is extracted again.
Result<Extraction> extract_to_match(const OpenedItem& item, Precision precision,
                                    const RunOptions& options, const Matcher& matcher,
                                    Extractor& extractor) {
  for (Plan plan = plan_of(matcher, precision);;) {
    auto extraction = item.extract(plan, options.limits, extractor);
    if (!extraction || !options.before_match) return extraction;
    if (Status ready = options.before_match(); !ready) return std::move(ready).error();
    Plan wanted = plan_of(matcher, precision);
    if (wanted == plan) return extraction;
    plan = std::move(wanted);
  }
}

bool is_fast(const Extraction& extraction) {
  return std::any_of(extraction.pdq.begin(), extraction.pdq.end(), [](const PdqSignal& signal) {
    return signal.precision() == Precision::kFast;
  });
}

Error of_match(Error error, const std::string& path) {
  error.what = "match " + path + ": " + error.what;
  return error;
}

// By Precision::kAuto a fast extraction stands only where the item is clean by the exact one as
// well. The record of any other is that of a second look at the same file, and of nothing else: no
// digest of one look beside a hash of the other.
Result<Seen> look_at(const WalkedItem& walked, const RunOptions& options, const Matcher& matcher,
                     Extractor& extractor) {
  auto item = OpenedItem::open(walked);
  if (!item) return std::move(item).error();
  Seen seen;
  auto extraction = extract_to_match(*item, options.precision, options, matcher, extractor);
  if (!extraction) return std::move(extraction).error();
  if (options.precision == Precision::kAuto && is_fast(*extraction)) {
    Result<bool> clean = false;
    if (extraction->ending == Ending{}) clean = matcher.rules_out(*extraction);
    if (!clean) return of_match(std::move(clean).error(), walked.item.path);
    if (*clean) return Seen{std::move(*extraction), {}, false};
    extraction = extract_to_match(*item, Precision::kExact, options, matcher, extractor);
    if (!extraction) return std::move(extraction).error();
    seen.twice = true;
  }
  auto found = matcher.match(*extraction);
  if (!found) return of_match(std::move(found).error(), walked.item.path);
  seen.extraction = std::move(*extraction);
  seen.found = std::move(*found);
  return seen;
}

}  // namespace

Result<Finished> scan_item(const WalkedItem& walked, const RunOptions& options,
                           const Matcher& matcher, Extractor& extractor, Progress* progress) {
  auto seen = look_at(walked, options, matcher, extractor);
  if (!seen) return std::move(seen).error();
  Finished finished;
  finished.verdict = judge(seen->extraction, seen->found);
  finished.bytes = seen->extraction.bytes;
  finished.extracted_twice = seen->twice;
  finished.decoder = seen->extraction.facts.decoder;
  for (const Match& match : seen->found.matches) finished.matched_banks.push_back(match.bank);
  finished.line = scan_record(walked.item, seen->extraction, finished.verdict, seen->found);
  report(finished, progress);
  return finished;
}

}  // namespace semblance::scanner
