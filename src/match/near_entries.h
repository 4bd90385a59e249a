// SPDX-License-Identifier: Apache-2.0
// Private to src/match: the entries that one picture, or one frame, is compared with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "semblance/match.h"

namespace semblance::match {

/// Entries by their id, with the distance of what of each is nearest, in bits.
using NearEntries = std::map<std::int64_t, int>;

void note_near(NearEntries& entries, std::int64_t entry, int distance);

/// Leaves the nearest, kMaxEntriesOfFrame of them or as many as said, and of those as near the
/// oldest. Returns whether there were more.
bool keep_nearest(NearEntries& entries, std::size_t most = kMaxEntriesOfFrame);

}  // namespace semblance::match
