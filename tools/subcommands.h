// SPDX-License-Identifier: Apache-2.0
// The subcommands: each runs on its options in a session and returns the exit status.
#pragma once

#include "options.h"
#include "session.h"

namespace semblance::tool {

Exit run_hash(Session& session, const HashOptions& options);
Exit run_bank_create(Session& session, const BankCreateOptions& options);
Exit run_bank_add(Session& session, const BankAddOptions& options);
Exit run_bank_import(Session& session, const BankImportOptions& options);
Exit run_bank_export(Session& session, const BankExportOptions& options);
Exit run_bank_list(Session& session, const BankListOptions& options);
Exit run_bank_show(Session& session, const BankShowOptions& options);
Exit run_bank_withdraw(Session& session, const BankWithdrawOptions& options);
Exit run_bank_index(Session& session, const BankIndexOptions& options);
Exit run_match(Session& session, const MatchOptions& options);
Exit run_scan(Session& session, const ScanOptions& options);
Exit run_inspect(Session& session, const InspectOptions& options);

}  // namespace semblance::tool
