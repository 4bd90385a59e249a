// SPDX-License-Identifier: Apache-2.0
#include "input.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ios>
#include <utility>

namespace semblance::tool {
namespace {

constexpr std::size_t kChunk = std::size_t{64} << 10;
constexpr std::size_t kLongestLine = std::size_t{64} << 10;
constexpr std::size_t kLargestSpool = std::size_t{1} << 30;  // it is held in memory

// One read; 0 at the end, -1 with errno set; EINTR when asked to stop, and for no other reason: a
// signal that does not mean stop is no reason to leave.
ssize_t read_some(int descriptor, std::span<char> into, const StopFlag* stop) {
  const auto stopped = [&] { return stop != nullptr && stop->load(std::memory_order_relaxed); };
  while (!stopped()) {
    const ssize_t got = read(descriptor, into.data(), into.size());
    if (got > 0) return got;
    if (got == 0 && stopped()) break;  // who sent the signal may have closed the pipe too
    if (got == 0 || errno != EINTR) return got;
  }
  errno = EINTR;
  return -1;
}

// Splits what arrives into lines; the last, unfinished one waits.
class LineSplitter {
 public:
  void add(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      append(bytes.substr(0, end));
      if (end == std::string_view::npos) return;
      finish_line();
      bytes.remove_prefix(end + 1);
    }
  }

  void finish() {
    if (!open_.text.empty()) finish_line();
  }

  std::vector<InputLine> take() { return std::exchange(lines_, {}); }

 private:
  void append(std::string_view part) {
    const std::size_t room = kLongestLine - open_.text.size();
    open_.too_long |= part.size() > room;
    open_.text += part.substr(0, room);
  }

  void finish_line() {
    if (!open_.text.empty() && open_.text.back() == '\r') open_.text.pop_back();
    lines_.push_back(std::exchange(open_, {}));
  }

  InputLine open_;
  std::vector<InputLine> lines_;
};

}  // namespace

DescriptorBuffer::DescriptorBuffer(int descriptor, const StopFlag* stop)
    : descriptor_(descriptor), stop_(stop), buffer_(kChunk) {}

std::size_t DescriptorBuffer::fill(std::span<char> into) {
  const ssize_t got = read_some(descriptor_, into, stop_);
  if (got < 0 && errno == EINTR) {
    stopped_ = true;
  } else if (got < 0) {
    failure_ = errno;
  }
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

std::string_view DescriptorBuffer::head() {
  std::size_t have = 0;
  while (have < buffer_.size()) {
    const std::size_t got = fill(std::span(buffer_).subspan(have));
    if (got == 0) break;
    have += got;
  }
  setg(buffer_.data(), buffer_.data(), buffer_.data() + have);
  return {buffer_.data(), have};
}

DescriptorBuffer::int_type DescriptorBuffer::underflow() {
  const std::size_t got = fill(buffer_);
  if (stopped_ || failure_ != 0) throw std::ios_base::failure("the input broke off");
  if (got == 0) return traits_type::eof();
  setg(buffer_.data(), buffer_.data(), buffer_.data() + got);
  return traits_type::to_int_type(buffer_.front());
}

Status for_each_line_batch(int descriptor, const StopFlag& stop,
                           const std::function<Status(std::span<const InputLine>)>& consume) {
  std::vector<char> chunk(kChunk);
  LineSplitter splitter;
  for (bool more = true; more;) {
    const ssize_t got = read_some(descriptor, chunk, &stop);
    if (got < 0 && errno == EINTR) return ok();  // an unfinished line is not asked about
    if (got < 0) return io_error("read", "standard input", errno);
    more = got > 0;
    splitter.add({chunk.data(), static_cast<std::size_t>(got)});
    if (!more) splitter.finish();
    const std::vector<InputLine> lines = splitter.take();
    if (lines.empty()) continue;
    if (Status status = consume(lines); !status) return status;
  }
  return ok();
}

Result<FileDescriptor> open_regular(const std::string& path) {
  Result<FileDescriptor> file = open_for_reading(path);
  if (!file) return file;
  struct stat facts {};
  if (::fstat(file->get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return Error{Errc::kBadArgument, "open " + path + ": not a regular file"};
  }
  return file;
}

Result<FileDescriptor> spool_if_named(const Session& session,
                                      const std::vector<std::string>& paths) {
  constexpr std::string_view kSubject = "standard input";
  if (std::find(paths.begin(), paths.end(), "-") == paths.end()) return FileDescriptor();
  session.tell_waiting();
  FileDescriptor memory(memfd_create("semblance-input", MFD_CLOEXEC));
  if (!memory) return io_error("read", kSubject, errno);
  std::vector<char> chunk(kChunk);
  std::size_t total = 0;
  for (;;) {
    const ssize_t got = read_some(STDIN_FILENO, chunk, &session.stop());
    if (got < 0 && errno == EINTR) return Error{Errc::kIo, "read standard input: interrupted"};
    if (got < 0) return io_error("read", kSubject, errno);
    if (got == 0) return memory;
    const auto bytes = static_cast<std::size_t>(got);
    total += bytes;
    if (total > kLargestSpool) return Error{Errc::kLimit, "read standard input: more than 1 GiB"};
    const Status written = write_all(memory.get(), {chunk.data(), bytes}, kSubject);
    if (!written) return written.error();
  }
}

}  // namespace semblance::tool
