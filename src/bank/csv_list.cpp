// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "bank/list_codec.h"

namespace semblance::bank {
namespace {

// Splits one line as RFC 4180 does, with one difference: a quoted field ends with its line. A
// stray quote then costs one row, where it would otherwise swallow all rows up to the next.
// Returns what is wrong, or nothing. Spaces around a field are dropped.
std::string_view split_fields(std::string_view line, std::vector<std::string>& fields) {
  fields.clear();
  for (;;) {
    line = trimmed(line);
    fields.emplace_back();
    std::string& field = fields.back();
    if (line.starts_with('"')) {
      line.remove_prefix(1);
      for (;;) {
        const std::size_t quote = line.find('"');
        if (quote == std::string_view::npos) return "a quoted field does not end in its line";
        field.append(line.substr(0, quote));
        line.remove_prefix(quote + 1);
        if (!line.starts_with('"')) break;
        field += '"';
        line.remove_prefix(1);
      }
      line = trimmed(line);
      if (!line.empty() && !line.starts_with(',')) return "text after a quoted field";
    } else {
      const std::string_view text = line.substr(0, line.find(','));
      if (text.find('"') != std::string_view::npos) return "a quote inside a field without quotes";
      field = trimmed(text);
      line.remove_prefix(text.size());
    }
    if (line.empty()) return {};
    line.remove_prefix(1);  // the comma
  }
}

bool is_header(const std::vector<std::string>& fields) {
  const auto is = [&](std::size_t i, std::string_view word) {
    return fields.size() > i &&
           std::equal(fields[i].begin(), fields[i].end(), word.begin(), word.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
  };
  return is(0, "kind") && is(1, "value");
}

void parse_row(std::vector<std::string>& fields, const ImportOptions& options, ListRow& row) {
  if (fields.size() < 2) {
    row.text = "one field: a row is kind,value,label...";
    return;
  }
  const auto kind = parse_kind_spelling(fields[0]);
  if (!kind) {
    row.text = kind.error().what;
    return;
  }
  auto value = parse_signal_value(*kind, fields[1]);
  if (!value) {
    row.text = value.error().what;
    return;
  }
  for (std::size_t i = 2; i < fields.size(); ++i) {
    if (!fields[i].empty()) row.item.labels.push_back(std::move(fields[i]));
  }
  make_plain_item(row, *std::move(value), options);
}

class CsvWriter final : public ListWriter {
 public:
  using ListWriter::ListWriter;

  void begin(std::ostream& out) override { out << "kind,value,label\n"; }

  void write(std::ostream& out, const Entry& entry, bool active, ExportReport& report) override {
    if (!active) return;
    std::string labels;
    for (const std::string& label : entry.item.labels) labels += ',' + quoted(label);
    const SignalValue* last = nullptr;
    bool any = false;
    for (const BankSignal& signal : entry.item.signals) {
      // One hash in two profiles is one row: the format does not know profiles.
      if (last != nullptr && *last == signal.value) continue;
      if (has_no_room(signal, report) || leave_out(signal, report)) continue;
      last = &signal.value;
      any = true;
      out << name(signal.value.kind) << ',' << to_hex(signal.value.bytes) << labels << '\n';
      ++report.signals;
    }
    report.entries += any ? 1U : 0U;
  }

 private:
  static std::string quoted(const std::string& label) {
    const bool plain = label.find_first_of(",\"") == std::string::npos && trimmed(label) == label;
    if (plain) return label;
    std::string text = "\"";
    for (const char c : label) {
      text += c;
      if (c == '"') text += c;
    }
    return text + '"';
  }
};

}  // namespace

Status read_csv(ListInput& in, const ImportOptions& options, const RowSink& sink) {
  ListLine line;
  std::vector<std::string> fields;
  bool first = true;
  while (in.next_line(line)) {
    const std::string_view text = trimmed(line.text);
    if (text.empty() || text.starts_with('#')) continue;
    ListRow row;
    row.line = line.number;
    const std::string_view wrong =
        line.too_long ? "a line of over 1 MiB" : split_fields(text, fields);
    if (wrong.empty() && first && is_header(fields)) {
      first = false;
      continue;
    }
    first = false;
    if (wrong.empty()) {
      parse_row(fields, options, row);
    } else {
      row.text = wrong;
    }
    if (auto status = sink(row); !status) return status;
  }
  return in.status();
}

std::unique_ptr<ListWriter> make_csv_writer(int quality_floor) {
  return std::make_unique<CsvWriter>(quality_floor);
}

}  // namespace semblance::bank
