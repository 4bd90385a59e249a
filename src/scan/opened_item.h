// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: one walked file, opened once.
#pragma once

#include <string>

#include "core/files.h"
#include "scan/walk.h"
#include "semblance/extract.h"
#include "semblance/result.h"

namespace semblance::scanner {

/// An item, open, to be extracted as often as it takes: each time of the same file, whatever has
/// become of its name.
class OpenedItem {
 public:
  /// Opens it. That it cannot be opened is a fact about the item, told by its extractions; an error
  /// is one of the run, such as that there are no descriptors left.
  static Result<OpenedItem> open(const WalkedItem& walked);

  /// Extracts it; what goes wrong with it is in its ending. An error ends the run, such as that of
  /// an extractor that is gone: no item is blamed for it.
  Result<Extraction> extract(const Plan& plan, const Limits& limits, Extractor& extractor) const;

 private:
  explicit OpenedItem(const WalkedItem& walked)
      : path_(walked.item.path), problem_(walked.problem) {}

  Error of_the_run(const Error& error) const;

  std::string path_;
  FileDescriptor file_;  // none where there is a problem
  Ending problem_;
};

}  // namespace semblance::scanner
