// SPDX-License-Identifier: Apache-2.0
#include "scan/walk.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

namespace semblance::scanner {
namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK;

std::int64_t modified_ns(const struct stat& info) noexcept {
  return std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
}

Result<FileDescriptor> open_folder(int parent, const char* name, int more_flags) {
  FileDescriptor folder(::openat(parent, name, kFolderFlags | more_flags));
  if (!folder) return io_error("open", "", errno);
  return folder;
}

std::string_view last_part(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

Error not_a_file() { return {Errc::kIo, "open: not a regular file or folder", EINVAL}; }

}  // namespace

Result<FileDescriptor> open_item(const WalkedItem& walked) {
  if (walked.given >= 0) {
    FileDescriptor copy(::fcntl(walked.given, F_DUPFD_CLOEXEC, 0));
    if (!copy) return io_error("open", "", errno);
    return copy;
  }
  // Not blocking: the file may have become a pipe since it was walked.
  const int flags =
      O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (walked.argument ? 0 : O_NOFOLLOW);
  FileDescriptor file(::openat(walked.folder ? walked.folder->get() : AT_FDCWD,
                               walked.item.path.c_str() + walked.name_at, flags));
  if (!file) return io_error("open", "", errno);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return io_error("stat", "", errno);
  if (!S_ISREG(info.st_mode)) return not_a_file();
  return file;
}

Walk::Walk(std::vector<std::string> paths, int dash_descriptor,
           const std::vector<std::string>& exclude)
    : paths_(std::move(paths)), dash_descriptor_(dash_descriptor) {
  for (const std::string& path : exclude) {
    struct stat info {};
    const bool there = ::stat(path.c_str(), &info) == 0;
    excluded_.push_back({path, std::string(last_part(path)),
                         there ? Identity{info.st_dev, info.st_ino} : Identity{}});
  }
}

bool Walk::is_excluded(std::string_view name, const Identity& identity) const {
  return std::any_of(excluded_.begin(), excluded_.end(), [&](const Excluded& one) {
    if (one.identity != identity && one.name != name) return false;
    // Asked again: a file may have been made since, and a number may be another file's by now.
    struct stat info {};
    return ::stat(one.path.c_str(), &info) == 0 && Identity{info.st_dev, info.st_ino} == identity;
  });
}

Walk::Step Walk::next() {
  for (;;) {
    if (levels_.empty()) {
      if (next_argument_ == paths_.size()) return std::optional<WalkedItem>{};
      Step step = start_argument();
      if (!step || step->has_value()) return step;
    } else if (Level& level = levels_.back(); level.names.has_next()) {
      Step step = visit(level);
      if (!step || step->has_value()) return step;
    } else if (level.names.has_more()) {
      Step step = list(level);
      if (!step || step->has_value()) return step;
    } else if (Status up = ascend(); !up) {
      return std::move(up).error();
    }
  }
}

WalkedItem Walk::make_item(std::size_t name_at) {
  WalkedItem walked;
  walked.item.sequence = sequence_++;
  walked.item.path = path_;
  walked.name_at = name_at;
  return walked;
}

Walk::Step Walk::problem(std::size_t name_at, const Error& error) {
  if (is_exhaustion(error.native))
    return Error{error.code, "walk " + path_ + ": " + error.what, error.native};
  WalkedItem walked = make_item(name_at);
  walked.problem = {Reason::kOpenFailed, false, error.what};
  return std::optional(std::move(walked));
}

Walk::Step Walk::start_argument() {
  path_ = paths_[next_argument_++];
  struct stat info {};
  const bool dash = dash_descriptor_ >= 0 && path_ == "-";
  if (dash) {
    if (::fstat(dash_descriptor_, &info) != 0) return problem(0, io_error("stat", "", errno));
  } else if (path_.find('\0') != std::string::npos) {
    return problem(0, {Errc::kIo, "open: the path holds a NUL byte", EINVAL});
  } else if (::stat(path_.c_str(), &info) != 0) {
    return problem(0, io_error("open", "", errno));
  }
  if (S_ISDIR(info.st_mode) && !dash) return descend(AT_FDCWD, path_.c_str(), true);
  if (!S_ISREG(info.st_mode)) return problem(0, not_a_file());
  if (!dash && is_excluded(last_part(path_), {info.st_dev, info.st_ino})) {
    ++skipped_store_;
    return std::optional<WalkedItem>{};
  }
  WalkedItem walked = make_item(0);
  walked.item.bytes = static_cast<std::uint64_t>(info.st_size);
  walked.modified_ns = dash ? 0 : modified_ns(info);  // a spool's is when it was spooled
  walked.argument = true;
  walked.given = dash ? dash_descriptor_ : -1;
  return std::optional(std::move(walked));
}

// Reads the next names of a folder. A listing that breaks off costs one record for the folder,
// however often it does, and what it gave is walked.
Walk::Step Walk::list(Level& level) {
  int failed = ESTALE;
  if (level.folder) {
    failed = level.names.read(level.folder->get());
  } else {  // lost by ascend
    level.names.drop_rest();
  }
  Step told = std::optional<WalkedItem>{};
  if (failed == 0) return told;
  path_.resize(level.path_length);
  if (is_exhaustion(failed)) return io_error("list", path_, failed);
  if (!std::exchange(level.told, true)) told = problem(level.name_at, io_error("list", "", failed));
  path_.resize(level.prefix, '/');
  return told;
}

Walk::Step Walk::visit(Level& level) {
  const char* name = level.names.take();
  path_.resize(level.prefix);
  path_ += name;
  if (!level.folder) {  // lost by ascend: its names are known, what they stand for is not
    return problem(level.prefix, io_error("open", "", ESTALE));
  }
  struct stat info {};
  if (::fstatat(level.folder->get(), name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return problem(level.prefix, io_error("open", "", errno));
  }
  if (S_ISDIR(info.st_mode)) return descend(level.folder->get(), name, false);
  if (S_ISREG(info.st_mode)) {
    if (is_excluded(name, {info.st_dev, info.st_ino})) {
      ++skipped_store_;
      return std::optional<WalkedItem>{};
    }
    WalkedItem walked = make_item(level.prefix);
    walked.item.bytes = static_cast<std::uint64_t>(info.st_size);
    walked.modified_ns = modified_ns(info);
    walked.folder = level.folder;
    return std::optional(std::move(walked));
  }
  ++(S_ISLNK(info.st_mode) ? skipped_symlinks_ : skipped_special_);
  return std::optional<WalkedItem>{};
}

Walk::Step Walk::descend(int parent, const char* name, bool argument) {
  const std::size_t name_at = levels_.empty() ? 0 : levels_.back().prefix;
  auto folder = open_folder(parent, name, argument ? 0 : O_NOFOLLOW);
  if (!folder) return problem(name_at, folder.error());
  struct stat info {};
  if (::fstat(folder->get(), &info) != 0) return problem(name_at, io_error("stat", "", errno));
  Level level;
  level.identity = {info.st_dev, info.st_ino};
  if (branch_.contains(level.identity)) {
    return problem(name_at, {Errc::kIo, "open: the folder lies inside itself", ELOOP});
  }
  level.folder = std::make_shared<const FileDescriptor>(std::move(*folder));
  level.name_at = name_at;
  level.path_length = path_.size();
  if (path_.empty() || path_.back() != '/') path_.push_back('/');
  level.prefix = path_.size();
  Step told = list(level);
  if (!told) return told;
  branch_.insert(level.identity);
  levels_.push_back(std::move(level));
  if (levels_.size() > kOpenFolders) levels_[levels_.size() - 1 - kOpenFolders].folder.reset();
  return told;
}

Status Walk::ascend() {
  const std::shared_ptr<const FileDescriptor> left = std::move(levels_.back().folder);
  branch_.erase(levels_.back().identity);
  levels_.pop_back();
  if (levels_.empty() || levels_.back().folder) return ok();
  Level& level = levels_.back();
  const auto is_same = [&](const FileDescriptor& folder) {
    struct stat info {};
    return ::fstat(folder.get(), &info) == 0 &&
           Identity{info.st_dev, info.st_ino} == level.identity;
  };
  // The folder just left may have been moved, or may allow listing but not "..".
  Result<FileDescriptor> folder = Error{};
  if (left) folder = open_folder(left->get(), "..", O_NOFOLLOW);
  if (!folder || !is_same(*folder)) folder = open_again(levels_.size() - 1);
  if (!folder && is_exhaustion(folder.error().native)) return folder.error();
  if (folder && is_same(*folder)) {
    level.folder = std::make_shared<const FileDescriptor>(std::move(*folder));
  }
  return ok();
}

Result<FileDescriptor> Walk::open_again(std::size_t depth) const {
  auto folder = open_folder(AT_FDCWD, paths_[next_argument_ - 1].c_str(), 0);
  for (std::size_t i = 0; folder && i < depth; ++i) {
    folder = open_folder(folder->get(), levels_[i].names.last(), O_NOFOLLOW);
  }
  return folder;
}

}  // namespace semblance::scanner
