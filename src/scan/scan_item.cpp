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

// Features and embeddings take every pixel of a picture: a first look at less would be wasted. Of a
// video it is not, since what it takes every pixel for is its first picture at most.
Plan plan_of(const Matcher& matcher, Precision precision) {
  Plan plan = matcher.plan();
  const bool every_pixel = plan.features > 0 || !plan.embedders.empty();
  plan.precision = every_pixel ? Precision::kExact : precision;
  plan.frames.sampling = precision == Precision::kExact ? Sampling::kDense : Sampling::kKeyframes;
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

// Whether the item was looked at by its key frames, and a look at more of them could say more: not
// where these took too long or too much, since with more of them it would not get as far.
bool is_sampled(const Extraction& extraction) {
  if (extraction.sampling != Sampling::kKeyframes || !has_frames(extraction.facts)) return false;
  const Reason reason = extraction.ending.reason;
  return reason == Reason::kNone || reason == Reason::kDecodeFailed || reason == Reason::kTruncated;
}

bool ended_well(const Extraction& extraction) {
  return extraction.ending.reason == Reason::kNone && !extraction.ending.partial;
}

// Whether a look that saw less than all could rule the item out: a video that it saw nothing of has
// not been looked at.
bool saw_something(const Extraction& extraction) {
  return !extraction.frames.empty() || extraction.facts.kind != MediaKind::kVideo;
}

Error of_match(Error error, const std::string& path) {
  error.what = "match " + path + ": " + error.what;
  return error;
}

Result<Seen> look_up(const WalkedItem& walked, Extraction extraction, const Matcher& matcher) {
  auto found = matcher.match(extraction);
  if (!found) return of_match(std::move(found).error(), walked.item.path);
  return Seen{std::move(extraction), std::move(*found)};
}

// The record of an item that was looked at twice is that of the exact look, and of nothing else: no
// digest of one look beside a hash of the other. But of a video that look takes longer than the one
// at its key frames, and may not come as far: what it had no time to find, the other one may have.
Result<Seen> look_again(const WalkedItem& walked, const OpenedItem& item, Extraction first,
                        const RunOptions& options, const Matcher& matcher, Extractor& extractor) {
  auto second = extract_to_match(item, Precision::kExact, options, matcher, extractor);
  if (!second) return std::move(second).error();
  auto seen = look_up(walked, std::move(*second), matcher);
  if (!seen) return seen;
  seen->twice = true;
  if (ended_well(seen->extraction) || !seen->found.matches.empty() || first.frames.empty()) {
    return seen;
  }
  auto before = look_up(walked, std::move(first), matcher);
  if (!before) return before;
  if (before->found.matches.empty()) return seen;
  before->twice = true;
  return before;
}

// By Precision::kAuto a fast extraction stands only where the item is clean by the exact one as
// well.
Result<Seen> look_at(const WalkedItem& walked, const RunOptions& options, const Matcher& matcher,
                     Extractor& extractor) {
  auto item = OpenedItem::open(walked);
  if (!item) return std::move(item).error();
  auto extraction = extract_to_match(*item, options.precision, options, matcher, extractor);
  if (!extraction) return std::move(extraction).error();
  if (options.precision != Precision::kAuto || !(is_fast(*extraction) || is_sampled(*extraction))) {
    return look_up(walked, std::move(*extraction), matcher);
  }
  Result<bool> clean = false;
  if (ended_well(*extraction) && saw_something(*extraction)) clean = matcher.rules_out(*extraction);
  if (!clean) return of_match(std::move(clean).error(), walked.item.path);
  if (*clean) return Seen{std::move(*extraction), {}};
  return look_again(walked, *item, std::move(*extraction), options, matcher, extractor);
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
