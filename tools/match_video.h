// SPDX-License-Identifier: Apache-2.0
// `semblance match --video`: two videos against each other.
#pragma once

#include "options.h"
#include "session.h"

namespace semblance::tool {

/// Compares the two files that `options.hashes` name, and prints one JSON line.
Exit run_match_video(Session& session, const MatchOptions& options);

}  // namespace semblance::tool
