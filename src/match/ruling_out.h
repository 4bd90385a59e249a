// SPDX-License-Identifier: Apache-2.0
// Private to src/match: what a look at less than all of an item makes certain.
#pragma once

#include <span>

#include "match/bank_selection.h"
#include "semblance/extract.h"
#include "semblance/result.h"
#include "semblance/store.h"
#include "semblance/video.h"

namespace semblance::match {

/// See Matcher::rules_out.
Result<bool> rules_out(Store& store, const BankSelection& banks, const Extraction& item);

/// The quality of the frame that speaks for a video where it is asked whether it can be looked up
/// at all.
int best_quality(std::span<const FrameSignal> frames);

}  // namespace semblance::match
