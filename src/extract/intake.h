// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: what every extraction begins with, wherever it is done.
#pragma once

#include "core/snapshot.h"
#include "semblance/extract.h"

namespace semblance::extract {

/// Reads the item once: its digests go to `sink`, its bytes are what is decoded afterwards.
///
/// Digests are always computed in the engine's own process. The error is kLimit where the item is
/// larger than its limit, kUnsupported where what the plan asks for cannot be had of any item by
/// that extractor, and kIo where it cannot be read or is no regular file; there are no digests
/// then.
Result<Snapshot> take_in(const Extractor& extractor, int descriptor, const Plan& plan,
                         const Limits& limits, ExtractSink& sink);

}  // namespace semblance::extract
