// SPDX-License-Identifier: Apache-2.0
// `semblance bank show`: the entries of a bank, or one of them, one JSON line each.
#include <chrono>
#include <nlohmann/json.hpp>

#include "console.h"
#include "records.h"
#include "subcommands.h"

namespace semblance::tool {
namespace {

UnixSeconds now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Status show_one(Store& store, const BankInfo& bank, std::int64_t id, LineWriter& out) {
  const Result<Entry> entry = store.entry(id);
  if (!entry) return entry.error();
  if (entry->bank != bank.name) {
    return Error{Errc::kNotFound, "find entry " + std::to_string(id) + ": it is in bank " +
                                      entry->bank + ", not in " + bank.name};
  }
  return out.line(to_line(to_json(*entry, now())));
}

Status show_all(Store& store, const BankInfo& bank, const BankShowOptions& options,
                LineWriter& out) {
  Status written = ok();
  std::uint64_t shown = 0;
  const UnixSeconds when = now();
  const Status read = store.for_each_entry(bank.id, options.after, [&](const Entry& entry) {
    if (options.limit && shown == *options.limit) return false;
    ++shown;
    written = out.line(to_line(to_json(entry, when)));
    return static_cast<bool>(written);
  });
  return read ? written : read;
}

}  // namespace

Exit run_bank_show(Session& session, const BankShowOptions& options) {
  const Result<std::unique_ptr<Store>> store = session.open_existing_store();
  if (!store) return session.fail(store.error());
  const Result<BankInfo> bank = (*store)->describe_bank(options.bank);
  if (!bank) return session.fail(bank.error());
  LineWriter out;
  Status status = options.entry ? show_one(**store, *bank, *options.entry, out)
                                : show_all(**store, *bank, options, out);
  if (status) status = out.flush();
  return status ? Exit::kDone : session.fail(status.error());
}

}  // namespace semblance::tool
