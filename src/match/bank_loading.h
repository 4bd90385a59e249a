// SPDX-License-Identifier: Apache-2.0
// Private to src/match: banks with their indexes, loaded and kept up.
#pragma once

#include "match/bank_selection.h"
#include "semblance/match.h"
#include "semblance/result.h"
#include "semblance/store.h"

namespace semblance::match {

/// Loads the banks that `options` name, all of one moment, with their index: the saved one, brought
/// up to date, where there is one.
Result<BankSelection> load_banks(Store& store, const MatcherOptions& options);

/// The banks as they are now, with the index of `held`, which is brought up to date: in portions,
/// so that nobody has to wait for long who uses the store meanwhile.
Result<BankSelection> reload_banks(Store& store, const MatcherOptions& options,
                                   const BankSelection& held);

}  // namespace semblance::match
