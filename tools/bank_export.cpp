// SPDX-License-Identifier: Apache-2.0
// `semblance bank export`: a bank as a list, on standard output or into a file.
#include <unistd.h>

#include <ostream>
#include <string>

#include "console.h"
#include "output_file.h"
#include "progress.h"
#include "subcommands.h"

namespace semblance::tool {
namespace {

Status write_list(const BankExportOptions& options,
                  const std::function<Status(std::ostream&)>& write) {
  if (!options.output.empty() && options.output != "-") return write_output(options.output, write);
  DescriptorOutput buffer(STDOUT_FILENO, std::string(kStandardOutput));
  std::ostream out(&buffer);
  const Status written = write(out);
  const Status finished = buffer.finish();
  return finished ? written : finished;
}

// What the format had no room for must not be missed by whoever sends the list on.
void warn_of_losses(const ExportReport& report, ListFormat format) {
  const auto warn_of = [&](std::uint64_t count, const char* one, const char* many,
                           const char* fate) {
    if (count == 0) return;
    warn("bank export: " + counted(count, one, many) + ' ' + fate + ' ' +
         std::string(name(format)) + "; jsonl keeps everything");
  };
  warn_of(report.below_floor, "PDQ hash under the bank's quality floor",
          "PDQ hashes under the bank's quality floor", "left out, for want of a quality in");
  warn_of(report.skipped - report.below_floor, "entry or signal", "entries or signals",
          "left out, unknown to");
  warn_of(report.lost_labels, "label", "labels", "lost in");
  warn_of(report.lost_profiles, "profile of a PDQ hash", "profiles of PDQ hashes", "lost in");
  warn_of(report.lost_expiry, "date of expiry", "dates of expiry", "lost in");
}

}  // namespace

Exit run_bank_export(Session& session, const BankExportOptions& options) {
  const Result<std::unique_ptr<Store>> store = session.open_existing_store();
  if (!store) return session.fail(store.error());
  if (const Status apart = refuse_store(options.output, session.store_files()); !apart) {
    return session.refuse(apart.error());
  }
  ExportReport report;
  const Status written = write_list(options, [&](std::ostream& out) -> Status {
    const Result<ExportReport> exported = export_list(**store, options.bank, out, options.format);
    if (!exported) return exported.error();
    report = *exported;
    return ok();
  });
  if (!written) return session.fail(written.error());
  warn_of_losses(report, options.format);
  if (!session.options().quiet) {
    print_note("bank export " + options.bank + ": " + counted(report.entries, "entry", "entries") +
               ", " + counted(report.signals, "signal", "signals") + ", " +
               counted(report.tombstones, "tombstone", "tombstones") + '\n');
  }
  return Exit::kDone;
}

}  // namespace semblance::tool
