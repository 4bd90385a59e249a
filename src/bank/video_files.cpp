// SPDX-License-Identifier: Apache-2.0
// Files that are of one video: vPDQ and TMK+PDQF.
#include <ostream>
#include <sstream>
#include <utility>

#include "bank/list_codec.h"
#include "core/digest.h"
#include "semblance/tmk.h"
#include "semblance/video.h"

namespace semblance::bank {
namespace {

// As many frames as a signal may have, of the longest lines that the reference writes.
constexpr std::size_t kMaxVpdqFileBytes = kMaxSignalFrames * 100;

// The file is its own id: read again, it is the same entry.
ListRow row_of(SignalValue value, std::string_view file, const ImportOptions& options) {
  ListRow row;
  row.what = ListRow::What::kItem;
  row.line = 1;
  row.item.source = options.source;
  row.item.source_id = std::string(name(value.kind)) + "-sha256:" + sha256_hex(file);
  row.item.expires_at = options.expires_at;
  row.item.signals.push_back(bare_signal(std::move(value), options.pdq_profile));
  return row;
}

Result<std::string> whole_file(ListInput& in, std::size_t most, std::string_view kind) {
  auto file = in.rest(most);
  if (auto status = in.status(); !status) return std::move(status).error();
  if (file) return *std::move(file);
  return Error{Errc::kBadFormat, "read list: more than " + std::to_string(most) +
                                     " bytes, and so no " + std::string(kind) + " file"};
}

Error in_list(const Error& error) { return {error.code, "read list: " + error.what, error.native}; }

// The signal as its file.
Status write_file(const BankSignal& signal, std::ostream& out) {
  if (signal.value.kind == SignalKind::kVpdq) {
    const auto video = parse_video_signal(signal.value.bytes);
    if (!video) return video.error();
    return write_vpdq(out, video->frames);
  }
  const auto& bytes = signal.value.bytes;
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  return ok();
}

}  // namespace

Status read_vpdq_file(ListInput& in, const ImportOptions& options, const RowSink& sink) {
  const auto file = whole_file(in, kMaxVpdqFileBytes, "vpdq");
  if (!file) return file.error();
  std::istringstream text(*file);
  const auto video = read_vpdq(text);
  if (!video) return in_list(video.error());
  ListRow row = row_of({SignalKind::kVpdq, to_bytes(*video)}, *file, options);
  return sink(row);
}

Status read_tmk_file(ListInput& in, const ImportOptions& options, const RowSink& sink) {
  const auto file = whole_file(in, kTmkBytes, "tmk");
  if (!file) return file.error();
  std::vector<std::uint8_t> bytes(file->begin(), file->end());
  const auto tmk = parse_tmk(bytes);
  if (!tmk) return in_list(tmk.error());
  ListRow row = row_of({SignalKind::kTmk, std::move(bytes)}, *file, options);
  return sink(row);
}

Result<ExportReport> export_video(Store& store, const BankInfo& bank, std::ostream& out,
                                  SignalKind kind, UnixSeconds now) {
  const std::string subject = "export bank " + bank.name + ": ";
  const std::string advice = "; jsonl holds any number of them";
  std::optional<BankSignal> only;
  ExportReport report;
  bool several = false;
  auto read = store.for_each_entry(bank.id, 0, [&](const Entry& entry) {
    if (!entry.active(now)) return true;
    for (const BankSignal& signal : entry.item.signals) {
      if (signal.value.kind != kind) {
        ++report.skipped;
      } else if (only) {
        several = true;
      } else {
        only = signal;
        report.lost_labels = entry.item.labels.size();
        report.lost_expiry = entry.item.expires_at ? 1 : 0;
      }
    }
    return !several;
  });
  if (!read) return std::move(read).error();
  if (several || !only) {
    return Error{Errc::kBadArgument, subject + "it holds " + (several ? "several" : "no") + ' ' +
                                         std::string(name(kind)) + " signals, and a " +
                                         std::string(name(kind)) + " file is of one" + advice};
  }
  if (auto written = write_file(*only, out); !written) return std::move(written).error();
  out.flush();
  if (!out) return Error{Errc::kIo, subject + "the output does not take more"};
  report.entries = 1;
  report.signals = 1;
  return report;
}

}  // namespace semblance::bank
