// SPDX-License-Identifier: Apache-2.0
// `semblance bank withdraw`: entries match nothing from now on; all of those named, or none.
#include <nlohmann/json.hpp>
#include <string>

#include "console.h"
#include "records.h"
#include "subcommands.h"

namespace semblance::tool {
namespace {

Status withdraw_all(Store& store, const BankInfo& bank, const BankWithdrawOptions& options,
                    std::string& lines) {
  for (const std::int64_t id : options.entries) {
    const Result<Entry> entry = store.entry(id);
    const bool was_withdrawn = entry && entry->withdrawn_at;
    Status withdrawn = store.withdraw(bank.id, id, options.reason);
    if (!withdrawn) return withdrawn;
    const Json json = {{"schema", kLineSchema},
                       {"bank", bank.name},
                       {"entry", id},
                       {"outcome", was_withdrawn ? "already_withdrawn" : "withdrawn"}};
    lines += to_line(json) + '\n';
  }
  return ok();
}

}  // namespace

Exit run_bank_withdraw(Session& session, const BankWithdrawOptions& options) {
  const Result<std::unique_ptr<Store>> store = session.open_existing_store();
  if (!store) return session.fail(store.error());
  const Result<BankInfo> bank = (*store)->describe_bank(options.bank);
  if (!bank) return session.fail(bank.error());
  std::string lines;
  const Status status =
      (*store)->transaction([&] { return withdraw_all(**store, *bank, options, lines); });
  if (!status) return session.fail(status.error(), "bank withdraw: nothing was withdrawn");
  lines.pop_back();  // LineWriter ends the last line itself; there is at least one entry
  LineWriter out;
  Status written = out.line(lines);
  if (written) written = out.flush();
  return written ? Exit::kDone : session.fail(written.error());
}

}  // namespace semblance::tool
