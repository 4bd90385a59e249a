// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: the file of records, of which only what a checkpoint vouches for counts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "core/files.h"
#include "scan/journal.h"
#include "semblance/result.h"

namespace semblance::scanner {

/// `results.jsonl`, open for appending. Lines gather in memory and go out in blocks.
class Results {
 public:
  /// Opens or creates the file; nothing of it counts yet.
  static Result<Results> open(const std::string& path);

  /// Reads a finished file without touching it. Errc::kMismatch, naming it, unless it is there and
  /// is exactly what the stretches vouch for.
  static Status verify(const std::string& path, const std::vector<Stretch>& stretches);

  /// Reads what the stretches vouch for, compares it with their digests, and cuts off the rest:
  /// lines go there. Errc::kMismatch if bytes are missing or differ.
  Status keep(const std::vector<Stretch>& stretches);

  /// Appends one record.
  Status add(std::string_view line);

  /// Brings all lines to the disk and returns the stretch since the last call, or since keep().
  Result<Stretch> settle();

  /// The digest of the whole file, once, after settle().
  std::string sha256();

  std::uint64_t records() const noexcept { return records_; }
  std::uint64_t bytes() const noexcept { return settled_ + unsettled_; }

 private:
  Results(std::string path, FileDescriptor file);
  Status flush();
  Status check(const std::vector<Stretch>& stretches);
  Result<std::string> digest_range(std::uint64_t from, std::uint64_t to);

  std::string path_;
  FileDescriptor file_;
  std::string buffer_;           // added, not yet written
  std::uint64_t records_ = 0;    // added
  std::uint64_t settled_ = 0;    // bytes on the disk that a stretch vouches for
  std::uint64_t unsettled_ = 0;  // bytes after those, in the file or the buffer
  Digester whole_;
  Digester stretch_;
};

}  // namespace semblance::scanner
