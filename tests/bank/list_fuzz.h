// SPDX-License-Identifier: Apache-2.0
// A list of a partner, damaged at will: what a bank would take of it is written as a list of the
// same format, which is recognised and read back the same. One fuzz target a format.
#pragma once

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "bank/draft.h"
#include "bank/list_codec.h"
#include "fuzz/fuzz.h"
#include "semblance/exchange.h"

namespace semblance::bank::list_fuzz {

/// How to read and write lists of one format.
struct Codec {
  ListFormat format;
  ListReader read;
  std::unique_ptr<ListWriter> writer;
};

inline std::vector<ListRow> rows_of(const std::string& text, const Codec& codec, Status& status) {
  ImportOptions options;
  options.source = "list";
  std::istringstream stream(text);
  ListInput in(stream);
  std::vector<ListRow> rows;
  const auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  status = codec.read(in, options, [&](ListRow& row) {
    SEMBLANCE_HOLDS(row.line >= (rows.empty() ? 1 : rows.back().line) && row.line <= lines);
    SEMBLANCE_HOLDS(row.what != ListRow::What::kBad || !row.text.empty());
    rows.push_back(std::move(row));
    return ok();
  });
  SEMBLANCE_HOLDS(in.bytes() <= text.size());
  return rows;
}

// The entries that a bank would hold after an import of the rows, were each an item of its own.
inline std::vector<Entry> entries_of(std::vector<ListRow> rows) {
  std::vector<Entry> entries;
  for (ListRow& row : rows) {
    if (row.what != ListRow::What::kItem || !check_draft(row.item)) continue;
    Entry entry;
    entry.id = static_cast<std::int64_t>(entries.size()) + 1;
    entry.item = std::move(row.item);
    normalise(entry.item);
    if (row.withdrawal) {
      if (!check_text("reason", row.withdrawal->reason, kMaxTextBytes)) continue;
      entry.withdrawn_at = row.withdrawal->at.value_or(0);
      entry.withdrawn_by = row.withdrawal->by;
      entry.withdrawn_reason = row.withdrawal->reason;
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

inline bool same_draft(const EntryDraft& a, const EntryDraft& b) {
  return a.source == b.source && a.source_id == b.source_id && a.labels == b.labels &&
         a.signals == b.signals && a.expires_at == b.expires_at;
}

// Our own form keeps everything.
inline void check_whole(const std::vector<Entry>& entries, const std::vector<ListRow>& rows) {
  SEMBLANCE_HOLDS(rows.size() == entries.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EntryDraft read = rows[i].item;
    sort_signals(read.signals);  // parts come after what is of the whole
    SEMBLANCE_HOLDS(rows[i].what == ListRow::What::kItem && same_draft(read, entries[i].item));
    SEMBLANCE_HOLDS(rows[i].withdrawal.has_value() == entries[i].withdrawn_at.has_value());
    if (!rows[i].withdrawal) continue;
    SEMBLANCE_HOLDS(rows[i].withdrawal->at == entries[i].withdrawn_at);
    SEMBLANCE_HOLDS(rows[i].withdrawal->by == entries[i].withdrawn_by);
    SEMBLANCE_HOLDS(rows[i].withdrawal->reason == entries[i].withdrawn_reason);
  }
}

// The others keep every value that they have a word for, in order.
inline void check_values(const std::vector<Entry>& entries, const std::vector<ListRow>& rows,
                         ListFormat format) {
  std::vector<SignalValue> written;
  for (const Entry& entry : entries) {
    for (const BankSignal& signal : entry.item.signals) {
      const bool wordless = format == ListFormat::kTcap && signal.value.kind == SignalKind::kSha1;
      if (!wordless) written.push_back(signal.value);
    }
  }
  SEMBLANCE_HOLDS(rows.size() == written.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SEMBLANCE_HOLDS(rows[i].what == ListRow::What::kItem && rows[i].item.signals.size() == 1);
    SEMBLANCE_HOLDS(rows[i].item.signals[0].value == written[i]);
    SEMBLANCE_HOLDS(check_draft(rows[i].item));
  }
}

/// Reads `text`, and checks what is above.
inline void check_list(const Codec& codec, std::string_view text) {
  Status status = ok();
  const auto entries = entries_of(rows_of(std::string(text), codec, status));
  if (entries.empty()) return;
  std::ostringstream out;
  ExportReport report;
  codec.writer->begin(out);
  for (const Entry& entry : entries) {
    codec.writer->write(out, entry, !entry.withdrawn_at, report);
  }
  codec.writer->end(out, report);

  const std::string list = out.str();
  const auto rows = rows_of(list, codec, status);
  SEMBLANCE_HOLDS(status);
  if (rows.empty()) return;  // of kinds that the format has no word for
  const auto sniffed = sniff_list_format(list);
  SEMBLANCE_HOLDS(sniffed && *sniffed == codec.format);
  if (codec.format == ListFormat::kJsonLines) {
    check_whole(entries, rows);
  } else {
    check_values(entries, rows, codec.format);
  }
}

}  // namespace semblance::bank::list_fuzz
