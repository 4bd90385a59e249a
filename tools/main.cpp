// SPDX-License-Identifier: Apache-2.0
// The command `semblance`: reads the command line, runs one subcommand, gives its exit status.
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <type_traits>
#include <variant>

#include "command_line.h"
#include "console.h"
#include "core/files.h"
#include "session.h"
#include "subcommands.h"

namespace semblance::tool {
namespace {

std::string store_from_environment() {
  const char* const named = std::getenv("SEMBLANCE_STORE");  // NOLINT: before any thread starts
  return named != nullptr && *named != '\0' ? named : CommonOptions{}.store;
}

struct Dispatch {
  Session& session;

  Exit operator()(std::monostate) const { return Exit::kUsage; }
  Exit operator()(const HashOptions& o) const { return run_hash(session, o); }
  Exit operator()(const BankCreateOptions& o) const { return run_bank_create(session, o); }
  Exit operator()(const BankAddOptions& o) const { return run_bank_add(session, o); }
  Exit operator()(const BankImportOptions& o) const { return run_bank_import(session, o); }
  Exit operator()(const BankExportOptions& o) const { return run_bank_export(session, o); }
  Exit operator()(const BankListOptions& o) const { return run_bank_list(session, o); }
  Exit operator()(const BankShowOptions& o) const { return run_bank_show(session, o); }
  Exit operator()(const BankWithdrawOptions& o) const { return run_bank_withdraw(session, o); }
  Exit operator()(const BankIndexOptions& o) const { return run_bank_index(session, o); }
  Exit operator()(const MatchOptions& o) const { return run_match(session, o); }
  Exit operator()(const ScanOptions& o) const { return run_scan(session, o); }
  Exit operator()(const InspectOptions& o) const { return run_inspect(session, o); }
};

Exit run(int argc, const char* const* argv) {
  const ParsedCommandLine parsed = parse_command_line(argc, argv, store_from_environment());
  if (!parsed.run) {
    if (parsed.wrong) {
      print_note(parsed.text);
      return Exit::kUsage;
    }
    const Status written = write_all(STDOUT_FILENO, parsed.text, kStandardOutput);
    if (!written) report_failure(written.error().what);
    return written ? Exit::kDone : Exit::kFailed;
  }
  install_signal_handlers();
  Session session(parsed.run->common);
  return std::visit(Dispatch{session}, parsed.run->subcommand);
}

}  // namespace
}  // namespace semblance::tool

int main(int argc, char** argv) {
  using namespace semblance::tool;
  take_standard_descriptors();
  // What is thrown up to here is memory that ran out, or an error of ours: both end the run.
  try {
    return static_cast<int>(run(argc, argv));
  } catch (const std::bad_alloc&) {
    report_failure("run: out of memory");
  } catch (const std::exception& error) {
    report_failure(std::string("run: ") + error.what());
  }
  return static_cast<int>(Exit::kFailed);
}
