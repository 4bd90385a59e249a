// SPDX-License-Identifier: Apache-2.0
// `semblance bank import`: the hashes of a list become entries, streaming.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <istream>
#include <nlohmann/json.hpp>
#include <string>

#include "console.h"
#include "core/files.h"
#include "input.h"
#include "output_file.h"
#include "progress.h"
#include "records.h"
#include "subcommands.h"

namespace semblance::tool {
namespace {

// Tells bad rows: the first on standard error, or every one into a file.
class BadRows {
 public:
  /// Opens the file and leaves what it holds: `list`, which may be standard input, is refused.
  Status open(const std::string& path, int list) {
    if (path.empty()) return ok();
    path_ = path;
    file_.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_NOCTTY | O_CLOEXEC, 0666));
    if (!file_ || fstat(file_.get(), &facts_) != 0) return io_error("open", path, errno);
    struct stat read {};
    if (S_ISREG(facts_.st_mode) && fstat(list, &read) == 0 && read.st_dev == facts_.st_dev &&
        read.st_ino == facts_.st_ino) {
      return Error{Errc::kBadArgument, "write bad rows into " + path + ": it is the list itself"};
    }
    return ok();
  }

  /// Empties the file, once the list is known to be one.
  Status begin() {
    if (!file_ || !S_ISREG(facts_.st_mode) || ftruncate(file_.get(), 0) == 0) return ok();
    return io_error("empty", path_, errno);
  }

  void take(const BadRow& row) {
    ++count_;
    if (file_) {
      Json json = {{"line", row.line}, {"error", row.why}};
      buffer_ += to_line(json) + '\n';
      if (buffer_.size() > kFlushBytes) (void)flush();  // the last flush tells what failed
    } else if (count_ <= kToldInFull) {
      warn("bank import: line " + std::to_string(row.line) + ": " + row.why);
      if (count_ == kToldInFull) {
        warn("bank import: more bad rows are only counted; --bad-rows FILE keeps them all");
      }
    }
  }

  Status flush() {
    if (file_ && status_) status_ = write_all(file_.get(), buffer_, path_);
    buffer_.clear();
    return status_;
  }

 private:
  static constexpr std::uint64_t kToldInFull = 20;
  static constexpr std::size_t kFlushBytes = std::size_t{64} << 10;
  FileDescriptor file_;
  struct stat facts_ {};
  std::string path_;
  std::string buffer_;
  Status status_ = ok();
  std::uint64_t count_ = 0;
};

// The list: an open file or standard input.
struct List {
  FileDescriptor file;
  int descriptor = STDIN_FILENO;
  std::string subject = "standard input";
  std::uint64_t bytes = 0;  // 0: not known
};

Result<List> open_list(const std::string& path) {
  List list;
  if (path == "-") return list;
  Result<FileDescriptor> file = open_for_reading(path);
  if (!file) return file.error();
  struct stat facts {};
  if (fstat(file->get(), &facts) != 0) return io_error("open", path, errno);
  if (S_ISDIR(facts.st_mode)) return io_error("read", path, EISDIR);
  if (S_ISREG(facts.st_mode)) {
    list.bytes = static_cast<std::uint64_t>(facts.st_size);
  } else {
    // open_for_reading does not wait; a pipe that is read to its end must.
    const int flags = fcntl(file->get(), F_GETFL);
    fcntl(file->get(), F_SETFL, flags & ~O_NONBLOCK);
  }
  list.descriptor = file->get();
  list.file = *std::move(file);
  list.subject = path;
  return list;
}

std::string source_name(const BankImportOptions& options) {
  if (!options.source.empty()) return options.source;
  if (options.file == "-") return "stdin";
  return std::filesystem::path(options.file).filename().string();
}

Json summary(const std::string& bank, const std::string& source, ListFormat format,
             const ImportReport& report) {
  Json json;
  json["schema"] = kLineSchema;
  json["bank"] = bank;
  json["source"] = source;
  json["format"] = name(format);
  json["rows"] = report.rows;
  json["added"] = report.added;
  json["updated"] = report.updated;
  json["unchanged"] = report.unchanged;
  json["kept_withdrawn"] = report.kept_withdrawn;
  json["withdrawn"] = report.withdrawn;
  json["tombstones_unknown"] = report.tombstones_unknown;
  json["bad"] = report.bad;
  return json;
}

Result<ImportReport> import_with_progress(Session& session, Store& store,
                                          const BankImportOptions& options, const List& list,
                                          std::istream& in, ListFormat format, BadRows& bad_rows,
                                          ImportReport& stored) {
  std::atomic<std::uint64_t> rows{0};
  std::atomic<std::uint64_t> bytes{0};
  const ProgressBar bar(session.shows_progress(), [&] {
    ProgressView view;
    view.unit = "rows";
    view.items = rows;
    view.bytes = bytes;
    view.total_bytes = list.bytes;
    return view;
  });
  ImportOptions how;
  how.source = source_name(options);
  how.pdq_profile = options.profile;
  how.expires_at = options.expires_at;
  how.bare_kind = options.bare_kind;
  ImportObserver observer;
  observer.on_bad_row = [&](const BadRow& row) { bad_rows.take(row); };
  observer.on_batch = [&](std::uint64_t read, const ImportReport& so_far) {
    rows = so_far.rows;
    stored = so_far;
    bytes = read;
  };
  return import_list(store, options.bank, in, format, how, observer);
}

Exit interrupted(const Session& session, std::uint64_t rows) {
  return session.fail({Errc::kIo, "bank import: interrupted after " + counted(rows, "row", "rows") +
                                      ", which stay"},
                      "bank import: run the same command again to import the rest");
}

}  // namespace

Exit run_bank_import(Session& session, const BankImportOptions& options) {
  const Result<std::unique_ptr<Store>> store = session.open_existing_store();
  if (!store) return session.fail(store.error());
  const Result<BankInfo> bank = (*store)->describe_bank(options.bank);
  if (!bank) return session.fail(bank.error());
  const Result<List> list = open_list(options.file);
  if (!list) return session.fail(list.error());
  BadRows bad_rows;
  Status opened = ok();
  if (!options.bad_rows.empty()) {
    opened = refuse_store(options.bad_rows, session.store_files());
    if (opened) opened = bad_rows.open(options.bad_rows, list->descriptor);
  }
  if (!opened && opened.error().code == Errc::kBadArgument) return session.refuse(opened.error());
  if (!opened) return session.fail(opened.error());

  if (list->descriptor == STDIN_FILENO) session.tell_waiting();
  DescriptorBuffer buffer(list->descriptor, &session.stop());
  const std::string_view head = buffer.head();
  if (session.stop()) return interrupted(session, 0);
  if (buffer.failure() != 0) return session.fail(io_error("read", list->subject, buffer.failure()));
  Result<ListFormat> format = ListFormat::kCsv;
  if (options.format) {
    format = *options.format;
  } else if (head.empty()) {
    return session.fail({Errc::kBadFormat, "bank import: " + list->subject + " is empty"},
                        "bank import: if that is right, name its format with --format");
  } else {
    format = sniff_list_format(head);
    if (!format) {
      return session.fail(format.error(),
                          "bank import: name the format of " + list->subject + " with --format");
    }
  }
  if (const Status begun = bad_rows.begin(); !begun) return session.fail(begun.error());

  std::istream in(&buffer);
  ImportReport stored;
  const Result<ImportReport> report =
      import_with_progress(session, **store, options, *list, in, *format, bad_rows, stored);
  const Status flushed = bad_rows.flush();
  const bool broke_off = buffer.failure() != 0 || session.stop();
  if (!report && !broke_off) {
    return session.fail(report.error(),
                        "bank import: batches before the error stay; importing "
                        "the corrected list again is safe");
  }
  if (!flushed) return session.fail(flushed.error());
  LineWriter out;
  Status written = out.line(
      to_line(summary(bank->name, source_name(options), *format, report ? *report : stored)));
  if (written) written = out.flush();
  if (!written) return session.fail(written.error());
  if (buffer.failure() != 0) {
    return session.fail(io_error("read", list->subject, buffer.failure()),
                        "bank import: batches before the error stay; importing the list again is "
                        "safe");
  }
  if (!report || session.stop()) return interrupted(session, report ? report->rows : stored.rows);
  return report->bad > 0 ? Exit::kIncomplete : Exit::kDone;
}

}  // namespace semblance::tool
