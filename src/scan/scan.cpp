// SPDX-License-Identifier: Apache-2.0
#include "semblance/scan.h"

#include <utility>

#include "scan/case.h"
#include "scan/evidence.h"
#include "scan/opened_item.h"
#include "scan/pipeline.h"
#include "scan/record.h"
#include "scan/scan_item.h"
#include "scan/totals.h"
#include "scan/walk.h"

namespace semblance {
namespace {

// The first walk, where the caller wants totals. False: stopped meanwhile.
Result<bool> count_first(const RunOptions& options, Progress* progress, const StopFlag* stop) {
  if (!options.count_first) return true;
  auto evidence = scanner::count_evidence(options, progress, stop);
  if (!evidence) return std::move(evidence).error();
  return evidence->has_value();
}

void set_skipped(const scanner::Walk& walk, Counts& counts) {
  counts.skipped_symlinks = walk.skipped_symlinks();
  counts.skipped_special = walk.skipped_special();
  counts.skipped_store = walk.skipped_store();
}

}  // namespace

Result<Counts> for_each_extraction(
    const RunOptions& options, const Plan& plan, Extractor& extractor,
    const std::function<Status(const Item&, const Extraction&)>& consume, Progress* progress,
    const StopFlag* stop) {
  auto counted = count_first(options, progress, stop);
  if (!counted) return std::move(counted).error();
  Counts counts;
  if (!*counted) return counts;
  scanner::Walk walk(options.paths, options.dash_descriptor, options.exclude);
  scanner::Steps steps;
  steps.work = [&](const scanner::WalkedItem& walked) -> Result<scanner::Finished> {
    auto item = scanner::OpenedItem::open(walked);
    if (!item) return std::move(item).error();
    auto extraction = item->extract(plan, options.limits, extractor);
    if (!extraction) return std::move(extraction).error();
    scanner::Finished finished;
    finished.verdict = scanner::judge(*extraction, 0);
    finished.bytes = extraction->bytes;
    finished.item = walked.item;
    finished.extraction = std::move(*extraction);
    scanner::report(finished, progress);
    return finished;
  };
  steps.consume = [&](scanner::Finished&& finished) {
    scanner::count(finished.verdict, finished.bytes, counts);
    return consume(finished.item, finished.extraction);
  };
  auto ran = scanner::run_pipeline(walk, options.jobs, {}, steps, stop);
  if (!ran) return std::move(ran).error();
  set_skipped(walk, counts);
  return counts;
}

Result<ScanReport> scan(const RunOptions& options, const Matcher& matcher, Extractor& extractor,
                        const std::function<Status(std::string_view line)>& write,
                        Progress* progress, const StopFlag* stop) {
  auto counted = count_first(options, progress, stop);
  if (!counted) return std::move(counted).error();
  ScanReport report;
  report.interrupted = !*counted;
  if (report.interrupted) return report;
  scanner::Walk walk(options.paths, options.dash_descriptor, options.exclude);
  scanner::Totals totals;
  scanner::Steps steps;
  steps.work = [&](const scanner::WalkedItem& walked) {
    return scanner::scan_item(walked, options, matcher, extractor, progress);
  };
  steps.consume = [&](scanner::Finished&& finished) {
    totals.add(finished);
    return write(finished.line);
  };
  auto ran = scanner::run_pipeline(walk, options.jobs, {}, steps, stop);
  if (!ran) return std::move(ran).error();
  report.interrupted = *ran;
  report.counts = totals.counts;
  report.matches_by_bank = std::move(totals.matches_by_bank);
  set_skipped(walk, report.counts);
  return report;
}

Result<ScanReport> scan_to_case(const RunOptions& options, const CaseOptions& where,
                                const Matcher& matcher, Extractor& extractor, Progress* progress,
                                const StopFlag* stop) {
  return scanner::run_case(options, where, matcher, extractor, progress, stop, {});
}

}  // namespace semblance
