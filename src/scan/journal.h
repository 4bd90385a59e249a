// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: the append-only file that says how far a case has come.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "core/files.h"
#include "scan/totals.h"
#include "semblance/result.h"

namespace semblance::scanner {

/// The number of the journal's form; another is refused.
inline constexpr int kJournalFormat = 2;

/// A stretch of the results that a checkpoint vouches for: from the end of the one before it.
struct Stretch {
  std::uint64_t records = 0;  // all so far
  std::uint64_t end = 0;      // offset in the results file
  std::string sha256;         // of the bytes of this stretch
  std::string evidence{};     // SHA-256 over the evidence_text of its items
};

/// What the good lines of a journal say.
struct JournalState {
  std::string header;                   // JSON; empty: no scan was begun
  std::vector<Stretch> stretches;       // in order
  Totals totals;                        // at the last one
  std::string finished_at;              // empty: not finished
  std::string summary_sha256;           // of the summary's text, where finished
  std::uint64_t resumed = 0;            // times
  std::vector<std::string> isolations;  // JSON: what confined the decoders after each resumption
  std::uint64_t good_bytes = 0;         // length of the good lines: the next one goes there
};

/// Reads a journal, whoever holds it; what is not whole yet is ignored. Errc::kBadFormat for an
/// unknown form, or a first line that is whole and damaged.
Result<JournalState> read_journal(const std::string& path);

/// The same, of a journal's text.
Result<JournalState> parse_journal(std::istream& in);

/// A journal, open and locked: no other run can hold it.
///
/// Every line is a JSON object whose last member, `check`, is the beginning of the SHA-256 of
/// what stands before it: a line cut off or overwritten anywhere is known, and it and all after
/// it are ignored.
class Journal {
 public:
  /// Opens or creates the file. Errc::kExists if another run holds the lock.
  static Result<Journal> open(const std::string& path);

  /// read_journal of it.
  Result<JournalState> read() const { return read_journal(path_); }

  /// Cuts off what follows the good lines; appends go there.
  Status truncate(std::uint64_t good_bytes);

  /// Appends a JSON object as one checked line, and returns when it is on the disk.
  Status append(const nlohmann::ordered_json& object);

 private:
  Journal(std::string path, FileDescriptor file) : path_(std::move(path)), file_(std::move(file)) {}

  std::string path_;
  FileDescriptor file_;
};

/// The line for a JSON object, with its check and newline.
std::string checked_line(const nlohmann::ordered_json& object);

/// Returns the JSON text of a checked line given without newline, or nothing if it is not whole.
std::optional<std::string> verified(const std::string& line);

/// The journal's line for a checkpoint.
nlohmann::ordered_json checkpoint_json(const Stretch& stretch, const Totals& totals);

}  // namespace semblance::scanner
