// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: the rows that say what a bank is.
#pragma once

#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "bank/database.h"
#include "semblance/store.h"

namespace semblance::bank {

/// Reads and writes banks and their policies. Throws SQLite::Exception; not thread-safe.
class BankTable {
 public:
  explicit BankTable(Statements& sql) : sql_(sql) {}

  std::int64_t insert(const std::string& name, const BankPolicy& policy, UnixSeconds now);
  std::optional<std::int64_t> find(const std::string& name);
  bool exists(std::int64_t bank);

  /// All banks' ids and names, by name.
  std::vector<std::pair<std::int64_t, std::string>> names();

  /// The bank with its counts as of `now`. Precondition: it exists.
  BankInfo info(std::int64_t bank, UnixSeconds now);

  /// The bank without its counts, which take a pass over its entries.
  BankInfo description(std::int64_t bank);

  void bump_revisions(const std::set<std::int64_t>& banks);

 private:
  void insert_probes(std::int64_t bank, const BankPolicy& policy);
  void read_probes(BankInfo& info);
  void count_large(BankInfo& info, UnixSeconds now);
  void count_parts(BankInfo& info, UnixSeconds now);

  Statements& sql_;
};

}  // namespace semblance::bank
