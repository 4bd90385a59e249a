// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "bank/json_records.h"
#include "bank/list_codec.h"

namespace semblance::bank {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kStatusLabel = "status:";
constexpr std::string_view kHarmless = "NON_MALICIOUS";

std::string changed_case(std::string_view text, bool upper) {
  std::string changed(text);
  for (char& c : changed) {
    if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (!upper && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return changed;
}

// The Graph API shows an edge as {"data":[...]}, older saved replies as the bare array.
const Json* elements(const Json& record, const char* key) {
  auto found = record.find(key);
  if (found == record.end()) return nullptr;
  if (found->is_object()) {
    const auto data = found->find("data");
    return data != found->end() && data->is_array() ? &*data : nullptr;
  }
  return found->is_array() ? &*found : nullptr;
}

void add_label(std::vector<std::string>& labels, const std::string& label) {
  if (label.empty() || std::find(labels.begin(), labels.end(), label) != labels.end()) return;
  labels.push_back(label);
}

// Tags are texts, or objects with a member `text`.
void add_tags(const Json& record, std::vector<std::string>& labels) {
  const Json* tags = elements(record, "tags");
  if (tags == nullptr) return;
  for (const Json& tag : *tags) {
    if (tag.is_string()) add_label(labels, tag.get_ref<const std::string&>());
    if (auto text = text_member(tag, "text")) add_label(labels, *text);
  }
}

// Why the exchange no longer holds the record to be known content; empty if it does.
Result<std::string_view> retraction(const Json& record) {
  const auto should_delete = flag_member(record, "should_delete");
  if (!should_delete) return should_delete.error();
  if (*should_delete) return std::string_view("should_delete");
  const Json* descriptors = elements(record, "descriptors");
  if (descriptors == nullptr || descriptors->empty()) {
    return std::string_view("no descriptors are left");
  }
  // The members' verdict is that this content is harmless: it must match nothing.
  if (text_member(record, "status") == kHarmless) {
    return std::string_view("status NON_MALICIOUS");
  }
  return std::string_view();
}

Status read_indicator(const Json& record, const ImportOptions& options, EntryDraft& item) {
  const auto type = text_member(record, "type");
  const auto indicator = text_member(record, "indicator");
  if (!type || !indicator) {
    return Error{Errc::kBadFormat, "a record without the texts 'type' and 'indicator'"};
  }
  const auto kind = parse_kind_spelling(*type);
  if (!kind) return kind.error();
  auto value = parse_signal_value(*kind, *indicator);
  if (!value) return std::move(value).error();
  item.signals.push_back(bare_signal(*std::move(value), options.pdq_profile));
  item.expires_at = options.expires_at;
  add_tags(record, item.labels);
  for (const Json& descriptor : *elements(record, "descriptors")) {
    add_tags(descriptor, item.labels);
  }
  if (auto status = text_member(record, "status")) {
    add_label(item.labels, std::string(kStatusLabel) + changed_case(*status, false));
  }
  return ok();
}

Status read_record(const Json& record, const ImportOptions& options, ListRow& row) {
  if (!record.is_object()) return Error{Errc::kBadFormat, "a record that is not an object"};
  const auto id = id_member(record, "id");
  if (!id) return Error{Errc::kBadFormat, "a record without 'id'"};
  row.item.source = options.source;
  row.item.source_id = *id;
  const auto why = retraction(record);
  if (!why) return why.error();
  if (!why->empty()) {
    row.what = ListRow::What::kTombstone;
    row.text = *why;
    return ok();
  }
  auto status = read_indicator(record, options, row.item);
  if (status) row.what = ListRow::What::kItem;
  return status;
}

class ThreatExchangeWriter final : public ListWriter {
 public:
  ThreatExchangeWriter(RecordIds ids, int quality_floor) : ListWriter(quality_floor), ids_(ids) {}

  void begin(std::ostream& out) override { out << "{\"data\":["; }

  void write(std::ostream& out, const Entry& entry, bool active, ExportReport& report) override {
    bool any = false;
    for (std::size_t i = 0; i < entry.item.signals.size(); ++i) {
      if (has_no_room(entry.item.signals[i], report)) continue;
      if (active && leave_out(entry.item.signals[i], report)) continue;
      any = true;
      const SignalValue& value = entry.item.signals[i].value;
      nlohmann::ordered_json record;
      record["id"] = ids_.of(entry, i);
      record["indicator"] = to_hex(value.bytes);
      record["type"] = "HASH_" + changed_case(name(value.kind), true);
      record["creation_time"] = entry.added_at;
      record["last_updated"] = entry.updated_at;
      record["should_delete"] = !active;
      if (active) {
        add_opinion(record, entry);
        ++report.signals;
      }
      out << (first_ ? "\n" : ",\n") << to_line(record);
      first_ = false;
    }
    if (any) ++(active ? report.entries : report.tombstones);
  }

  void end(std::ostream& out, const ExportReport&) override { out << "\n]}\n"; }

 private:
  // A record without descriptors reads as a deletion, so that one is always written.
  static void add_opinion(nlohmann::ordered_json& record, const Entry& entry) {
    nlohmann::ordered_json tags = nlohmann::ordered_json::array();
    nlohmann::ordered_json texts = nlohmann::ordered_json::array();
    nlohmann::ordered_json descriptor;
    descriptor["id"] = record["id"];
    for (const std::string& label : entry.item.labels) {
      std::string status;
      if (label.starts_with(kStatusLabel)) {
        status = changed_case(std::string_view(label).substr(kStatusLabel.size()), true);
      }
      // As a status, the word for harmless would take back the entry that is written.
      if (!status.empty() && status != kHarmless && !record.contains("status")) {
        record["status"] = std::move(status);
        descriptor["status"] = record["status"];
      } else {
        tags.push_back(label);
        texts.push_back({{"text", label}});
      }
    }
    record["tags"] = std::move(tags);
    descriptor["tags"]["data"] = std::move(texts);
    record["descriptors"]["data"] = nlohmann::ordered_json::array({std::move(descriptor)});
  }

  const RecordIds ids_;
  bool first_ = true;
};

}  // namespace

Status read_threat_exchange(ListInput& in, const ImportOptions& options, const RowSink& sink) {
  return for_each_json_record(
      in, "data", [&](const Json& record, std::uint64_t line, std::string_view bad) -> Status {
        ListRow row;
        row.line = line;
        row.text = bad;
        if (bad.empty()) {
          if (auto status = read_record(record, options, row); !status) {
            row.text = std::move(status).error().what;
          }
        }
        return sink(row);
      });
}

std::unique_ptr<ListWriter> make_threat_exchange_writer(RecordIds ids, int quality_floor) {
  return std::make_unique<ThreatExchangeWriter>(ids, quality_floor);
}

}  // namespace semblance::bank
