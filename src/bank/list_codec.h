// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: what the code of each list format gives to import and export.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "bank/list_input.h"
#include "bank/picture_parts.h"
#include "semblance/exchange.h"

namespace semblance::bank {

/// One row of a list.
struct ListRow {
  enum class What : std::uint8_t { kItem, kTombstone, kBad };

  What what = What::kBad;
  std::uint64_t line = 0;  // where the row starts
  Merge merge = Merge::kReplace;
  EntryDraft item;                       // of a tombstone: source and source id alone
  std::optional<Withdrawal> withdrawal;  // of an item that comes withdrawn
  std::string text;                      // of a tombstone: its reason; of a bad row: why
};

/// Receives the rows in order, and may take them apart; its error stops the reader.
using RowSink = std::function<Status(ListRow& row)>;

/// Reads a whole list. What is wrong with one row is a bad row; Errc::kBadFormat if the list
/// cannot be read on.
using ListReader = Status (*)(ListInput& in, const ImportOptions& options, const RowSink& sink);

Status read_csv(ListInput& in, const ImportOptions& options, const RowSink& sink);
Status read_hex(ListInput& in, const ImportOptions& options, const RowSink& sink);
Status read_json_lines(ListInput& in, const ImportOptions& options, const RowSink& sink);
Status read_threat_exchange(ListInput& in, const ImportOptions& options, const RowSink& sink);
Status read_tcap(ListInput& in, const ImportOptions& options, const RowSink& sink);
Status read_vpdq_file(ListInput& in, const ImportOptions& options, const RowSink& sink);
Status read_tmk_file(ListInput& in, const ImportOptions& options, const RowSink& sink);

/// Writes the one vPDQ (kVpdq) or TMK (kTmk) that a bank's active entries hold as a file.
/// Errc::kBadArgument if they hold none or several.
Result<ExportReport> export_video(Store& store, const BankInfo& bank, std::ostream& out,
                                  SignalKind kind, UnixSeconds now);

/// Writes a list: begin, every entry in order of id, end.
///
/// A PDQ hash under `quality_floor` is left out by formats that cannot say its quality.
class ListWriter {
 public:
  explicit ListWriter(int quality_floor = 0) : quality_floor_(quality_floor) {}
  virtual ~ListWriter() = default;
  virtual void begin(std::ostream&) {}
  virtual void write(std::ostream& out, const Entry& entry, bool active, ExportReport& report) = 0;
  virtual void end(std::ostream&, const ExportReport&) {}

 protected:
  /// Whether the signal is of a kind that the format has no word for, or of a part of a picture,
  /// which a receiver would take for a picture; if so, counts it.
  static bool has_no_room(const BankSignal& signal, ExportReport& report) {
    const bool none = !is_short(signal.value.kind) || is_part(signal);
    report.skipped += none ? 1U : 0U;
    return none;
  }

  /// Whether the signal has to be left out; if so, counts it.
  bool leave_out(const BankSignal& signal, ExportReport& report) const {
    const bool below = signal.quality && *signal.quality < quality_floor_;
    report.below_floor += below ? 1U : 0U;
    report.skipped += below ? 1U : 0U;
    return below;
  }

 private:
  const int quality_floor_;
};

/// How records of exchanges are numbered in an export.
///
/// With `kept`, a record's id is its entry's source id: the whole bank is of one source and one
/// signal an entry, so that ids are unique. Otherwise ids are made from entry ids, which are
/// unique and stable: an entry of several signals, or of another source, would collide.
struct RecordIds {
  bool kept = false;

  std::string of(const Entry& entry, std::size_t signal) const;
};

std::unique_ptr<ListWriter> make_csv_writer(int quality_floor);
std::unique_ptr<ListWriter> make_hex_writer(int quality_floor);
std::unique_ptr<ListWriter> make_json_lines_writer();
std::unique_ptr<ListWriter> make_threat_exchange_writer(RecordIds ids, int quality_floor);
std::unique_ptr<ListWriter> make_tcap_writer(RecordIds ids, int quality_floor);

/// Parses the ways in which lists spell a kind: any case, `HASH_` before it, dashes within.
Result<SignalKind> parse_kind_spelling(std::string_view word);

/// Parses one line of a hex list: `[kind ][hash=]hex[,metadata]`. A line without a kind is of
/// `bare_kind`, or if that is absent, of the kind that its length says.
Result<SignalValue> parse_hex_line(std::string_view line,
                                   std::optional<SignalKind> bare_kind = std::nullopt);

/// Makes `row` the item that plain lists speak of: its id is `kind:value`, and what several rows
/// say of one value is united.
void make_plain_item(ListRow& row, SignalValue value, const ImportOptions& options);

/// A signal of which nothing but the value is known.
BankSignal bare_signal(SignalValue value, PdqProfile profile);

/// `text` without the spaces and tabs around it.
std::string_view trimmed(std::string_view text) noexcept;

}  // namespace semblance::bank
