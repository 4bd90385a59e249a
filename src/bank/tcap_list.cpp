// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "bank/json_records.h"
#include "bank/list_codec.h"

namespace semblance::bank {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kFileTypeLabel = "file_type:";

Error bad(const char* what) { return {Errc::kBadFormat, what}; }

// A member that is text, or null or absent for none.
Result<std::string> optional_text(const Json& record, const char* key) {
  const auto found = record.find(key);
  if (found == record.end() || found->is_null()) return std::string();
  if (!found->is_string()) return bad("'ideology' or 'file_type' is not text");
  return found->get_ref<const std::string&>();
}

Status read_record(const Json& record, const ImportOptions& options, ListRow& row) {
  if (!record.is_object()) return bad("a record that is not an object");
  const auto id = id_member(record, "id");
  if (!id) return bad("a record without 'id'");
  row.item.source = options.source;
  row.item.source_id = *id;
  const auto deleted = flag_member(record, "deleted");
  if (!deleted) return deleted.error();
  if (*deleted) {
    row.what = ListRow::What::kTombstone;
    row.text = "deleted";
    return ok();
  }
  const auto algorithm = text_member(record, "algorithm");
  const auto digest = text_member(record, "hash_digest");
  if (!algorithm || !digest) return bad("a record without the texts 'algorithm', 'hash_digest'");
  const auto kind = parse_kind_spelling(*algorithm);
  if (!kind) return kind.error();
  auto value = parse_signal_value(*kind, *digest);
  if (!value) return std::move(value).error();
  const auto ideology = optional_text(record, "ideology");
  if (!ideology) return ideology.error();
  const auto file_type = optional_text(record, "file_type");
  if (!file_type) return file_type.error();
  if (!ideology->empty()) row.item.labels.push_back(*ideology);
  if (!file_type->empty()) row.item.labels.push_back(std::string(kFileTypeLabel) + *file_type);
  row.item.signals.push_back(bare_signal(*std::move(value), options.pdq_profile));
  row.item.expires_at = options.expires_at;
  row.what = ListRow::What::kItem;
  return ok();
}

// `2026-01-01T00:00:00Z`; years beyond 9999 are not written by anyone's clock.
std::string utc_text(UnixSeconds seconds) {
  const auto time = std::chrono::sys_seconds(std::chrono::seconds(seconds));
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

const char* algorithm_word(SignalKind kind) {
  switch (kind) {
    case SignalKind::kPdq:
      return "PDQ";
    case SignalKind::kMd5:
      return "MD5";
    case SignalKind::kSha256:
      return "SHA256";
    case SignalKind::kSha512:
      return "SHA512";
    case SignalKind::kSha1:
    case SignalKind::kVpdq:
    case SignalKind::kTmk:
    case SignalKind::kEmbedding:
    case SignalKind::kOrb:
      break;
  }
  return nullptr;  // the list has no such algorithm
}

class TcapWriter final : public ListWriter {
 public:
  TcapWriter(RecordIds ids, int quality_floor) : ListWriter(quality_floor), ids_(ids) {}

  void begin(std::ostream& out) override { out << "{\"results\":["; }

  void write(std::ostream& out, const Entry& entry, bool active, ExportReport& report) override {
    bool any = false;
    for (std::size_t i = 0; i < entry.item.signals.size(); ++i) {
      if (has_no_room(entry.item.signals[i], report)) continue;
      const SignalValue& value = entry.item.signals[i].value;
      const char* algorithm = algorithm_word(value.kind);
      if (algorithm == nullptr) {
        ++report.skipped;
        continue;
      }
      if (active && leave_out(entry.item.signals[i], report)) continue;
      any = true;
      report.signals += active ? 1U : 0U;
      nlohmann::ordered_json record;
      record["id"] = std::stoull(ids_.of(entry, i));
      record["hash_digest"] = to_hex(value.bytes);
      record["algorithm"] = algorithm;
      add_labels(record, entry);
      record["deleted"] = !active;
      record["updated_on"] = static_cast<double>(entry.updated_at);
      record["created_on"] = utc_text(entry.added_at);
      out << (records_++ == 0 ? "\n" : ",\n") << to_line(record);
    }
    if (any) ++(active ? report.entries : report.tombstones);
    if (any && active) report.lost_labels += labels_without_room(entry);
  }

  void end(std::ostream& out, const ExportReport&) override {
    out << "\n],\"count\":" << records_ << ",\"next\":null,\"previous\":null}\n";
  }

 private:
  static std::uint64_t labels_without_room(const Entry& entry) {
    const auto is_file_type = [](const std::string& l) { return l.starts_with(kFileTypeLabel); };
    const auto& labels = entry.item.labels;
    const auto types = std::count_if(labels.begin(), labels.end(), is_file_type);
    const auto others = static_cast<std::ptrdiff_t>(labels.size()) - types;
    return static_cast<std::uint64_t>(std::max<std::ptrdiff_t>(types - 1, 0) +
                                      std::max<std::ptrdiff_t>(others - 1, 0));
  }

  // The list has room for one ideology: the first label that is not a file type.
  static void add_labels(nlohmann::ordered_json& record, const Entry& entry) {
    record["ideology"] = nullptr;
    record["file_type"] = nullptr;
    for (const std::string& label : entry.item.labels) {
      const bool file_type = label.starts_with(kFileTypeLabel);
      auto& member = record[file_type ? "file_type" : "ideology"];
      if (member.is_null()) {
        member = file_type ? label.substr(kFileTypeLabel.size()) : label;
      }
    }
  }

  const RecordIds ids_;
  std::uint64_t records_ = 0;
};

}  // namespace

Status read_tcap(ListInput& in, const ImportOptions& options, const RowSink& sink) {
  return for_each_json_record(
      in, "results", [&](const Json& record, std::uint64_t line, std::string_view bad) -> Status {
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

std::unique_ptr<ListWriter> make_tcap_writer(RecordIds ids, int quality_floor) {
  return std::make_unique<TcapWriter>(ids, quality_floor);
}

}  // namespace semblance::bank
