// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "bank/list_codec.h"

namespace semblance::bank {
namespace {

Result<SignalKind> kind_of_length(std::size_t digits) {
  switch (digits) {
    case 32:
      return SignalKind::kMd5;
    case 40:
      return SignalKind::kSha1;
    case 64:
      return SignalKind::kPdq;  // or SHA-256, which has to say so
    case 128:
      return SignalKind::kSha512;
    default:
      return Error{Errc::kBadHash, "parse hash: " + std::to_string(digits) +
                                       " characters: no kind has so many digits"};
  }
}

class HexWriter final : public ListWriter {
 public:
  using ListWriter::ListWriter;

  void write(std::ostream& out, const Entry& entry, bool active, ExportReport& report) override {
    if (!active) return;
    const SignalValue* last = nullptr;
    bool any = false;
    for (const BankSignal& signal : entry.item.signals) {
      if (last != nullptr && *last == signal.value) continue;  // the same in another profile
      if (has_no_room(signal, report) || leave_out(signal, report)) continue;
      last = &signal.value;
      any = true;
      out << name(signal.value.kind) << ' ' << to_hex(signal.value.bytes) << '\n';
      ++report.signals;
    }
    report.entries += any ? 1U : 0U;
    if (any) report.lost_labels += entry.item.labels.size();
  }
};

}  // namespace

Result<SignalValue> parse_hex_line(std::string_view line, std::optional<SignalKind> bare_kind) {
  line = trimmed(line.substr(0, line.find(',')));  // Meta's tools write metadata after a comma
  std::string_view prefix;
  if (const std::size_t end = line.find_first_of(" \t:"); end != std::string_view::npos) {
    prefix = line.substr(0, end);
    line = trimmed(line.substr(end + 1));
  }
  if (line.starts_with("hash=")) line.remove_prefix(5);
  auto kind = !prefix.empty() ? parse_kind_spelling(prefix)
              : bare_kind     ? Result<SignalKind>(*bare_kind)
                              : kind_of_length(line.size());
  if (!kind) return std::move(kind).error();
  return parse_signal_value(*kind, line);
}

Status read_hex(ListInput& in, const ImportOptions& options, const RowSink& sink) {
  ListLine line;
  while (in.next_line(line)) {
    const std::string_view text = trimmed(line.text);
    if (text.empty() || text.starts_with('#')) continue;
    ListRow row;
    row.line = line.number;
    if (line.too_long) {
      row.text = "a line of over 1 MiB";
    } else if (auto value = parse_hex_line(text, options.bare_kind)) {
      make_plain_item(row, *std::move(value), options);
    } else {
      row.text = std::move(value).error().what;
    }
    if (auto status = sink(row); !status) return status;
  }
  return in.status();
}

std::unique_ptr<ListWriter> make_hex_writer(int quality_floor) {
  return std::make_unique<HexWriter>(quality_floor);
}

}  // namespace semblance::bank
