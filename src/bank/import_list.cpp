// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <istream>
#include <utility>
#include <vector>

#include "bank/list_codec.h"
#include "semblance/exchange.h"

namespace semblance {
namespace bank {
namespace {

// A batch ends early when its rows hold this much: a hostile list of huge rows stays bounded.
constexpr std::size_t kBatchBytes = std::size_t{32} << 20;

ListReader reader_of(ListFormat format) {
  switch (format) {
    case ListFormat::kCsv:
      return &read_csv;
    case ListFormat::kHex:
      return &read_hex;
    case ListFormat::kJsonLines:
      return &read_json_lines;
    case ListFormat::kThreatExchange:
      return &read_threat_exchange;
    case ListFormat::kTcap:
      return &read_tcap;
    case ListFormat::kVpdq:
      return &read_vpdq_file;
    case ListFormat::kTmk:
      return &read_tmk_file;
  }
  return nullptr;
}

std::size_t approximate_bytes(const ListRow& row) {
  std::size_t bytes =
      sizeof(row) + row.item.source.size() + row.item.source_id.size() + row.text.size();
  if (row.withdrawal) bytes += row.withdrawal->reason.size();
  for (const std::string& label : row.item.labels) bytes += sizeof(std::string) + label.size();
  for (const BankSignal& signal : row.item.signals) {
    bytes += sizeof(signal) + signal.value.bytes.size() + signal.version.size();
  }
  return bytes;
}

// Gathers rows into batches, and commits each in one transaction: parsing holds no lock.
class Importer {
 public:
  Importer(Store& store, std::int64_t bank, const ListInput& input, const ImportOptions& options,
           const ImportObserver& observer)
      : store_(store),
        bank_(bank),
        input_(input),
        batch_(std::max<std::size_t>(1, options.batch)),
        observer_(observer) {}

  Status take(ListRow& row) {
    bytes_ += approximate_bytes(row);
    rows_.push_back(std::move(row));
    if (rows_.size() < batch_ && bytes_ < kBatchBytes) return ok();
    auto status = commit();
    store_failed_ = !status;
    return status;
  }

  /// Commits what is left.
  Status finish() { return rows_.empty() ? ok() : commit(); }

  bool store_failed() const noexcept { return store_failed_; }
  const ImportReport& report() const noexcept { return report_; }

 private:
  Status commit() {
    ImportReport counted = report_;
    std::vector<BadRow> bad;
    auto status = store_.transaction([&]() -> Status {
      for (const ListRow& row : rows_) {
        if (auto applied = apply(row, counted, bad); !applied) return applied;
      }
      return ok();
    });
    if (!status) return status;
    report_ = counted;
    rows_.clear();
    bytes_ = 0;
    if (observer_.on_bad_row) {
      for (const BadRow& row : bad) observer_.on_bad_row(row);
    }
    if (observer_.on_batch) observer_.on_batch(input_.bytes(), report_);
    return ok();
  }

  // Puts the row in exactly one count. Fails only where the store does.
  Status apply(const ListRow& row, ImportReport& counted, std::vector<BadRow>& bad) {
    ++counted.rows;
    auto outcome = row.what == ListRow::What::kBad
                       ? Result<AddOutcome>(Error{Errc::kBadFormat, row.text})
                       : change(row);
    if (outcome) {
      ++count_of(*outcome, counted);
      return ok();
    }
    const Errc code = outcome.error().code;
    if (code != Errc::kBadFormat && code != Errc::kBadArgument && code != Errc::kBadHash) {
      return std::move(outcome).error();
    }
    ++counted.bad;
    bad.push_back({row.line, printable(outcome.error().what)});
    return ok();
  }

  Result<AddOutcome> change(const ListRow& row) {
    if (row.withdrawal) return store_.add_withdrawn(bank_, row.item, *row.withdrawal);
    if (row.what == ListRow::What::kItem) return store_.add_entry(bank_, row.item, row.merge);
    return store_.apply_tombstone(bank_, row.item.source, row.item.source_id, row.text);
  }

  static std::uint64_t& count_of(AddOutcome outcome, ImportReport& report) {
    switch (outcome) {
      case AddOutcome::kAdded:
        return report.added;
      case AddOutcome::kUpdated:
        return report.updated;
      case AddOutcome::kUnchanged:
        return report.unchanged;
      case AddOutcome::kKeptWithdrawn:
        return report.kept_withdrawn;
      case AddOutcome::kWithdrawn:
        return report.withdrawn;
      case AddOutcome::kTombstoneUnknown:
        break;
    }
    return report.tombstones_unknown;
  }

  Store& store_;
  const std::int64_t bank_;
  const ListInput& input_;
  const std::size_t batch_;
  const ImportObserver& observer_;
  std::vector<ListRow> rows_;
  std::size_t bytes_ = 0;
  ImportReport report_;
  bool store_failed_ = false;
};

}  // namespace
}  // namespace bank

Result<ImportReport> import_list(Store& store, std::string_view bank, std::istream& in,
                                 ListFormat format, const ImportOptions& options,
                                 const ImportObserver& observer) {
  if (options.source.empty() && format != ListFormat::kJsonLines) {
    return Error{Errc::kBadArgument, "import list: without the name of its source"};
  }
  const bank::ListReader reader = bank::reader_of(format);
  if (reader == nullptr) return Error{Errc::kBadArgument, "import list: unknown format"};
  const auto found = store.describe_bank(bank);
  if (!found) return found.error();
  bank::ListInput input(in);
  bank::Importer importer(store, found->id, input, options, observer);
  auto read = reader(input, options, [&](bank::ListRow& row) { return importer.take(row); });
  if (importer.store_failed()) return std::move(read).error();
  // Where the text breaks off, the rows before the break are whole: they count.
  if (auto finished = importer.finish(); !finished) return std::move(finished).error();
  if (!read) {
    Error error = std::move(read).error();
    error.what += "; rows read before it: " + std::to_string(importer.report().rows);
    return error;
  }
  return importer.report();
}

}  // namespace semblance
