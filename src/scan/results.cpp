// SPDX-License-Identifier: Apache-2.0
#include "scan/results.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace semblance::scanner {
namespace {

constexpr std::array kSha256 = {SignalKind::kSha256};
constexpr std::size_t kBlock = std::size_t{256} << 10;

}  // namespace

Results::Results(std::string path, FileDescriptor file)
    : path_(std::move(path)), file_(std::move(file)), whole_(kSha256), stretch_(kSha256) {}

Result<Results> Results::open(const std::string& path) {
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!file) return io_error("open", path, errno);
  return Results(path, std::move(file));
}

Status Results::verify(const std::string& path, const std::vector<Stretch>& stretches) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno == ENOENT) {
    return Error{Errc::kMismatch, "resume: " + path + " is missing", ENOENT};
  }
  if (!file) return io_error("open", path, errno);
  Results there(path, std::move(file));
  if (Status same = there.check(stretches); !same) return same;
  struct stat info {};
  if (::fstat(there.file_.get(), &info) != 0) return io_error("stat", path, errno);
  const auto bytes = static_cast<std::uint64_t>(info.st_size);
  if (bytes == there.settled_) return ok();
  return Error{Errc::kMismatch, "resume: " + path + " has " + std::to_string(bytes) +
                                    " bytes, the journal knows of " +
                                    std::to_string(there.settled_)};
}

Status Results::keep(const std::vector<Stretch>& stretches) {
  if (Status same = check(stretches); !same) return same;
  if (::ftruncate(file_.get(), static_cast<off_t>(settled_)) != 0) {
    return io_error("truncate", path_, errno);
  }
  return ok();
}

Status Results::check(const std::vector<Stretch>& stretches) {
  for (const Stretch& stretch : stretches) {
    if (stretch.end < settled_) {
      return Error{Errc::kBadFormat, "read journal: checkpoints go backwards"};
    }
    auto digest = digest_range(settled_, stretch.end);
    if (!digest) return std::move(digest).error();
    if (*digest != stretch.sha256) {
      return Error{Errc::kMismatch,
                   "resume: " + path_ + " differs from what was written, between byte " +
                       std::to_string(settled_) + " and " + std::to_string(stretch.end)};
    }
    settled_ = stretch.end;
    records_ = stretch.records;
  }
  return ok();
}

Result<std::string> Results::digest_range(std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint8_t> block(kBlock);
  Digester digester(kSha256);
  while (from < to) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, to - from));
    auto got = read_at(file_.get(), {block.data(), want}, from, path_);
    if (!got) return std::move(got).error();
    if (*got < want) {
      return Error{Errc::kMismatch, "resume: " + path_ + " ends at byte " +
                                        std::to_string(from + *got) +
                                        ", the journal knows of more"};
    }
    digester.update({block.data(), want});
    whole_.update({block.data(), want});
    from += want;
  }
  return to_hex(digester.finish().front().bytes);
}

Status Results::add(std::string_view line) {
  const std::size_t start = buffer_.size();
  buffer_.append(line).push_back('\n');
  const std::string_view added = std::string_view(buffer_).substr(start);
  whole_.update(added);
  stretch_.update(added);
  unsettled_ += added.size();
  ++records_;
  return buffer_.size() < kBlock ? ok() : flush();
}

Status Results::flush() {
  Status put = write_all(file_.get(), buffer_, path_);
  buffer_.clear();
  return put;
}

Result<Stretch> Results::settle() {
  if (Status put = flush(); !put) return std::move(put).error();
  if (unsettled_ != 0 && ::fdatasync(file_.get()) != 0) return io_error("flush", path_, errno);
  settled_ += unsettled_;
  unsettled_ = 0;
  Stretch stretch{records_, settled_, to_hex(stretch_.finish().front().bytes)};
  stretch_ = Digester(kSha256);
  return stretch;
}

std::string Results::sha256() { return to_hex(whole_.finish().front().bytes); }

}  // namespace semblance::scanner
