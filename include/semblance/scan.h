// SPDX-License-Identifier: Apache-2.0
// The main job: walk folders, extract, match, write one record a file.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "semblance/extract.h"
#include "semblance/match.h"
#include "semblance/result.h"

namespace semblance {

/// What became of an item. Matched beats not_evaluated beats clean.
enum class Outcome : std::uint8_t { kMatched = 0, kClean = 1, kNotEvaluated = 2 };

/// Returns `matched clean not_evaluated`.
std::string_view name(Outcome outcome) noexcept;

/// Counts of a run; each item is in one outcome, each not evaluated one in one reason.
struct Counts {
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;
  std::array<std::uint64_t, 3> by_outcome{};        // by Outcome
  std::array<std::uint64_t, kReasons> by_reason{};  // by Reason, of the not evaluated
  std::uint64_t partial = 0;                        // read in part only, whatever their outcome
  std::uint64_t extracted_twice = 0;                // fast, and then exactly: see RunOptions
  std::uint64_t skipped_symlinks = 0;               // met in the walk, never followed, no record
  std::uint64_t skipped_special = 0;                // sockets, pipes, devices: no record
  std::uint64_t skipped_store = 0;                  // of RunOptions::exclude: no record

  friend bool operator==(const Counts&, const Counts&) = default;
};

/// Returns whether any item was not evaluated for a reason other than being no media.
bool incomplete(const Counts& counts) noexcept;

/// What a progress display reads, from any thread, while a run goes on.
struct Progress {
  std::atomic<std::uint64_t> total_items{0};  // 0 until the evidence has been counted
  std::atomic<std::uint64_t> total_bytes{0};
  std::atomic<std::uint64_t> items{0};
  std::atomic<std::uint64_t> bytes{0};
  std::array<std::atomic<std::uint64_t>, 3> by_outcome{};  // by Outcome
};

/// Set to ask a run to stop: it finishes the records in hand, flushes, and can be resumed.
using StopFlag = std::atomic<bool>;

/// How to walk and how much at once.
struct RunOptions {
  std::vector<std::string> paths;  // files or folders, as given; any bytes the kernel allows
  int jobs = 1;                    // items worked on at the same time, at least 1
  Limits limits{};
  bool count_first = false;  // walk once before, so that Progress knows the totals
  int dash_descriptor = -1;  // what the path "-" is read from: an open regular file, such as
                             // spooled standard input; -1: "-" is a name like any other
  std::vector<std::string> exclude{};  // files left out wherever the walk meets them, by device
                                       // and inode, such as the store; they need not exist
  // Of scan and scan_to_case. kAuto: an item is extracted fast and, unless Matcher::rules_out says
  // that it is clean, exactly, and matched as that: what is reported is what kExact reports, but
  // for the signals of clean items and the decoder that gave them. kFast: matched by fast signals
  // as they are, within the banks' distances: nearly the same, and not always.
  //
  // A video's fast look is at its key frames, and at as many more as leave no gap above kMaxGapMs;
  // the exact one at every frame. So by kAuto a video is clean if nothing of what it shows at least
  // every two seconds is near anything known: what is shown for less than that can be missed. Who
  // cannot accept this takes kExact.
  Precision precision = Precision::kAuto;
  // Called before each item is matched, from several threads, such as to refresh the matcher; an
  // error ends the run. Where the matcher's plan is then another, the item is extracted again.
  std::function<Status()> before_match{};
};

/// One walked file.
struct Item {
  std::uint64_t sequence = 0;  // 0, 1, 2, ... in the stable order of the walk
  std::string path;            // the argument, '/', and the path below it; raw bytes
  std::uint64_t bytes = 0;     // size when walked
};

/// Returns why an extracted item has no signal to look up or to bank: its ending's reason, or
/// kLowQuality where a PDQ's quality is under `quality_floor` or 0, or a side under 5 pixels; of a
/// video, and of a picture that moves, where that is so of all its frames. kNone: it is usable.
Reason unusable_reason(const Extraction& extraction, int quality_floor);

/// Extracts every file under the paths and gives each, in the walk's order, to `consume`, which
/// runs on one thread at a time. Stops at the first error of `consume`. What `hash` and
/// `bank add` run on. Memory does not grow with the number of files.
///
/// The counts know no banks: an item is not evaluated for unusable_reason(extraction, 0), else
/// clean.
Result<Counts> for_each_extraction(
    const RunOptions& options, const Plan& plan, Extractor& extractor,
    const std::function<Status(const Item&, const Extraction&)>& consume, Progress* progress,
    const StopFlag* stop);

/// Where a scan writes, and whether it may go on from there.
struct CaseOptions {
  std::string folder;  // created if missing; must not lie inside the evidence, or hold a file of it
  bool resume = false;
  // Further choices that decide results, such as {"max_distance", "40"}: shown in the summary,
  // and compared on resume.
  std::map<std::string, std::string> settings{};
  // Asked once, when all is scanned: whether the banks differ from what the matcher was made of.
  // The summary says it; empty: it says nothing of it. Not asked where banks are followed.
  std::function<bool()> banks_changed{};
  // The banks may change while the case is written, and between its sessions: the journal and the
  // summary say what they were, and a resume does not compare them. To be chosen with
  // RunOptions::before_match; compared on resume as an option.
  bool follow_banks = false;
};

/// What a scan says of itself when it is done.
struct ScanReport {
  Counts counts;
  bool already_finished = false;    // --resume of a finished case: nothing was done
  bool interrupted = false;         // stopped on request: the case can be resumed
  std::uint64_t resumed_after = 0;  // records that an earlier run had written
  std::map<std::string, std::uint64_t> matches_by_bank;
};

/// Scans `options.paths` and writes one JSON line a file, in the walk's order, to `write`.
/// The lines do not depend on `jobs`.
Result<ScanReport> scan(const RunOptions& options, const Matcher& matcher, Extractor& extractor,
                        const std::function<Status(std::string_view line)>& write,
                        Progress* progress, const StopFlag* stop);

/// Scans into a case folder: `results.jsonl`, `summary.json` and the journal.
///
/// Killed at any moment and resumed, it ends with exactly the records of an undisturbed run.
/// Errc::kExists if the folder holds a case and `resume` is not set, holds other files and no
/// case, or another run is writing it; Errc::kMismatch, naming the difference, if it was begun
/// with other evidence, banks, options, build or decoders, or if what a finished case wrote is
/// missing or altered; kBadArgument if the folder lies inside the evidence or holds a file of
/// it. The error of Extractor::health where the extractor is gone: the case can be resumed.
Result<ScanReport> scan_to_case(const RunOptions& options, const CaseOptions& where,
                                const Matcher& matcher, Extractor& extractor, Progress* progress,
                                const StopFlag* stop);

/// Writes the JSON line that `semblance hash` prints for an extracted item, without newline.
std::string hash_record(const Item& item, const Extraction& extraction, int quality_floor);

}  // namespace semblance
