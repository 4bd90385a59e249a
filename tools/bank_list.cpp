// SPDX-License-Identifier: Apache-2.0
// `semblance bank list`: every bank, its policy and its counts, one JSON line each.
#include <nlohmann/json.hpp>
#include <vector>

#include "console.h"
#include "records.h"
#include "subcommands.h"

namespace semblance::tool {

Exit run_bank_list(Session& session, const BankListOptions&) {
  const Result<std::unique_ptr<Store>> store = session.open_existing_store();
  if (!store) return session.fail(store.error());
  const Result<std::vector<BankInfo>> banks = (*store)->list_banks();
  if (!banks) return session.fail(banks.error());
  LineWriter out;
  Status written = ok();
  for (const BankInfo& bank : *banks) {
    if (written) written = out.line(to_line(to_json(bank)));
    if (bank.policy.entry_windows) warn_without_windows(bank.name, bank.without_windows);
  }
  if (written) written = out.flush();
  return written ? Exit::kDone : session.fail(written.error());
}

}  // namespace semblance::tool
