// SPDX-License-Identifier: Apache-2.0
#include "scan/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "core/digest.h"
#include "scan/json_text.h"

namespace semblance::scanner {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kCheckMember = ",\"check\":\"";
constexpr std::size_t kCheckDigits = 16;
constexpr std::size_t kTail = kCheckMember.size() + kCheckDigits + 2;  // and `"}`

std::string check_of(std::string_view text) { return sha256_hex(text).substr(0, kCheckDigits); }

Status apply_checkpoint(const Json& line, JournalState& state) {
  auto totals = totals_from_json(line.at("totals"));
  if (!totals) return std::move(totals).error();
  state.totals = std::move(*totals);
  state.stretches.push_back({whole_number(line.at("records")), whole_number(line.at("offset")),
                             line.at("sha256"), line.at("evidence")});
  return ok();
}

// Takes in one verified line. Lines of an unknown kind are passed over: they may be added to.
Status apply(const std::string& text, JournalState& state) {
  try {
    const Json line = Json::parse(text);
    if (state.header.empty()) {
      const std::uint64_t format = whole_number(line.at("format"));
      if (format != kJournalFormat) {
        return Error{Errc::kBadFormat, "format " + std::to_string(format) + ", this build knows " +
                                           std::to_string(kJournalFormat)};
      }
      state.header = text;
    } else if (line.contains("records")) {
      return apply_checkpoint(line, state);
    } else if (line.contains("resumed_at")) {
      ++state.resumed;
      if (line.contains("isolation")) state.isolations.push_back(line.at("isolation").dump());
    } else if (line.contains("finished")) {
      state.finished_at = line.at("finished");
      state.summary_sha256 = line.at("summary_sha256");
    }
    return ok();
  } catch (const Json::exception& error) {
    return Error{Errc::kBadFormat, error.what()};
  }
}

}  // namespace

std::string checked_line(const Json& object) {
  std::string line = to_line(object);
  line.pop_back();  // the closing brace
  const std::string check = check_of(line);
  line.append(kCheckMember).append(check).append("\"}\n");
  return line;
}

std::optional<std::string> verified(const std::string& line) {
  if (line.size() <= kTail) return std::nullopt;
  const std::size_t body = line.size() - kTail;
  const std::string_view text(line.data(), body);
  std::string tail(kCheckMember);
  tail.append(check_of(text)).append("\"}");
  if (std::string_view(line).substr(body) != tail) return std::nullopt;
  return std::string(text) + "}";
}

Json checkpoint_json(const Stretch& stretch, const Totals& totals) {
  return {{"records", stretch.records},
          {"offset", stretch.end},
          {"sha256", stretch.sha256},
          {"evidence", stretch.evidence},
          {"totals", to_json(totals)}};
}

Result<JournalState> parse_journal(std::istream& in) {
  JournalState state;
  std::string line;
  while (std::getline(in, line)) {
    if (in.eof()) break;  // no newline: its write was cut short
    const auto text = verified(line);
    if (!text && state.header.empty()) {
      return Error{Errc::kBadFormat, "the first line is damaged"};
    }
    if (!text) break;
    if (Status applied = apply(*text, state); !applied) {
      return Error{Errc::kBadFormat, applied.error().what};
    }
    state.good_bytes += line.size() + 1;
  }
  if (in.bad()) return Error{Errc::kIo, ::strerrordesc_np(EIO), EIO};
  return state;
}

Result<JournalState> read_journal(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return io_error("open", path, errno);
  auto state = parse_journal(in);
  if (state) return state;
  Error error = std::move(state).error();
  error.what = "read " + path + ": " + error.what;
  return error;
}

Result<Journal> Journal::open(const std::string& path) {
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!file) return io_error("open", path, errno);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      return Error{Errc::kExists, "lock " + path + ": another run is writing this case", errno};
    }
    return io_error("lock", path, errno);
  }
  return Journal(path, std::move(file));
}

Status Journal::truncate(std::uint64_t good_bytes) {
  if (::ftruncate(file_.get(), static_cast<off_t>(good_bytes)) != 0) {
    return io_error("truncate", path_, errno);
  }
  return ok();
}

Status Journal::append(const Json& object) {
  if (Status put = write_all(file_.get(), checked_line(object), path_); !put) return put;
  if (::fdatasync(file_.get()) != 0) return io_error("flush", path_, errno);
  return ok();
}

}  // namespace semblance::scanner
