// SPDX-License-Identifier: Apache-2.0
#include "output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <ostream>
#include <utility>

namespace semblance::tool {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;    // as the kernel follows
constexpr int kMostNames = 1000;  // tried for a file beside

// Where `path` leads, the last part of which need not exist.
std::string followed(std::string path) {
  std::error_code failed;
  for (int i = 0; i < kMostLinks; ++i) {
    const fs::path target = fs::read_symlink(path, failed);
    if (failed) break;
    path = (fs::path(path).parent_path() / target).string();  // or the target, if absolute
  }
  const fs::path whole = fs::weakly_canonical(fs::absolute(path, failed), failed);
  return failed ? path : whole.string();
}

std::optional<struct stat> facts_of(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return std::nullopt;
  return facts;
}

// A new file beside `target`; `path` receives its name.
Result<FileDescriptor> open_beside(const std::string& target, std::string& path) {
  for (int i = 0; i < kMostNames; ++i) {
    path = target + '.' + std::to_string(::getpid()) + '-' + std::to_string(i) + ".part";
    FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file) return file;
    if (errno != EEXIST) break;
  }
  return io_error("create", path, errno);
}

Status write_into(int descriptor, const std::string& subject,
                  const std::function<Status(std::ostream&)>& write) {
  DescriptorOutput buffer(descriptor, subject);
  std::ostream out(&buffer);
  const Status written = write(out);
  // Why the descriptor refused says more than that the stream failed.
  const Status finished = buffer.finish();
  return finished ? written : finished;
}

}  // namespace

DescriptorOutput::DescriptorOutput(int descriptor, std::string subject)
    : descriptor_(descriptor), subject_(std::move(subject)), buffer_() {
  setp(buffer_.data(), buffer_.data() + buffer_.size());
}

Status DescriptorOutput::finish() {
  if (status_ && pptr() != pbase()) {
    status_ =
        write_all(descriptor_, {pbase(), static_cast<std::size_t>(pptr() - pbase())}, subject_);
  }
  setp(buffer_.data(), buffer_.data() + buffer_.size());
  return status_;
}

DescriptorOutput::int_type DescriptorOutput::overflow(int_type c) {
  if (!finish()) return traits_type::eof();
  if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
  return sputc(traits_type::to_char_type(c));
}

int DescriptorOutput::sync() { return finish() ? 0 : -1; }

bool same_file(const std::string& a, const std::string& b) {
  const auto first = facts_of(a);
  const auto second = facts_of(b);
  return first && second && first->st_dev == second->st_dev && first->st_ino == second->st_ino;
}

Status refuse_store(const std::string& path, std::span<const std::string> store_files) {
  const std::string target = followed(path);
  for (const std::string& file : store_files) {
    if (target == followed(file) || same_file(path, file)) {
      return Error{Errc::kBadArgument, "write " + path + ": it is " + file + " of the store"};
    }
  }
  return ok();
}

Status write_output(const std::string& path, const std::function<Status(std::ostream&)>& write) {
  const auto facts = facts_of(path);
  if (facts && !S_ISREG(facts->st_mode)) {
    const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
    if (!file) return io_error("open", path, errno);
    return write_into(file.get(), path, write);
  }
  const std::string target = followed(path);
  std::string part;
  const Result<FileDescriptor> file = open_beside(target, part);
  if (!file) return file.error();
  Status status = write_into(file->get(), part, write);
  // The new file is as readable as the one that it takes the place of.
  if (status && facts && ::fchmod(file->get(), facts->st_mode & 07777U) != 0) {
    status = io_error("set the mode of", part, errno);
  }
  if (status && ::fsync(file->get()) != 0) status = io_error("flush", part, errno);
  if (status && ::rename(part.c_str(), target.c_str()) != 0) {
    status = io_error("rename", part, errno);
  }
  if (!status) (void)::unlink(part.c_str());
  return status;
}

}  // namespace semblance::tool
