// SPDX-License-Identifier: Apache-2.0
// `semblance hash`: pictures and videos in, one JSON line of facts and signals each out, or the
// reference's files of videos.
#include <sys/stat.h>

#include <functional>
#include <memory>
#include <string>

#include "console.h"
#include "input.h"
#include "scan_progress.h"
#include "subcommands.h"
#include "video_files.h"

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

// Where files go that are no lines: more than one would run into each other.
Status check_output(const HashOptions& options) {
  if (options.format == HashFormat::kJson || !options.out.empty()) return ok();
  struct stat facts {};
  const bool folder = ::stat(options.paths.front().c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
  if (options.paths.size() == 1 && !folder) return ok();
  return Error{Errc::kBadArgument,
               "hash: one file alone goes to standard output; name a folder for them with --out"};
}

Plan plan_of(const HashOptions& options) {
  Plan plan;
  plan.pdq_profiles = {options.profile};
  plan.precision = options.precision;
  plan.frames = options.frames;
  plan.probes = options.probes;
  if (options.features) plan.features = kEntryFeatures;
  plan.embedders = options.embeddings;
  if (options.format == HashFormat::kTmk) {
    plan.pdq_profiles.clear();
    plan.tmk = true;
  }
  return plan;
}

}  // namespace

Exit run_hash(Session& session, const HashOptions& options) {
  if (const Status place = check_output(options); !place) return session.refuse(place.error());
  const Result<std::unique_ptr<Extractor>> extractor =
      session.start_extractor(session.options().jobs);
  if (!extractor) return session.fail(extractor.error());
  const Result<FileDescriptor> dash = spool_if_named(session, options.paths);
  if (!dash) return session.fail(dash.error());

  const Plan plan = plan_of(options);
  if (Status there = session.check_models(**extractor, plan); !there) {
    return session.fail(there.error());
  }
  const bool shows = session.shows_progress();
  const RunOptions run{.paths = options.paths,
                       .jobs = session.options().jobs,
                       .limits = options.limits,
                       .count_first = shows,
                       .dash_descriptor = dash->get()};
  HashPrinter printer(options.quality_floor);
  VideoFileWriter files(options.format, options.out);
  const bool lines = options.format == HashFormat::kJson;
  Progress progress;
  Result<Counts> counts = Counts{};
  {
    const ProgressBar bar(shows, [&] { return view_of(progress, false); });
    counts = for_each_extraction(
        run, plan, **extractor,
        [&](const Item& item, const Extraction& found) {
          return lines ? printer.take(item, found) : files.take(item, found);
        },
        &progress, &session.stop());
  }
  if (!counts) return session.fail(counts.error());
  warn_skipped("hash", *counts);
  if (session.stop()) return session.fail({Errc::kIo, "hash: interrupted"});
  return printer.incomplete() || files.incomplete() ? Exit::kIncomplete : Exit::kDone;
}

}  // namespace semblance::tool
