// SPDX-License-Identifier: Apache-2.0
// The hashes that `match` is asked for, as people and other programs write them.
#pragma once

#include <string>
#include <string_view>

#include "semblance/result.h"
#include "semblance/signal.h"

namespace semblance::tool {

/// Parses `HEX`, whose kind its length tells (64 digits: PDQ; 32: MD5; 40: SHA-1; 128: SHA-512),
/// or `kind:HEX` or `kind HEX`, in any case. Spaces around it, and a byte order mark before it, do
/// not count. Anything else is Errc::kBadHash.
Result<SignalValue> parse_query(std::string_view text);

/// `text` without spaces and tabs at either end, and without a byte order mark.
std::string_view trimmed(std::string_view text) noexcept;

}  // namespace semblance::tool
