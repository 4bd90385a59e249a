// SPDX-License-Identifier: Apache-2.0
// `semblance bank add`: media are hashed into entries, one JSON line a file.
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bank_signals.h"
#include "console.h"
#include "input.h"
#include "records.h"
#include "scan_progress.h"
#include "subcommands.h"

namespace semblance::tool {
namespace {

// A file that has been looked at and waits for its batch to be stored.
struct Pending {
  std::string path;
  Reason reason = Reason::kNone;  // why the picture or video, or its hash, cannot be used
  std::string detail;
  bool partial = false;
  bool is_video = false;
  std::optional<EntryDraft> draft;  // absent: not to be banked
  AddOutcome outcome = AddOutcome::kAdded;
};

class BankAdder {
 public:
  BankAdder(Store& store, const BankInfo& bank, const BankAddOptions& options)
      : store_(store), bank_(bank), options_(options) {}

  /// Takes one extracted file; stores and prints when enough have gathered.
  Status take(const Item& item, const Extraction& found) {
    pending_.push_back(judge(item, found));
    if (const auto& draft = pending_.back().draft; draft) {
      for (const BankSignal& signal : draft->signals) pending_bytes_ += signal.value.bytes.size();
    }
    const auto waited = std::chrono::steady_clock::now() - last_store_;
    const bool few = pending_.size() < kBatchFiles && pending_bytes_ < kBatchBytes;
    return few && waited < kBatchTime ? ok() : store_pending();
  }

  /// Stores what has gathered in one transaction, then prints it: no line before its entry is safe.
  Status store_pending() {
    last_store_ = std::chrono::steady_clock::now();
    if (pending_.empty()) return ok();
    Status stored = store_.transaction([this] {
      for (Pending& file : pending_) {
        if (!file.draft) continue;
        const Result<AddOutcome> outcome = store_.add_entry(bank_.id, *file.draft, Merge::kUnite);
        if (!outcome) return Status(outcome.error());
        file.outcome = *outcome;
      }
      return ok();
    });
    if (!stored) return stored;
    for (const Pending& file : pending_) {
      if (Status printed = print(file); !printed) return printed;
    }
    pending_.clear();
    pending_bytes_ = 0;
    return out_.flush();
  }

  bool incomplete() const noexcept { return incomplete_; }

 private:
  static constexpr std::size_t kBatchFiles = 256;
  static constexpr std::size_t kBatchBytes = std::size_t{16} << 20;  // of signals: videos' are long
  static constexpr auto kBatchTime = std::chrono::milliseconds(500);

  Pending judge(const Item& item, const Extraction& found) const {
    Pending file;
    file.path = item.path;
    file.reason = unusable_reason(found, bank_.policy.quality_floor);
    file.detail = found.ending.detail;
    file.partial = found.ending.partial;
    if (found.digests.empty()) return file;  // not even read
    const bool low_quality = file.reason == Reason::kLowQuality;
    const bool some = !found.pdq.empty() || !found.frames.empty() || found.tmk.has_value();
    const bool usable = file.reason == Reason::kNone || (file.partial && some);
    if (!usable && !low_quality && !options_.keep_undecodable) return file;

    EntryDraft draft;
    draft.source = options_.source;
    draft.source_id = "sha256:" + to_hex(found.digests.front().bytes);
    draft.labels = options_.labels;
    draft.expires_at = options_.expires_at;
    draft.signals.emplace_back().value = found.digests.front();
    for (BankSignal& signal : signals_to_bank(found, bank_.policy.quality_floor)) {
      // What the policy lets nothing match is not kept.
      if (signal.part && !bank_.policy.probes.contains(signal.part->kind)) continue;
      draft.signals.push_back(std::move(signal));
    }
    if (usable && draft.signals.size() == 1) file.reason = Reason::kLowQuality;
    file.is_video = has_frames(found.facts);
    file.draft = std::move(draft);
    return file;
  }

  Status print(const Pending& file) {
    Json json;
    json["schema"] = kLineSchema;
    set_path(json, file.path);
    json["outcome"] = file.draft ? name(file.outcome) : std::string_view("not_evaluated");
    if (file.draft) describe_entry(json, *file.draft);
    if (file.reason != Reason::kNone) json["reason"] = name(file.reason);
    if (!file.detail.empty()) json["detail"] = file.detail;
    tell(file);
    return out_.line(to_line(json));
  }

  void describe_entry(Json& json, const EntryDraft& draft) {
    json["bank"] = bank_.name;
    if (const auto id = entry_of(draft); id) json["entry"] = *id;
    json["source_id"] = draft.source_id;
    json["signals"] = Json::array();
    for (const BankSignal& signal : draft.signals) json["signals"].push_back(to_json(signal));
  }

  // Only active entries are found by digest: one that a person withdrew has no id to show.
  std::optional<std::int64_t> entry_of(const EntryDraft& draft) {
    const Result<std::vector<std::int64_t>> ids = store_.find_digest(draft.signals.front().value);
    if (!ids) return std::nullopt;
    for (const std::int64_t id : *ids) {
      const Result<Entry> entry = store_.entry(id);
      if (entry && entry->bank == bank_.name && entry->item.source == draft.source &&
          entry->item.source_id == draft.source_id) {
        return id;
      }
    }
    return std::nullopt;
  }

  void tell(const Pending& file) {
    const std::string subject = "bank add " + file.path + ": ";
    if (!file.draft) {
      incomplete_ |= file.reason != Reason::kNotMedia;
      warn(subject + "not banked: " + std::string(name(file.reason)));
    } else if (file.outcome == AddOutcome::kKeptWithdrawn) {
      warn(subject + "its entry was withdrawn and stays so");
    } else if (file.draft->signals.size() == 1) {
      const bool low = file.reason == Reason::kLowQuality;
      warn(subject +
           (low ? "below the quality floor of bank " + bank_.name
                : "not decoded (" + std::string(name(file.reason)) + ")") +
           ": banked by its SHA-256 alone, altered copies will not match");
    } else if (file.reason == Reason::kLowQuality) {
      warn(subject + "below the quality floor of bank " + bank_.name +
           ": banked without the hash of the whole picture");
    } else if (file.partial) {
      warn(subject + "only in part (" + file.detail + "): " +
           (file.is_video ? "its frames up to there are banked" : "what came of it is banked"));
    }
  }

  Store& store_;
  const BankInfo& bank_;
  const BankAddOptions& options_;
  std::vector<Pending> pending_;
  std::size_t pending_bytes_ = 0;
  std::chrono::steady_clock::time_point last_store_ = std::chrono::steady_clock::now();
  LineWriter out_;
  bool incomplete_ = false;
};

}  // namespace

Exit run_bank_add(Session& session, const BankAddOptions& options) {
  const Result<std::unique_ptr<Store>> store = session.open_existing_store();
  if (!store) return session.fail(store.error());
  const Result<BankInfo> bank = (*store)->describe_bank(options.bank);
  if (!bank) return session.fail(bank.error());
  const Result<std::unique_ptr<Extractor>> extractor =
      session.start_extractor(session.options().jobs);
  if (!extractor) return session.fail(extractor.error());
  const Result<FileDescriptor> dash = spool_if_named(session, options.paths);
  if (!dash) return session.fail(dash.error());

  const Plan plan = plan_for(bank->policy, options.profile, options.tmk);
  if (Status there = session.check_models(**extractor, plan); !there) {
    return session.fail(there.error());
  }
  const bool shows = session.shows_progress();
  const RunOptions run{.paths = options.paths,
                       .jobs = session.options().jobs,
                       .limits = options.limits,
                       .count_first = shows,
                       .dash_descriptor = dash->get(),
                       .exclude = session.store_files()};
  BankAdder adder(**store, *bank, options);
  Progress progress;
  const ProgressBar bar(shows, [&] { return view_of(progress, false); });
  const Result<Counts> counts = for_each_extraction(
      run, plan, **extractor,
      [&](const Item& item, const Extraction& found) { return adder.take(item, found); }, &progress,
      &session.stop());
  // What was hashed before an error is kept: adding again finds it unchanged.
  const Status stored = adder.store_pending();
  if (!counts) return session.fail(counts.error());
  if (!stored) return session.fail(stored.error());
  warn_skipped("bank add", *counts);
  if (session.stop()) {
    return session.fail({Errc::kIo, "bank add: interrupted; what was added stays"},
                        "run the same command again to add the rest");
  }
  return adder.incomplete() ? Exit::kIncomplete : Exit::kDone;
}

}  // namespace semblance::tool
