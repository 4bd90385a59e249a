// SPDX-License-Identifier: Apache-2.0
// `semblance bank create`: an empty bank with its policy.
#include <nlohmann/json.hpp>

#include "console.h"
#include "records.h"
#include "subcommands.h"

namespace semblance::tool {

Exit run_bank_create(Session& session, const BankCreateOptions& options) {
  const Result<std::unique_ptr<Store>> store = session.open_or_create_store();
  if (!store) return session.fail(store.error());
  const Result<BankInfo> bank = (*store)->create_bank(options.bank, options.policy);
  if (!bank) return session.fail(bank.error());
  LineWriter out;
  Status written = out.line(to_line(to_json(*bank)));
  if (written) written = out.flush();
  return written ? Exit::kDone : session.fail(written.error());
}

}  // namespace semblance::tool
