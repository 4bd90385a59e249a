// SPDX-License-Identifier: Apache-2.0
// Points in time as text: ISO 8601, always UTC.
#pragma once

#include <string>
#include <string_view>

#include "semblance/result.h"
#include "semblance/store.h"

namespace semblance::tool {

/// Parses `YYYY-MM-DD` (the start of that day) or `YYYY-MM-DDTHH:MM:SSZ`, both UTC. Anything
/// else, and days that no calendar has, is Errc::kBadArgument.
Result<UnixSeconds> parse_date(std::string_view text);

/// Returns `YYYY-MM-DDTHH:MM:SSZ`.
std::string format_date(UnixSeconds when);

}  // namespace semblance::tool
