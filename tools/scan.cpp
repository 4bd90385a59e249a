// SPDX-License-Identifier: Apache-2.0
// `semblance scan`: walk, hash, match; one record a file, on standard output or into a case.
#include <chrono>
#include <memory>
#include <string>

#include "console.h"
#include "input.h"
#include "scan_progress.h"
#include "scan_summary.h"
#include "subcommands.h"

namespace semblance::tool {
namespace {

Result<ScanReport> run_with_progress(Session& session, const ScanOptions& options,
                                     const Matcher& matcher, Extractor& extractor, int dash) {
  const bool shows = session.shows_progress();
  const RunOptions run{.paths = options.paths,
                       .jobs = session.options().jobs,
                       .limits = options.limits,
                       .count_first = shows,
                       .dash_descriptor = dash};
  Progress progress;
  const ProgressBar bar(shows, [&] { return view_of(progress, true); });
  if (!options.out.empty()) {
    CaseOptions where{.folder = options.out, .resume = options.resume, .settings = {}};
    if (options.max_distance) {
      where.settings["max_distance"] = std::to_string(*options.max_distance);
    }
    return scan_to_case(run, where, matcher, extractor, &progress, &session.stop());
  }
  LineWriter out;
  const auto write = [&](std::string_view line) {
    Status added = out.line(line);
    return added ? out.flush() : added;  // a reader of the pipe gets each record when it is made
  };
  return scan(run, matcher, extractor, write, &progress, &session.stop());
}

std::string advice_for(const Error& error, const ScanOptions& options) {
  if (options.out.empty()) return {};
  switch (error.code) {
    case Errc::kExists:
      return "scan: add --resume to go on with that case, or name another folder with --out";
    case Errc::kMismatch:
      return "scan: a case goes on only with what it began with; name another folder with --out "
             "to begin a new one";
    case Errc::kIo:
    case Errc::kWorker:
      return "scan: the records so far are kept; once the cause is gone, --resume goes on";
    default:
      return {};
  }
}

}  // namespace

Exit run_scan(Session& session, const ScanOptions& options) {
  const Result<std::unique_ptr<Extractor>> extractor = session.start_extractor();
  if (!extractor) return session.fail(extractor.error());
  const Result<std::unique_ptr<Store>> store = session.open_existing_store();
  if (!store) return session.fail(store.error());
  const Result<std::unique_ptr<Matcher>> matcher = session.build_matcher(
      **store, {.banks = options.banks, .max_distance = options.max_distance});
  if (!matcher) return session.fail(matcher.error());

  const Result<FileDescriptor> dash = spool_if_named(options.paths, session.stop());
  if (!dash) return session.fail(dash.error());

  const auto begun = std::chrono::steady_clock::now();
  const Result<ScanReport> report =
      run_with_progress(session, options, **matcher, **extractor, dash->get());
  if (!report) return session.fail(report.error(), advice_for(report.error(), options));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  if (!session.options().quiet) print_note(scan_summary(*report, options, took.count()));
  if (report->interrupted) {
    return session.fail({Errc::kIo, "scan: interrupted"},
                        options.out.empty()
                            ? "scan: without --out there is no case to go on with"
                            : "scan: go on with: " + resume_command(session.options(), options));
  }
  const auto matched = static_cast<std::size_t>(Outcome::kMatched);
  if (options.fail_on_match && report->counts.by_outcome[matched] > 0) return Exit::kMatched;
  return incomplete(report->counts) ? Exit::kIncomplete : Exit::kDone;
}

}  // namespace semblance::tool
