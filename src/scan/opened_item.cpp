// SPDX-License-Identifier: Apache-2.0
#include "scan/opened_item.h"

#include <sys/stat.h>

#include <utility>

namespace semblance::scanner {

Result<OpenedItem> OpenedItem::open(const WalkedItem& walked) {
  OpenedItem item(walked);
  if (item.problem_.reason != Reason::kNone) return item;
  auto file = open_item(walked);
  if (file) {
    item.file_ = std::move(*file);
  } else if (is_exhaustion(file.error().native)) {
    return item.of_the_run(file.error());
  } else {
    item.problem_ = {Reason::kOpenFailed, false, file.error().what};
  }
  return item;
}

Result<Extraction> OpenedItem::extract(const Plan& plan, const Limits& limits,
                                       Extractor& extractor) const {
  Extraction extraction;
  extraction.ending = problem_;
  if (!file_) return extraction;
  struct stat info {};
  if (::fstat(file_.get(), &info) == 0) extraction.bytes = static_cast<std::uint64_t>(info.st_size);
  extraction.sampling = sampling_of(plan);
  extraction.hashes_asked = !plan.pdq_profiles.empty();
  CollectingSink sink(extraction);
  extractor.extract(file_.get(), plan, limits, sink);
  // Both are also what an item seems to be when the extractor has no descriptors or workers left.
  if (extraction.ending.reason == Reason::kDecoderCrashed ||
      extraction.ending.reason == Reason::kOpenFailed) {
    if (Status alive = extractor.health(); !alive) return of_the_run(alive.error());
  }
  return extraction;
}

Error OpenedItem::of_the_run(const Error& error) const {
  return {error.code, "scan " + path_ + ": " + error.what, error.native};
}

}  // namespace semblance::scanner
