// SPDX-License-Identifier: Apache-2.0
// `semblance bank index`: the index of all banks, built and kept beside the store, or checked
// there.
#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "console.h"
#include "progress.h"
#include "records.h"
#include "semblance/saved_index.h"
#include "subcommands.h"

namespace semblance::tool {
namespace {

Result<std::vector<SavedIndex>> save_with_progress(Session& session, Store& store) {
  std::atomic<std::uint64_t> hashes{0};
  std::atomic<std::uint64_t> total{0};
  const ProgressBar bar(session.shows_progress(), [&] {
    ProgressView view;
    view.unit = "hashes";
    view.items = hashes;
    view.total_items = total;
    return view;
  });
  return save_index(store, session.options().store, [&](std::uint64_t read, std::uint64_t all) {
    hashes = read;
    total = all;
    return !session.stop().load();
  });
}

Json to_json(const SavedIndex& saved) {
  Json json;
  json["schema"] = kLineSchema;
  json["profile"] = name(saved.profile);
  set_path(json, saved.path);
  json["bytes"] = saved.bytes;
  json["current"] = saved.current;
  json["codes"] = saved.facts.codes;
  json["distinct"] = saved.facts.distinct;
  json["tables"] = saved.facts.tables;
  return json;
}

std::string summary(const std::vector<SavedIndex>& files, const char* what, double seconds) {
  std::uint64_t codes = 0;
  std::uint64_t bytes = 0;
  bool current = true;
  for (const SavedIndex& file : files) {
    codes += file.facts.codes;
    bytes += file.bytes;
    current = current && file.current;
  }
  return "bank index: " + counted(codes, "hash", "hashes") + " in " +
         counted(files.size(), "file", "files") + " of " + human_bytes(static_cast<double>(bytes)) +
         ", " + what + " in " + human_duration(seconds) +
         (current ? "\n" : "; the banks have changed since: what is new is added at opening\n");
}

}  // namespace

Exit run_bank_index(Session& session, const BankIndexOptions& options) {
  const Result<std::unique_ptr<Store>> store = session.open_existing_store();
  if (!store) return session.fail(store.error());
  const auto begun = std::chrono::steady_clock::now();
  const Result<std::vector<SavedIndex>> files = options.verify
                                                    ? verify_index(**store, session.options().store)
                                                    : save_with_progress(session, **store);
  if (!files && session.stop()) {
    return session.fail({Errc::kIo, "bank index: interrupted; what was saved before stays"});
  }
  if (!files) return session.fail(files.error());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  if (!session.options().quiet) {
    print_note(summary(*files, options.verify ? "verified" : "saved", took.count()));
  }
  LineWriter out;
  Status written = ok();
  for (const SavedIndex& file : *files) {
    if (written) written = out.line(to_line(to_json(file)));
  }
  if (written) written = out.flush();
  return written ? Exit::kDone : session.fail(written.error());
}

}  // namespace semblance::tool
