// SPDX-License-Identifier: Apache-2.0
#include "scan_progress.h"

#include <string>

#include "console.h"

namespace semblance::tool {

ProgressView view_of(const Progress& progress, bool outcomes) {
  ProgressView view;
  view.unit = "files";
  view.items = progress.items;
  view.total_items = progress.total_items;
  view.bytes = progress.bytes;
  view.total_bytes = progress.total_bytes;
  if (outcomes) {
    const auto count = [&](Outcome outcome) {
      return grouped(progress.by_outcome[static_cast<std::size_t>(outcome)]);
    };
    view.outcomes = count(Outcome::kMatched) + " matched, " + count(Outcome::kClean) + " clean, " +
                    count(Outcome::kNotEvaluated) + " not evaluated";
  }
  return view;
}

void warn_skipped(std::string_view operation, const Counts& counts) {
  if (counts.skipped_symlinks + counts.skipped_special == 0) return;
  warn(std::string(operation) + ": passed over " +
       counted(counts.skipped_symlinks, "symbolic link", "symbolic links") + " and " +
       counted(counts.skipped_special, "socket, pipe or device", "sockets, pipes or devices") +
       ": they get no record");
}

}  // namespace semblance::tool
