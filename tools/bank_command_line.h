// SPDX-License-Identifier: Apache-2.0
// The subcommands of `bank`, as the parser knows them. For command_line.cpp alone.
#pragma once

#include <string>
#include <vector>

#include "options.h"
#include "policy_text.h"
#include "shared_options.h"

namespace semblance::tool {

/// Declares `bank` and its subcommands, and holds their options. Lives as long as the parser.
class BankCommands {
 public:
  explicit BankCommands(SharedOptions& shared);
  BankCommands(const BankCommands&) = delete;
  BankCommands& operator=(const BankCommands&) = delete;

  void add(CLI::App& parent);

  /// Completes the options by what they imply. Returns what is wrong with them; else empty.
  std::string settle();

 private:
  void add_create(CLI::App& bank);
  void add_add(CLI::App& bank);
  void add_exchange(CLI::App& bank);
  void add_look(CLI::App& bank);
  void add_index(CLI::App& bank);

  SharedOptions& shared_;
  BankCreateOptions create_;
  std::vector<ProbeBits> probes_;
  std::vector<LeastCosine> embeddings_;
  BankAddOptions add_;
  BankImportOptions import_;
  BankExportOptions export_;
  BankListOptions list_;
  BankShowOptions show_;
  BankWithdrawOptions withdraw_;
  BankIndexOptions index_;
};

}  // namespace semblance::tool
