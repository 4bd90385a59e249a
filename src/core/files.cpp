// SPDX-License-Identifier: Apache-2.0
#include "core/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace semblance {

void FileDescriptor::reset(int fd) noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Error io_error(std::string_view operation, std::string_view subject, int number) {
  std::string what(operation);
  if (!subject.empty()) what.append(" ").append(subject);
  what.append(": ").append(std::generic_category().message(number));
  return {Errc::kIo, std::move(what), number};
}

bool is_exhaustion(int number) noexcept {
  return number == EMFILE || number == ENFILE || number == ENOMEM || number == ENOSPC;
}

Result<FileDescriptor> open_for_reading(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) return io_error("open", path, errno);
  return FileDescriptor(fd);
}

Result<std::size_t> read_at(int fd, std::span<std::uint8_t> out, std::uint64_t offset,
                            std::string_view subject) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got =
        ::pread(fd, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (got == 0) break;
    if (got < 0) {
      if (errno == EINTR) continue;
      return io_error("read", subject, errno);
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Status write_all(int fd, std::string_view bytes, std::string_view subject) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0) {
      if (errno == EINTR) continue;
      return io_error("write", subject, errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return ok();
}

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  auto file = open_for_reading(path);
  if (!file) return std::move(file).error();
  std::string text;
  std::vector<std::uint8_t> block(std::size_t{1} << 16);
  for (;;) {
    auto got = read_at(file->get(), block, text.size(), path);
    if (!got) return std::move(got).error();
    if (*got == 0) return text;
    if (text.size() + *got > max_bytes) {
      return Error{Errc::kLimit,
                   "read " + path + ": larger than " + std::to_string(max_bytes) + " bytes"};
    }
    text.append(reinterpret_cast<const char*>(block.data()), *got);
  }
}

namespace {

// The file to write, empty, for one writer at a time: two would write into one file, which the
// first to be done puts in place while the other goes on.
Result<FileDescriptor> open_new(const std::string& beside, mode_t mode) {
  for (;;) {
    FileDescriptor file(::open(beside.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, mode));
    if (!file) return io_error("create", beside, errno);
    // A file system that knows no locks is used without.
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      return Error{Errc::kIo, "write " + beside + ": another program is writing it", EWOULDBLOCK};
    }
    struct stat ours {};
    struct stat there {};
    if (::fstat(file.get(), &ours) != 0) return io_error("open", beside, errno);
    const bool in_place = ::stat(beside.c_str(), &there) != 0 || there.st_ino != ours.st_ino ||
                          there.st_dev != ours.st_dev;
    if (in_place) continue;  // by another writer, between the opening and the lock
    if (::ftruncate(file.get(), 0) != 0) return io_error("empty", beside, errno);
    return file;
  }
}

// Gives an open file the owner and the permissions of another. Only root may give a file away; for
// anybody else it stays as it is.
Status make_like(int fd, const std::string& subject, const std::string& like) {
  constexpr mode_t kPermissions = 0777;
  struct stat wanted {};
  if (::stat(like.c_str(), &wanted) != 0) return io_error("look at", like, errno);
  if (::geteuid() == 0 && ::fchown(fd, wanted.st_uid, wanted.st_gid) != 0) {
    return io_error("give away", subject, errno);
  }
  struct stat facts {};
  if (::fstat(fd, &facts) != 0) return io_error("look at", subject, errno);
  if (((facts.st_mode ^ wanted.st_mode) & kPermissions) == 0) return ok();
  if (::fchmod(fd, wanted.st_mode & kPermissions) != 0) {
    return io_error("set permissions of", subject, errno);
  }
  return ok();
}

}  // namespace

Status replace_file(const std::string& path, const std::function<Status(int fd)>& write,
                    const std::string& like) {
  const std::string beside = path + ".new";
  auto opened = open_new(beside, like.empty() ? 0644 : 0600);
  if (!opened) return std::move(opened).error();
  const FileDescriptor file = *std::move(opened);
  auto replaced = like.empty() ? ok() : make_like(file.get(), beside, like);
  if (replaced) replaced = write(file.get());
  if (replaced && ::fsync(file.get()) != 0) replaced = io_error("flush", beside, errno);
  if (replaced && ::rename(beside.c_str(), path.c_str()) != 0) {
    replaced = io_error("rename", beside, errno);
  }
  if (!replaced) {
    ::unlink(beside.c_str());  // a part of a file is of no use, and a full disk wants the room
    return replaced;
  }
  const auto slash = path.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  FileDescriptor parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent) return io_error("open", folder, errno);
  if (::fsync(parent.get()) != 0) return io_error("flush", folder, errno);
  return ok();
}

Status replace_file(const std::string& path, std::string_view bytes) {
  return replace_file(path, [&](int fd) { return write_all(fd, bytes, path + ".new"); });
}

}  // namespace semblance
