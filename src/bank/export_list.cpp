// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <ostream>
#include <utility>

#include "bank/draft.h"
#include "bank/list_codec.h"
#include "semblance/exchange.h"

namespace semblance {
namespace bank {

std::string RecordIds::of(const Entry& entry, std::size_t signal) const {
  if (kept) return entry.item.source_id;
  // An entry has at most kMaxSignals: no two signals of a store share a number.
  return std::to_string(static_cast<std::uint64_t>(entry.id) * kMaxSignals + signal);
}

namespace {

bool fits_number(std::string_view id) {
  return !id.empty() && id.size() <= 15 &&
         id.find_first_not_of("0123456789") == std::string_view::npos &&
         (id.size() == 1 || id.front() != '0');
}

// Which entries may carry the ids that their source gave them: those of one source, of one
// signal each beside parts, and where the format has numbers for ids, numbered.
class KeptIds {
 public:
  explicit KeptIds(ListFormat format) : format_(format) {}

  bool admits(const Entry& entry) {
    if (source_.empty()) source_ = entry.item.source;
    // Parts are not written, and take no id.
    const auto parts = std::count_if(entry.item.signals.begin(), entry.item.signals.end(), is_part);
    return entry.item.source == source_ &&
           entry.item.signals.size() - static_cast<std::size_t>(parts) <= 1 &&
           (format_ != ListFormat::kTcap || fits_number(entry.item.source_id));
  }

 private:
  const ListFormat format_;
  std::string source_;
};

Result<bool> all_admitted(Store& store, std::int64_t bank, KeptIds& ids) {
  bool all = true;
  auto status = store.for_each_entry(bank, 0, [&](const Entry& entry) {
    all = ids.admits(entry);
    return all;
  });
  if (!status) return std::move(status).error();
  return all;
}

bool has_record_ids(ListFormat format) {
  return format == ListFormat::kThreatExchange || format == ListFormat::kTcap;
}

std::unique_ptr<ListWriter> make_writer(ListFormat format, RecordIds ids, int quality_floor) {
  switch (format) {
    case ListFormat::kCsv:
      return make_csv_writer(quality_floor);
    case ListFormat::kHex:
      return make_hex_writer(quality_floor);
    case ListFormat::kJsonLines:
      return make_json_lines_writer();
    case ListFormat::kThreatExchange:
      return make_threat_exchange_writer(ids, quality_floor);
    case ListFormat::kTcap:
      return make_tcap_writer(ids, quality_floor);
    case ListFormat::kVpdq:
    case ListFormat::kTmk:
      break;  // of one video, and not of a list
  }
  return nullptr;
}

// Counts what every format but our own leaves behind of an entry that it lists.
void count_losses(const Entry& entry, ExportReport& report) {
  report.lost_expiry += entry.item.expires_at ? 1U : 0U;
  for (const BankSignal& signal : entry.item.signals) {
    const bool lost = signal.profile && *signal.profile != PdqProfile::kFull;
    report.lost_profiles += lost ? 1U : 0U;
  }
}

UnixSeconds system_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace
}  // namespace bank

Result<ExportReport> export_list(Store& store, std::string_view bank, std::ostream& out,
                                 ListFormat format) {
  const auto found = store.describe_bank(bank);
  if (!found) return found.error();
  if (format == ListFormat::kVpdq || format == ListFormat::kTmk) {
    const SignalKind kind = format == ListFormat::kVpdq ? SignalKind::kVpdq : SignalKind::kTmk;
    return bank::export_video(store, *found, out, kind, bank::system_now());
  }
  bank::KeptIds kept(format);
  bank::RecordIds ids;
  if (bank::has_record_ids(format)) {
    const auto all = bank::all_admitted(store, found->id, kept);
    if (!all) return all.error();
    ids.kept = *all;
  }
  const auto writer = bank::make_writer(format, ids, found->policy.quality_floor);
  if (writer == nullptr) return Error{Errc::kBadArgument, "export bank: unknown format"};
  ExportReport report;
  const UnixSeconds now = bank::system_now();
  bool changed = false;  // between the look at the ids and the writing
  writer->begin(out);
  auto status = store.for_each_entry(found->id, 0, [&](const Entry& entry) {
    changed = ids.kept && !kept.admits(entry);
    if (changed) return false;
    const std::uint64_t before = report.entries;
    writer->write(out, entry, entry.active(now), report);
    const bool listed = report.entries > before;
    if (listed && format != ListFormat::kJsonLines) bank::count_losses(entry, report);
    return out.good();
  });
  if (!status) return std::move(status).error();
  if (changed) {
    return Error{Errc::kMismatch, "export bank " + std::string(bank) +
                                      ": it was changed meanwhile; export it again"};
  }
  writer->end(out, report);
  out.flush();
  if (!out) {
    return Error{Errc::kIo, "export bank " + std::string(bank) + ": the output does not take more"};
  }
  return report;
}

}  // namespace semblance
