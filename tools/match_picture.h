// SPDX-License-Identifier: Apache-2.0
// `semblance match --picture`: two pictures against each other.
#pragma once

#include "options.h"
#include "session.h"

namespace semblance::tool {

/// Compares the two files that `options.hashes` name, prints one JSON line, and draws what
/// `options.explain` asks for.
Exit run_match_picture(Session& session, const MatchOptions& options);

}  // namespace semblance::tool
