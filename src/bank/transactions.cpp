// SPDX-License-Identifier: Apache-2.0
#include "bank/transactions.h"

#include <variant>

namespace semblance::bank {

std::optional<Error> Transactions::refusal_to_change(const char* operation) const {
  const std::string subject = std::string(operation) + ' ' + path_ + ": ";
  if (in_snapshot_) return Error{Errc::kBadArgument, subject + "a snapshot is being read"};
  if (!read_only_) return std::nullopt;
  return Error{Errc::kIo, subject +
                              "the store is read-only: its file may not be written, or lies on a "
                              "file system that may not"};
}

Status Transactions::run(const std::function<Status()>& work) {
  return locked<std::monostate>("change store", [&]() -> Status {
    if (in_transaction_) {
      return Error{Errc::kBadArgument, "change store " + path_ + ": a transaction is open already"};
    }
    if (auto refused = refusal_to_change("change store")) return *std::move(refused);
    return in_new_transaction<std::monostate>(work);
  });
}

Status Transactions::read(const std::function<Status()>& work) {
  return locked<std::monostate>("read store", [&]() -> Status {
    if (in_transaction_ || in_snapshot_) {
      return Error{Errc::kBadArgument,
                   "read store " + path_ + ": a transaction or a snapshot is open already"};
    }
    // Deferred, a transaction begins with its first read, and takes no lock that a writer needs.
    // It changes nothing, so that it ends by being rolled back.
    const SQLite::Transaction snapshot(*database_, SQLite::TransactionBehavior::DEFERRED);
    database_->execAndGet("SELECT COUNT(*) FROM banks");
    struct Mark {
      bool& set;
      ~Mark() { set = false; }
    };
    const Mark mark{in_snapshot_ = true};
    return work();
  });
}

}  // namespace semblance::bank
