// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: one digest over all that matching with a bank depends on.
#pragma once

#include <string>

#include "bank/database.h"
#include "bank/large_signal_table.h"
#include "semblance/store.h"

namespace semblance::bank {

/// SHA-256, lower-case hex, over the bank's name and policy and, in order of entry id, what its
/// entries active at `now` say of themselves in a match. Throws SQLite::Exception; fails where a
/// signal is damaged.
Result<std::string> content_digest(Statements& sql, LargeSignalTable& large, const BankInfo& bank,
                                   UnixSeconds now);

}  // namespace semblance::bank
