// SPDX-License-Identifier: Apache-2.0
// Owning file descriptors, and reading and writing them whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "semblance/result.h"

namespace semblance {

/// An open file descriptor, closed when this goes.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) noexcept : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    reset(std::exchange(other.fd_, -1));
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { reset(); }

  int get() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }
  void reset(int fd = -1) noexcept;
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// "<operation> <subject>: <the system's words>", Errc::kIo, native = `number`.
Error io_error(std::string_view operation, std::string_view subject, int number);

/// Returns whether an errno tells of the machine, not of the file: no descriptors, memory or space
/// left. What fails so says nothing of an item.
bool is_exhaustion(int number) noexcept;

/// Opens for reading: close-on-exec, never a controlling terminal, never waiting on a pipe.
Result<FileDescriptor> open_for_reading(const std::string& path);

/// Reads up to out.size() bytes at `offset`; fewer only at the end of the file.
Result<std::size_t> read_at(int fd, std::span<std::uint8_t> out, std::uint64_t offset,
                            std::string_view subject);

/// Writes all of `bytes`, however many calls it takes.
Status write_all(int fd, std::string_view bytes, std::string_view subject);

/// Reads a whole file of at most `max_bytes`; more is Errc::kLimit.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

/// Writes `bytes` to a new file beside `path`, flushes it to disk and renames it over `path`: a
/// reader sees the old text or the new, never a part. Errc::kIo if another program does so at this
/// moment.
Status replace_file(const std::string& path, std::string_view bytes);

/// As above, with what `write` writes to the new file, which is open for reading and writing. Where
/// it fails, the new file is removed and the old one stays.
///
/// `like`: a file whose readers alone may read the new one, from its first byte on: its permissions
/// and, where that is allowed, its owner are those of the new file. Empty: as usual.
Status replace_file(const std::string& path, const std::function<Status(int fd)>& write,
                    const std::string& like = {});

}  // namespace semblance
