// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: the work on one item of a scan.
#pragma once

#include "scan/pipeline.h"
#include "scan/walk.h"
#include "semblance/match.h"
#include "semblance/result.h"
#include "semblance/scan.h"

namespace semblance::scanner {

/// Opens, extracts, looks up and judges one item, and writes its line. An error, such as of the
/// store, ends the run. Any thread.
Result<Finished> scan_item(const WalkedItem& walked, const RunOptions& options,
                           const Matcher& matcher, Extractor& extractor, Progress* progress);

}  // namespace semblance::scanner
