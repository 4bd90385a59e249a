// SPDX-License-Identifier: Apache-2.0
// What walks over files show while they go on, and say of what they passed over.
#pragma once

#include <string_view>

#include "progress.h"
#include "semblance/scan.h"

namespace semblance::tool {

/// What the bar shows of a run; `outcomes` only where items are matched against banks.
ProgressView view_of(const Progress& progress, bool outcomes);

/// Warns of symbolic links, sockets, pipes and devices, which get no record.
void warn_skipped(std::string_view operation, const Counts& counts);

}  // namespace semblance::tool
