// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: what the evidence was, so that a resumed run can prove it is the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/digest.h"
#include "scan/journal.h"
#include "scan/walk.h"
#include "semblance/result.h"
#include "semblance/scan.h"

namespace semblance::scanner {

/// What one walk met.
struct Evidence {
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;
  std::string sha256;  // over the evidence_text of each item, in order

  friend bool operator==(const Evidence&, const Evidence&) = default;
};

/// What the evidence says of one item: path, size, time of change, why it cannot be opened; and
/// of standard input, which has no time of its own, the SHA-256.
std::string evidence_text(const WalkedItem& walked);

/// Builds an Evidence from the items of a walk, in order.
class EvidenceDigest {
 public:
  EvidenceDigest();
  void add(const WalkedItem& walked);
  Evidence finish();  // once

 private:
  Digester digester_;
  Evidence evidence_;
};

/// Walks once without opening a file (standard input is read). Tells `progress`, if given, the
/// totals at the end. Nothing if `stop` was set before that.
Result<std::optional<Evidence>> count_evidence(const RunOptions& options, Progress* progress,
                                               const StopFlag* stop);

/// Compares the first `records` lines of a results file with what a walk meets now, and says in
/// words where they first differ; empty if they do not.
Result<std::string> first_difference(const RunOptions& options, const std::string& results_path,
                                     std::uint64_t records);

/// Compares the evidence of each stretch of records with what a walk meets now, and says in words
/// which is the first that differs, or that none does; empty if there are no records.
Result<std::string> first_other_stretch(const RunOptions& options,
                                        const std::vector<Stretch>& stretches);

}  // namespace semblance::scanner
