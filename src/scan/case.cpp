// SPDX-License-Identifier: Apache-2.0
#include "scan/case.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "core/files.h"
#include "scan/evidence.h"
#include "scan/identity.h"
#include "scan/journal.h"
#include "scan/pipeline.h"
#include "scan/results.h"
#include "scan/scan_item.h"
#include "scan/summary.h"
#include "scan/totals.h"
#include "scan/walk.h"

namespace semblance::scanner {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// A case inside the evidence would be scanned while it is written, and would change it. Compared
// by what the names stand for, so that no link or mount hides it.
Status outside_evidence(const std::string& folder, const std::vector<std::string>& paths) {
  std::error_code failed;
  std::filesystem::path at = std::filesystem::weakly_canonical(folder, failed);
  if (failed) return io_error("open", folder, failed.value());
  if (at.is_relative()) at = std::filesystem::absolute(at, failed);
  if (failed) return io_error("open", folder, failed.value());
  for (;; at = at.parent_path()) {
    struct stat ours {};
    const bool there = ::stat(at.c_str(), &ours) == 0;
    for (const std::string& path : paths) {
      struct stat theirs {};
      if (there && ::stat(path.c_str(), &theirs) == 0 && same_file(ours, theirs)) {
        return Error{Errc::kBadArgument,
                     "create case " + folder + ": it lies inside the evidence " + path};
      }
    }
    if (at == at.parent_path()) return ok();
  }
}

Status flush_folder(const std::string& folder) {
  const FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return io_error("open", folder, errno);
  if (::fsync(opened.get()) != 0) return io_error("flush", folder, errno);
  return ok();
}

std::uint64_t size_or_zero(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

// One run over a case folder, from the lock to the summary.
class CaseRun {
 public:
  CaseRun(const RunOptions& options, const CaseOptions& where, const Matcher& matcher,
          Extractor& extractor, Progress* progress, const StopFlag* stop,
          const CheckpointPolicy& policy)
      : options_(options),
        where_(where),
        matcher_(matcher),
        extractor_(extractor),
        progress_(progress),
        stop_(stop),
        policy_(policy) {}

  Result<ScanReport> run() {
    if (Status opened = open(); !opened) return std::move(opened).error();
    if (!state_.finished_at.empty()) return already_finished();
    auto evidence = count_evidence(options_, progress_, stop_);
    if (!evidence) return std::move(evidence).error();
    if (!evidence->has_value()) return report(true);
    evidence_ = std::move(**evidence);
    Status ready = state_.header.empty() ? begin() : take_up();
    if (!ready) return std::move(ready).error();
    return work();
  }

 private:
  std::string file(const char* name) const { return where_.folder + "/" + name; }

  Status open();
  Status begin();
  Status take_up();
  Result<ScanReport> work();
  Result<bool> skip(Walk& walk, EvidenceDigest& digest);
  Status consume(Finished&& finished);
  Status checkpoint();
  Status finish(const Evidence& walked);
  Result<ScanReport> already_finished();
  ScanReport report(bool interrupted) const;
  Error name_difference(Error error) const;

  const RunOptions& options_;
  const CaseOptions& where_;
  const Matcher& matcher_;
  Extractor& extractor_;
  Progress* progress_;
  const StopFlag* stop_;
  const CheckpointPolicy policy_;

  std::optional<Journal> journal_;
  std::optional<Results> results_;
  JournalState state_;  // as the journal told it when opened
  Json header_;
  Evidence evidence_;
  Totals totals_;
  std::uint64_t checkpoint_records_ = 0;
  Clock::time_point checkpoint_time_ = Clock::now();
};

// Takes the lock and reads what there is. No file but an empty journal is made before the request
// is known to be the same.
Status CaseRun::open() {
  if (Status apart = outside_evidence(where_.folder, options_.paths); !apart) return apart;
  std::error_code failed;
  std::filesystem::create_directories(where_.folder, failed);
  if (failed) return io_error("create", where_.folder, failed.value());
  const auto holds_case = [&] {
    return size_or_zero(file(kJournalName)) != 0 || size_or_zero(file(kResultsName)) != 0 ||
           size_or_zero(file(kSummaryName)) != 0;
  };
  const Error exists{Errc::kExists, "create case " + where_.folder +
                                        ": the folder holds a case already; resume it, or "
                                        "name another folder"};
  if (!where_.resume && holds_case()) return exists;
  auto journal = Journal::open(file(kJournalName));
  if (!journal) return std::move(journal).error();
  if (!where_.resume && holds_case()) return exists;  // another run began and ended meanwhile
  journal_ = std::move(*journal);
  auto state = journal_->read();
  if (!state) return std::move(state).error();
  state_ = std::move(*state);
  if (state_.header.empty()) return ok();
  header_ = Json::parse(state_.header);  // verified by its check, and parsed once before
  totals_ = state_.totals;
  const Json now = make_identity(options_, where_, matcher_, {});
  return same_request(header_, now, !state_.finished_at.empty());
}

// The header is on the disk before the first record is: records without one are not ours.
Status CaseRun::begin() {
  if (size_or_zero(file(kResultsName)) != 0) {
    return Error{Errc::kBadFormat,
                 "resume " + where_.folder + ": there are records, but no journal of them"};
  }
  auto results = Results::open(file(kResultsName));
  if (!results) return std::move(results).error();
  results_.emplace(std::move(*results));
  if (Status cut = journal_->truncate(0); !cut) return cut;
  if (Status flushed = flush_folder(where_.folder); !flushed) return flushed;
  header_ = {{"format", kJournalFormat}};
  header_.update(make_identity(options_, where_, matcher_, evidence_));
  header_["started_at"] = utc_now();
  return journal_->append(header_);
}

Status CaseRun::take_up() {
  const Json now = make_identity(options_, where_, matcher_, evidence_);
  if (Status same = same_evidence(header_, now); !same) {
    return name_difference(std::move(same).error());
  }
  auto results = Results::open(file(kResultsName));
  if (!results) return std::move(results).error();
  results_.emplace(std::move(*results));
  if (Status kept = results_->keep(state_.stretches); !kept) return kept;
  if (Status cut = journal_->truncate(state_.good_bytes); !cut) return cut;
  ++state_.resumed;
  return journal_->append({{"resumed_at", utc_now()}, {"after", results_->records()}});
}

Error CaseRun::name_difference(Error error) const {
  const std::uint64_t records = state_.stretches.empty() ? 0 : state_.stretches.back().records;
  auto where = first_difference(options_, file(kResultsName), records);
  if (where && !where->empty()) error.what += "; " + *where;
  return error;
}

Result<ScanReport> CaseRun::work() {
  Walk walk(options_.paths, options_.dash_descriptor);
  EvidenceDigest digest;
  auto interrupted = skip(walk, digest);
  if (!interrupted) return std::move(interrupted).error();
  if (*interrupted) return report(true);
  Steps steps;
  steps.walked = [&](const WalkedItem& walked) { digest.add(walked); };
  steps.work = [&](const WalkedItem& walked) {
    return scan_item(walked, options_.limits, matcher_, extractor_, progress_);
  };
  steps.consume = [&](Finished&& finished) { return consume(std::move(finished)); };
  checkpoint_records_ = results_->records();
  checkpoint_time_ = Clock::now();
  interrupted = run_pipeline(walk, options_.jobs, {}, steps, stop_);
  // No checkpoint after an error: what was added up may not be what was written.
  if (!interrupted) return std::move(interrupted).error();
  totals_.counts.skipped_symlinks = walk.skipped_symlinks();
  totals_.counts.skipped_special = walk.skipped_special();
  if (Status saved = checkpoint(); !saved) return std::move(saved).error();
  if (!*interrupted) {
    if (Status done = finish(digest.finish()); !done) return std::move(done).error();
  }
  return report(*interrupted);
}

// Passes over the items whose records stand. Returns whether it was stopped meanwhile.
Result<bool> CaseRun::skip(Walk& walk, EvidenceDigest& digest) {
  for (std::uint64_t i = 0; i < results_->records(); ++i) {
    if (stop_ != nullptr && stop_->load()) return true;
    auto walked = walk.next();
    if (!walked) return std::move(walked).error();
    if (!walked->has_value()) {
      return Error{Errc::kMismatch, "resume: the evidence has changed since it was counted"};
    }
    digest.add(**walked);
  }
  if (progress_ != nullptr) {
    progress_->items = totals_.counts.items;
    progress_->bytes = totals_.counts.bytes;
    for (std::size_t i = 0; i < totals_.counts.by_outcome.size(); ++i) {
      progress_->by_outcome[i] = totals_.counts.by_outcome[i];
    }
  }
  return false;
}

Status CaseRun::consume(Finished&& finished) {
  if (Status added = results_->add(finished.line); !added) return added;
  totals_.add(finished);
  const bool due = results_->records() - checkpoint_records_ >= policy_.records ||
                   Clock::now() - checkpoint_time_ >= policy_.interval;
  return due ? checkpoint() : ok();
}

// Records reach the disk before the line that vouches for them.
Status CaseRun::checkpoint() {
  auto stretch = results_->settle();
  if (!stretch) return std::move(stretch).error();
  checkpoint_records_ = results_->records();
  checkpoint_time_ = Clock::now();
  return journal_->append(checkpoint_json(*stretch, totals_));
}

// The journal says "finished" last, so that whoever reads it there finds the summary.
Status CaseRun::finish(const Evidence& walked) {
  SummaryFacts facts;
  facts.totals = totals_;
  facts.results_bytes = results_->bytes();
  facts.results_sha256 = results_->sha256();
  facts.evidence_changed = walked != evidence_;
  facts.finished_at = utc_now();
  facts.resumed = state_.resumed;
  if (Status put = replace_file(file(kSummaryName), summary_text(header_, facts)); !put) {
    return put;
  }
  return journal_->append({{"finished", facts.finished_at}});
}

Result<ScanReport> CaseRun::already_finished() {
  ScanReport done = report(false);
  done.already_finished = true;
  return done;
}

ScanReport CaseRun::report(bool interrupted) const {
  ScanReport report;
  report.counts = totals_.counts;
  report.matches_by_bank = totals_.matches_by_bank;
  report.interrupted = interrupted;
  report.resumed_after = state_.stretches.empty() ? 0 : state_.stretches.back().records;
  return report;
}

}  // namespace

Result<ScanReport> run_case(const RunOptions& options, const CaseOptions& where,
                            const Matcher& matcher, Extractor& extractor, Progress* progress,
                            const StopFlag* stop, const CheckpointPolicy& policy) {
  return CaseRun(options, where, matcher, extractor, progress, stop, policy).run();
}

}  // namespace semblance::scanner
