// SPDX-License-Identifier: Apache-2.0
#include "scan/case.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "core/digest.h"
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

constexpr std::array kSha256 = {SignalKind::kSha256};
constexpr std::size_t kLargestSummary = std::size_t{1} << 30;

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool stands_for(const std::filesystem::path& path, const struct stat& file) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && same_file(info, file);
}

// Whether `folder` holds the file `path`, by its name or, behind links, by itself.
bool holds(const struct stat& folder, const std::string& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0 || S_ISDIR(file.st_mode)) return false;
  const std::filesystem::path named(path);
  std::error_code failed;
  const std::filesystem::path real = std::filesystem::canonical(named, failed);
  return stands_for(named.has_parent_path() ? named.parent_path() : ".", folder) ||
         (!failed && stands_for(real.parent_path(), folder));
}

// A case inside the evidence would be scanned while it is written, and would change it; among the
// files of the evidence it would be taken for one. Compared by what the names stand for, so that
// no link or mount hides it. A folder further up than the case may well hold evidence.
Status outside_evidence(const std::string& folder, const RunOptions& options) {
  std::error_code failed;
  std::filesystem::path at = std::filesystem::weakly_canonical(folder, failed);
  if (failed) return io_error("open", folder, failed.value());
  if (at.is_relative()) at = std::filesystem::absolute(at, failed);
  if (failed) return io_error("open", folder, failed.value());
  for (bool itself = true;; itself = false, at = at.parent_path()) {
    struct stat ours {};
    const bool there = ::stat(at.c_str(), &ours) == 0;
    for (const std::string& path : options.paths) {
      if (!there || (path == "-" && options.dash_descriptor >= 0)) continue;
      if (stands_for(path, ours)) {
        return Error{Errc::kBadArgument,
                     "create case " + folder + ": it lies inside the evidence " + path};
      }
      if (itself && holds(ours, path)) {
        return Error{Errc::kBadArgument,
                     "create case " + folder + ": it is the folder of the evidence " + path};
      }
    }
    if (at == at.parent_path()) return ok();
  }
}

// A folder with files of somebody's and no journal is not made a case of.
Status empty_or_case(const std::string& folder, const std::string& journal) {
  std::error_code failed;
  const bool there = std::filesystem::exists(journal, failed);
  const bool empty = there || failed || std::filesystem::is_empty(folder, failed);
  if (failed) return io_error("open", folder, failed.value());
  if (empty) return ok();
  return Error{Errc::kExists,
               "create case " + folder + ": the folder is not empty and holds no case"};
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
  Status adopt(JournalState&& state);
  Status begin();
  Status take_up();
  Result<ScanReport> work();
  Result<bool> skip(Walk& walk, EvidenceDigest& digest);
  Status consume(Finished&& finished);
  Status checkpoint();
  Status finish(const Evidence& walked);
  Result<ScanReport> already_finished() const;
  ScanReport report(bool interrupted) const;
  Error name_difference(Error error) const;
  Json identity() const;

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
  Digester stretch_evidence_{kSha256};  // since the last checkpoint
  std::uint64_t checkpoint_records_ = 0;
  Clock::time_point checkpoint_time_ = Clock::now();
};

// Takes the lock and reads what there is. No file but an empty journal is made before the request
// is known to be the same. A finished case is read without the lock: nobody writes it any more,
// and its folder may be one where nobody can.
Status CaseRun::open() {
  if (Status apart = outside_evidence(where_.folder, options_); !apart) return apart;
  std::error_code failed;
  std::filesystem::create_directories(where_.folder, failed);
  if (failed) return io_error("create", where_.folder, failed.value());
  if (Status ours = empty_or_case(where_.folder, file(kJournalName)); !ours) return ours;
  const auto holds_case = [&] {
    return size_or_zero(file(kJournalName)) != 0 || size_or_zero(file(kResultsName)) != 0 ||
           size_or_zero(file(kSummaryName)) != 0;
  };
  const Error exists{Errc::kExists, "create case " + where_.folder +
                                        ": the folder holds a case already; resume it, or "
                                        "name another folder"};
  if (!where_.resume && holds_case()) return exists;
  if (size_or_zero(file(kJournalName)) != 0) {
    auto state = read_journal(file(kJournalName));
    if (!state) return std::move(state).error();
    if (!state->finished_at.empty()) return adopt(std::move(*state));
  }
  auto journal = Journal::open(file(kJournalName));
  if (!journal) return std::move(journal).error();
  if (!where_.resume && holds_case()) return exists;  // another run began and ended meanwhile
  journal_ = std::move(*journal);
  auto state = journal_->read();
  if (!state) return std::move(state).error();
  return adopt(std::move(*state));
}

Status CaseRun::adopt(JournalState&& state) {
  state_ = std::move(state);
  if (state_.header.empty()) return ok();
  header_ = Json::parse(state_.header);  // verified by its check, and parsed once before
  totals_ = state_.totals;
  return same_request(header_, identity(), !state_.finished_at.empty());
}

Json CaseRun::identity() const {
  return make_identity(options_, where_, matcher_, extractor_, evidence_);
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
  header_.update(identity());
  header_["started_at"] = utc_now();
  return journal_->append(header_);
}

Status CaseRun::take_up() {
  if (Status same = same_evidence(header_, identity()); !same) {
    return name_difference(std::move(same).error());
  }
  auto results = Results::open(file(kResultsName));
  if (!results) return std::move(results).error();
  results_.emplace(std::move(*results));
  if (Status kept = results_->keep(state_.stretches); !kept) return kept;
  if (Status cut = journal_->truncate(state_.good_bytes); !cut) return cut;
  const Json isolation = isolation_json(extractor_.protections());
  ++state_.resumed;
  state_.isolations.push_back(isolation.dump());
  Json resumed = {
      {"resumed_at", utc_now()}, {"after", results_->records()}, {"isolation", isolation}};
  if (where_.follow_banks) resumed["banks"] = banks_json(matcher_);
  return journal_->append(resumed);
}

Error CaseRun::name_difference(Error error) const {
  const std::uint64_t records = state_.stretches.empty() ? 0 : state_.stretches.back().records;
  auto where = first_difference(options_, file(kResultsName), records);
  if (where && where->empty()) where = first_other_stretch(options_, state_.stretches);
  if (where && !where->empty()) error.what += "; " + *where;
  return error;
}

Result<ScanReport> CaseRun::work() {
  Walk walk(options_.paths, options_.dash_descriptor, options_.exclude);
  EvidenceDigest digest;
  auto interrupted = skip(walk, digest);
  if (!interrupted) return std::move(interrupted).error();
  if (*interrupted) return report(true);
  Steps steps;
  steps.walked = [&](const WalkedItem& walked) { digest.add(walked); };
  steps.work = [&](const WalkedItem& walked) {
    auto finished = scan_item(walked, options_, matcher_, extractor_, progress_);
    if (finished) finished->evidence = evidence_text(walked);
    return finished;
  };
  steps.consume = [&](Finished&& finished) { return consume(std::move(finished)); };
  checkpoint_records_ = results_->records();
  checkpoint_time_ = Clock::now();
  interrupted = run_pipeline(walk, options_.jobs, {}, steps, stop_);
  // No checkpoint after an error: what was added up may not be what was written.
  if (!interrupted) return std::move(interrupted).error();
  totals_.counts.skipped_symlinks = walk.skipped_symlinks();
  totals_.counts.skipped_special = walk.skipped_special();
  totals_.counts.skipped_store = walk.skipped_store();
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
  stretch_evidence_.update(finished.evidence);
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
  stretch->evidence = to_hex(stretch_evidence_.finish().front().bytes);
  stretch_evidence_ = Digester(kSha256);
  return journal_->append(checkpoint_json(*stretch, totals_));
}

// The journal says "finished" last, so that whoever reads it there finds the summary.
Status CaseRun::finish(const Evidence& walked) {
  SummaryFacts facts;
  facts.totals = totals_;
  facts.results_bytes = results_->bytes();
  facts.results_sha256 = results_->sha256();
  facts.evidence_changed = walked != evidence_;
  if (where_.follow_banks) {
    const Json banks = banks_json(matcher_);
    facts.banks_changed = !same_revisions(header_.at("banks"), banks);
    facts.banks_at_end = banks.dump();
  } else if (where_.banks_changed) {
    facts.banks_changed = where_.banks_changed();
  }
  facts.finished_at = utc_now();
  facts.resumed = state_.resumed;
  auto isolation = isolation_throughout(header_, state_.isolations);
  if (!isolation) return std::move(isolation).error();
  facts.isolation = std::move(*isolation);
  const std::string text = summary_text(header_, facts);
  if (Status put = replace_file(file(kSummaryName), text); !put) return put;
  return journal_->append({{"finished", facts.finished_at}, {"summary_sha256", sha256_hex(text)}});
}

// "Nothing was done" is said of results that are there and as they were written.
Result<ScanReport> CaseRun::already_finished() const {
  if (Status same = Results::verify(file(kResultsName), state_.stretches); !same) {
    return std::move(same).error();
  }
  auto summary = read_file(file(kSummaryName), kLargestSummary);
  if (!summary && summary.error().native == ENOENT) {
    return Error{Errc::kMismatch, "resume: " + file(kSummaryName) + " is missing", ENOENT};
  }
  if (!summary) return std::move(summary).error();
  if (sha256_hex(*summary) != state_.summary_sha256) {
    return Error{Errc::kMismatch,
                 "resume: " + file(kSummaryName) + " differs from what was written"};
  }
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
