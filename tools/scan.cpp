// SPDX-License-Identifier: Apache-2.0
// `semblance scan`: walk, hash, match; one record a file, on standard output or into a case.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "console.h"
#include "input.h"
#include "scan_progress.h"
#include "scan_summary.h"
#include "subcommands.h"

namespace semblance::tool {
namespace {

// What is searched.
struct Banks {
  Store& store;
  Matcher& matcher;
  StoreState before;  // the store's, when the matcher was about to be made
};

// Whether any bank differs from what the matcher was made of. A bank that cannot be read any more
// differs too. A store that knows that nothing has happened spares the digests.
bool banks_changed(Store& store, const std::vector<BankSnapshot>& banks, const StoreState& then) {
  const Result<StoreState> state = store.state();
  if (state && !state->token.empty() && then.holds_at(*state)) return false;
  return std::any_of(banks.begin(), banks.end(), [&](const BankSnapshot& bank) {
    const Result<std::string> now = store.content_digest(bank.name);
    return !now || *now != bank.content_digest;
  });
}

Result<ScanReport> run_with_progress(Session& session, const ScanOptions& options,
                                     const Banks& banks, Extractor& extractor, int dash) {
  Matcher& matcher = banks.matcher;
  const bool shows = session.shows_progress();
  RunOptions run{.paths = options.paths,
                 .jobs = session.options().jobs,
                 .limits = options.limits,
                 .count_first = shows,
                 .dash_descriptor = dash,
                 .exclude = session.store_files(),
                 .precision = options.precision};
  if (options.follow_banks) {
    run.before_match = [&] {
      Status fresh = matcher.refresh();
      return fresh ? session.check_models(extractor, matcher.plan()) : fresh;
    };
  }
  Progress progress;
  const ProgressBar bar(shows, [&] { return view_of(progress, true); });
  if (!options.out.empty()) {
    CaseOptions where{.folder = options.out, .resume = options.resume, .settings = {}};
    where.banks_changed = [&banks, searched = matcher.banks()] {
      return banks_changed(banks.store, searched, banks.before);
    };
    where.follow_banks = options.follow_banks;
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

// Another run holds the case (its lock gives a number), or none was there to be made: neither is
// mended by --resume.
std::string advice_for(const Error& error, const ScanOptions& options) {
  if (options.out.empty()) return {};
  const bool locked = error.code == Errc::kExists && error.native == EWOULDBLOCK;
  if (locked) return "scan: wait until it is done, or name another folder with --out";
  struct stat facts {};
  const std::string results = options.out + "/results.jsonl";
  const bool begun = stat(results.c_str(), &facts) == 0 && facts.st_size > 0;
  switch (error.code) {
    case Errc::kExists:
      return "scan: add --resume to go on with that case, or name another folder with --out";
    case Errc::kMismatch:
      return "scan: a case goes on only with what it began with; name another folder with --out "
             "to begin a new one";
    case Errc::kCorruptStore:
    case Errc::kIo:
    case Errc::kWorker:
      return begun ? "scan: the records so far are kept; once the cause is gone, --resume goes on"
                   : "";
    default:
      return {};
  }
}

}  // namespace

Exit run_scan(Session& session, const ScanOptions& options) {
  const Result<std::unique_ptr<Extractor>> extractor =
      session.start_extractor(session.options().jobs);
  if (!extractor) return session.fail(extractor.error());
  const Result<std::unique_ptr<Store>> store = session.open_existing_store();
  if (!store) return session.fail(store.error());
  const Result<StoreState> before = (*store)->state();
  if (!before) return session.fail(before.error());
  const Result<std::unique_ptr<Matcher>> matcher =
      session.build_matcher(**store, {.banks = options.banks,
                                      .max_distance = options.max_distance,
                                      .content_digests = !options.out.empty()});
  if (!matcher) return session.fail(matcher.error());
  if (Status there = session.check_models(**extractor, (*matcher)->plan()); !there) {
    return session.fail(there.error());
  }
  session.warn_of_other_versions(**extractor, **matcher);

  const Result<FileDescriptor> dash = spool_if_named(session, options.paths);
  if (!dash) return session.fail(dash.error());

  const auto begun = std::chrono::steady_clock::now();
  const Result<ScanReport> report =
      run_with_progress(session, options, {**store, **matcher, *before}, **extractor, dash->get());
  if (!report) return session.fail(report.error(), advice_for(report.error(), options));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  if (!session.options().quiet) print_note(scan_summary(*report, options, took.count()));
  if (report->interrupted) {
    return session.fail({Errc::kIo, "scan: interrupted"},
                        options.out.empty()
                            ? "scan: without --out there is no case to go on with"
                            : "scan: go on with: " + resume_command(session.options(), options));
  }
  if (report->already_finished) return Exit::kDone;
  const auto matched = static_cast<std::size_t>(Outcome::kMatched);
  if (options.fail_on_match && report->counts.by_outcome[matched] > 0) return Exit::kMatched;
  return incomplete(report->counts) ? Exit::kIncomplete : Exit::kDone;
}

}  // namespace semblance::tool
