// SPDX-License-Identifier: Apache-2.0
// `semblance bank export`: a bank as a list, on standard output or into a file.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include "console.h"
#include "core/files.h"
#include "progress.h"
#include "subcommands.h"

namespace semblance::tool {
namespace {

// A reader of `path` sees the old list or the whole new one: it is written beside, then renamed.
Result<ExportReport> export_to_file(Store& store, const BankExportOptions& options) {
  const std::string part = options.output + ".part";
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  if (!out) return io_error("open", part, errno);
  Result<ExportReport> report = export_list(store, options.bank, out, options.format);
  out.close();
  if (report && !out) report = io_error("write", part, errno);
  if (report && std::rename(part.c_str(), options.output.c_str()) != 0) {
    report = io_error("rename", part, errno);
  }
  if (!report) (void)std::remove(part.c_str());
  return report;
}

}  // namespace

Exit run_bank_export(Session& session, const BankExportOptions& options) {
  const Result<std::unique_ptr<Store>> store = session.open_existing_store();
  if (!store) return session.fail(store.error());
  const bool to_stdout = options.output.empty() || options.output == "-";
  Result<ExportReport> report = to_stdout
                                    ? export_list(**store, options.bank, std::cout, options.format)
                                    : export_to_file(**store, options);
  if (report && to_stdout && !std::cout.flush()) report = io_error("write", "standard output", EIO);
  if (!report) return session.fail(report.error());
  if (report->skipped > 0) {
    warn("bank export: " + grouped(report->skipped) + " entries or signals cannot be said in " +
         std::string(name(options.format)) + " and were left out; jsonl keeps everything");
  }
  if (!session.options().quiet) {
    print_note("bank export " + options.bank + ": " + grouped(report->entries) + " entries, " +
               grouped(report->signals) + " signals, " + grouped(report->tombstones) +
               " tombstones\n");
  }
  return Exit::kDone;
}

}  // namespace semblance::tool
