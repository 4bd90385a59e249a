// SPDX-License-Identifier: Apache-2.0
// `semblance hash`: pictures in, one JSON line of facts and signals each out.
#include <memory>

#include "console.h"
#include "input.h"
#include "scan_progress.h"
#include "subcommands.h"

namespace semblance::tool {
namespace {

// Prints records, and remembers whether any item had no usable hash.
class HashPrinter {
 public:
  explicit HashPrinter(int quality_floor) : quality_floor_(quality_floor) {}

  Status take(const Item& item, const Extraction& found) {
    const Reason reason = unusable_reason(found, quality_floor_);
    incomplete_ |= reason != Reason::kNone && reason != Reason::kNotMedia;
    Status written = out_.line(hash_record(item, found, quality_floor_));
    return written ? out_.flush() : written;  // a reader of the pipe gets each when it is made
  }

  bool incomplete() const noexcept { return incomplete_; }

 private:
  int quality_floor_;
  LineWriter out_;
  bool incomplete_ = false;
};

}  // namespace

Exit run_hash(Session& session, const HashOptions& options) {
  const Result<std::unique_ptr<Extractor>> extractor =
      session.start_extractor(session.options().jobs);
  if (!extractor) return session.fail(extractor.error());
  const Result<FileDescriptor> dash = spool_if_named(session, options.paths);
  if (!dash) return session.fail(dash.error());

  Plan plan;
  plan.pdq_profiles = {options.profile};
  plan.precision = options.precision;
  const bool shows = session.shows_progress();
  const RunOptions run{.paths = options.paths,
                       .jobs = session.options().jobs,
                       .limits = options.limits,
                       .count_first = shows,
                       .dash_descriptor = dash->get()};
  HashPrinter printer(options.quality_floor);
  Progress progress;
  Result<Counts> counts = Counts{};
  {
    const ProgressBar bar(shows, [&] { return view_of(progress, false); });
    counts = for_each_extraction(
        run, plan, **extractor,
        [&](const Item& item, const Extraction& found) { return printer.take(item, found); },
        &progress, &session.stop());
  }
  if (!counts) return session.fail(counts.error());
  warn_skipped("hash", *counts);
  if (session.stop()) return session.fail({Errc::kIo, "hash: interrupted"});
  return printer.incomplete() ? Exit::kIncomplete : Exit::kDone;
}

}  // namespace semblance::tool
