// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "bank/draft.h"
#include "bank/json_records.h"
#include "bank/list_codec.h"
#include "semblance/embedding.h"

namespace semblance::bank {
namespace {

using Json = nlohmann::json;

// The most that a line may have. A video of an hour that moves all the time is one of 3.5 MiB.
constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20;

// The most that the large values of a line may have, of which each byte is two digits: the rest is
// room for everything else.
constexpr std::size_t kMaxLargeBytes = (kMaxLineBytes - (std::size_t{4} << 20)) / 2;

constexpr std::string_view kEmbeddingOf = "embedding:";

Error bad(std::string what) { return {Errc::kBadFormat, std::move(what)}; }

// An absent member takes `fallback`; null says that there is none.
Result<std::optional<std::int64_t>> integer_or(const Json& record, const char* key,
                                               std::optional<std::int64_t> fallback) {
  const auto found = record.find(key);
  if (found == record.end()) return fallback;
  if (found->is_null()) return std::optional<std::int64_t>();
  if (auto value = integer_member(record, key)) return value;
  return bad("'" + std::string(key) + "' is not a whole number or null");
}

Result<std::optional<PdqProfile>> read_profile(const Json& record, SignalKind kind,
                                               PdqProfile fallback) {
  const auto found = record.find("profile");
  if (found == record.end()) {
    return kind == SignalKind::kPdq ? std::optional(fallback) : std::nullopt;
  }
  if (found->is_null()) return std::optional<PdqProfile>();
  if (!found->is_string()) return bad("'profile' is not text or null");
  const auto profile = parse_pdq_profile(found->get_ref<const std::string&>());
  if (!profile) return profile.error();
  return std::optional(*profile);
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// A value of any size: what it is of is checked with the draft.
Result<SignalValue> parse_large_value(SignalKind kind, std::string_view hex) {
  SignalValue value{kind, {}};
  const std::string subject = "parse " + std::string(name(kind));
  if (hex.size() % 2 != 0) return bad(subject + ": an odd number of hex digits");
  value.bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit_of(hex[i]);
    const int low = digit_of(hex[i + 1]);
    if (high < 0 || low < 0) return bad(subject + ": a character that is no hex digit");
    value.bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return value;
}

Status read_quality(const Json& record, BankSignal& signal) {
  const auto quality = integer_or(record, "quality", std::nullopt);
  if (!quality) return quality.error();
  if (*quality && (**quality < 0 || **quality > 100)) return bad("'quality' is not in 0..100");
  if (*quality) signal.quality = static_cast<int>(**quality);
  return ok();
}

Status read_version(const Json& record, BankSignal& signal) {
  const auto version = record.find("version");
  if (version == record.end() || version->is_null()) return ok();
  if (!version->is_string()) return bad("'version' is not text or null");
  signal.version = version->get_ref<const std::string&>();
  if (signal.version.size() > kMaxVersionBytes) return bad("'version' is over 200 bytes");
  return ok();
}

// The word of a kind; of an embedding, with the model's name after it.
Status read_kind(std::string_view word, BankSignal& signal) {
  if (word.starts_with(kEmbeddingOf)) {
    signal.model = word.substr(kEmbeddingOf.size());
    if (!is_model_name(signal.model)) return bad("an embedding of a model that can be no name");
    signal.value.kind = SignalKind::kEmbedding;
    return ok();
  }
  const auto kind = parse_signal_kind(word);
  if (!kind) return kind.error();
  if (*kind == SignalKind::kEmbedding) return bad("an embedding without its model's name");
  signal.value.kind = *kind;
  return ok();
}

Result<BankSignal> read_signal_record(const Json& record, const ImportOptions& options) {
  const auto kind_word = text_member(record, "kind");
  const auto hex = text_member(record, "value");
  if (!kind_word || !hex) return bad("a signal without the texts 'kind' and 'value'");
  BankSignal signal;
  if (auto status = read_kind(*kind_word, signal); !status) return std::move(status).error();
  const SignalKind kind = signal.value.kind;
  auto value =
      value_bytes(kind) == 0 ? parse_large_value(kind, *hex) : parse_signal_value(kind, *hex);
  if (!value) return std::move(value).error();
  signal.value = *std::move(value);
  if (auto status = read_quality(record, signal); !status) return std::move(status).error();
  auto profile = read_profile(record, kind, options.pdq_profile);
  if (!profile) return std::move(profile).error();
  signal.profile = *profile;
  if (auto status = read_version(record, signal); !status) return std::move(status).error();
  return signal;
}

// Left, top, width, height, in ten-thousandths; where it may lie is checked with the draft.
Result<Window> read_window(const Json& record) {
  const auto found = record.find("window");
  std::array<std::uint16_t, 4> sides{};
  const bool fits = found != record.end() && found->is_array() && found->size() == sides.size();
  for (std::size_t i = 0; fits && i < sides.size(); ++i) {
    const Json& side = (*found)[i];
    if (!side.is_number_unsigned() || side.get<std::uint64_t>() > Window::kSide) {
      return bad("a side of 'window' that is not in 0..10000");
    }
    sides[i] = side.get<std::uint16_t>();
  }
  if (!fits) return bad("a part without the four numbers of 'window'");
  return Window{sides[0], sides[1], sides[2], sides[3]};
}

// Parts are PDQ of profile `full`. They stand apart from the signals: who does not know of parts
// would take one for a picture.
Result<BankSignal> read_part_record(const Json& record) {
  const auto word = text_member(record, "probe");
  const auto hex = text_member(record, "value");
  if (!word || !hex) return bad("a part without the texts 'probe' and 'value'");
  const auto kind = parse_probe_kind(*word);
  if (!kind) return kind.error();
  const auto window = read_window(record);
  if (!window) return window.error();
  auto value = parse_signal_value(SignalKind::kPdq, *hex);
  if (!value) return std::move(value).error();
  BankSignal signal;
  signal.value = *std::move(value);
  signal.profile = PdqProfile::kFull;
  signal.part = Probe{*kind, *window};
  if (auto status = read_quality(record, signal); !status) return std::move(status).error();
  if (auto status = read_version(record, signal); !status) return std::move(status).error();
  return signal;
}

Status read_labels(const Json& record, std::vector<std::string>& labels) {
  const auto found = record.find("labels");
  if (found == record.end() || found->is_null()) return ok();
  if (!found->is_array()) return bad("'labels' is not an array");
  for (const Json& label : *found) {
    if (!label.is_string()) return bad("a label that is not text");
    labels.push_back(label.get_ref<const std::string&>());
  }
  return ok();
}

Status read_item(const Json& record, const ImportOptions& options, EntryDraft& item) {
  if (auto status = read_labels(record, item.labels); !status) return status;
  auto expires_at = integer_or(record, "expires_at", options.expires_at);
  if (!expires_at) return std::move(expires_at).error();
  item.expires_at = *expires_at;
  const auto signals = record.find("signals");
  if (signals == record.end() || !signals->is_array()) return bad("no array 'signals'");
  for (const Json& signal : *signals) {
    auto read = read_signal_record(signal, options);
    if (!read) return std::move(read).error();
    item.signals.push_back(*std::move(read));
  }
  const auto parts = record.find("parts");
  if (parts == record.end() || parts->is_null()) return ok();
  if (!parts->is_array()) return bad("'parts' is not an array");
  for (const Json& part : *parts) {
    auto read = read_part_record(part);
    if (!read) return std::move(read).error();
    item.signals.push_back(*std::move(read));
  }
  return ok();
}

Result<Withdrawal> read_withdrawal(const Json& record) {
  if (!record.is_object()) return bad("'withdrawn' is not an object or null");
  Withdrawal withdrawal;
  const auto at = integer_or(record, "at", std::nullopt);
  if (!at) return at.error();
  withdrawal.at = *at;
  for (const char* key : {"by", "reason"}) {
    const auto found = record.find(key);
    if (found != record.end() && !found->is_null() && !found->is_string()) {
      return bad("'by' or 'reason' of 'withdrawn' is not text or null");
    }
  }
  const std::string by = text_member(record, "by").value_or("source");
  if (by != "person" && by != "source") return bad("'by' is not 'person' or 'source'");
  if (by == "person") withdrawal.by = WithdrawnBy::kPerson;
  withdrawal.reason = text_member(record, "reason").value_or("");
  return withdrawal;
}

Status read_record(const Json& record, const ImportOptions& options, ListRow& row) {
  if (!record.is_object()) return bad("not an object");
  row.item.source = text_member(record, "source").value_or(options.source);
  const auto source_id = text_member(record, "source_id");
  if (!source_id) return bad("no text 'source_id'");
  row.item.source_id = *source_id;
  // What a batch holds is bounded before it is kept, and not only by what a store accepts.
  if (row.item.source.size() > kMaxSourceBytes || row.item.source_id.size() > kMaxSourceBytes) {
    return bad("'source' or 'source_id' is over 4096 bytes");
  }
  const auto withdrawn = record.find("withdrawn");
  if (withdrawn != record.end() && !withdrawn->is_null()) {
    auto withdrawal = read_withdrawal(*withdrawn);
    if (!withdrawal) return std::move(withdrawal).error();
    if (!record.contains("signals")) {
      if (withdrawal->by == WithdrawnBy::kPerson) {
        return bad("a person's withdrawal without 'signals': it could not be kept");
      }
      row.what = ListRow::What::kTombstone;
      row.text = std::move(withdrawal->reason);
      return ok();
    }
    row.withdrawal = *std::move(withdrawal);
  }
  auto status = read_item(record, options, row.item);
  if (status) {
    row.what = ListRow::What::kItem;
  } else {
    row.withdrawal.reset();
  }
  return status;
}

nlohmann::ordered_json signal_record(const BankSignal& signal) {
  nlohmann::ordered_json record;
  record["kind"] = signal.model.empty() ? std::string(name(signal.value.kind))
                                        : std::string(kEmbeddingOf) + signal.model;
  record["value"] = to_hex(signal.value.bytes);
  record["quality"] = nullptr;
  record["profile"] = nullptr;
  if (signal.quality) record["quality"] = *signal.quality;
  if (signal.profile) record["profile"] = name(*signal.profile);
  record["version"] = signal.version;
  return record;
}

nlohmann::ordered_json part_record(const BankSignal& signal) {
  const Window& window = signal.part->window;
  nlohmann::ordered_json record;
  record["probe"] = name(signal.part->kind);
  record["window"] = {window.left, window.top, window.width, window.height};
  record["value"] = to_hex(signal.value.bytes);
  record["quality"] = nullptr;
  if (signal.quality) record["quality"] = *signal.quality;
  record["version"] = signal.version;
  return record;
}

class JsonLinesWriter final : public ListWriter {
 public:
  void write(std::ostream& out, const Entry& entry, bool active, ExportReport& report) override {
    nlohmann::ordered_json record;
    record["source"] = entry.item.source;
    record["source_id"] = entry.item.source_id;
    record["labels"] = entry.item.labels;
    record["expires_at"] = nullptr;
    if (entry.item.expires_at) record["expires_at"] = *entry.item.expires_at;
    record["added_at"] = entry.added_at;
    if (entry.withdrawn_at) {
      nlohmann::ordered_json& withdrawn = record["withdrawn"];
      withdrawn["at"] = *entry.withdrawn_at;
      withdrawn["by"] = entry.withdrawn_by == WithdrawnBy::kPerson ? "person" : "source";
      withdrawn["reason"] = entry.withdrawn_reason;
    }
    nlohmann::ordered_json signals = nlohmann::ordered_json::array();
    nlohmann::ordered_json parts = nlohmann::ordered_json::array();
    std::size_t room = kMaxLargeBytes;
    for (const BankSignal& signal : entry.item.signals) {
      const std::size_t large = is_short(signal.value.kind) ? 0 : signal.value.bytes.size();
      if (large > room) {
        ++report.skipped;
        continue;
      }
      room -= large;
      if (is_part(signal)) {
        parts.push_back(part_record(signal));
      } else {
        signals.push_back(signal_record(signal));
      }
    }
    const std::size_t kept = signals.size() + parts.size();
    // A withdrawal says enough without what was too large.
    if (kept == 0 && !entry.withdrawn_at) return;
    if (kept != 0) record["signals"] = std::move(signals);
    if (!parts.empty()) record["parts"] = std::move(parts);
    out << to_line(record) << '\n';
    if (active) {
      ++report.entries;
      report.signals += kept;
    } else {
      ++report.tombstones;
    }
  }
};

}  // namespace

Status read_json_lines(ListInput& in, const ImportOptions& options, const RowSink& sink) {
  ListLine line;
  while (in.next_line(line, kMaxLineBytes)) {
    if (trimmed(line.text).empty()) continue;
    ListRow row;
    row.line = line.number;
    if (line.too_long) {
      row.text = "a line of over 64 MiB";
    } else if (auto record = parse_json_record(line.text); !record) {
      row.text = std::move(record).error().what;
    } else if (auto status = read_record(*record, options, row); !status) {
      row.text = std::move(status).error().what;
    }
    if (auto status = sink(row); !status) return status;
  }
  return in.status();
}

std::unique_ptr<ListWriter> make_json_lines_writer() { return std::make_unique<JsonLinesWriter>(); }

}  // namespace semblance::bank
