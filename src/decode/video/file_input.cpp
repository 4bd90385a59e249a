// SPDX-License-Identifier: Apache-2.0
#include "decode/video/file_input.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

extern "C" {
#include <libavutil/mem.h>
}

namespace semblance::decode {
namespace {

constexpr int kBufferBytes = 64 << 10;

}  // namespace

FileInput::FileInput(int descriptor, std::uint64_t bytes, const Deadline& deadline)
    : descriptor_(descriptor),
      bytes_(std::min<std::uint64_t>(bytes, INT64_MAX)),
      deadline_(deadline) {
  auto* buffer = static_cast<std::uint8_t*>(av_malloc(kBufferBytes));
  if (buffer == nullptr) return;
  context_.reset(avio_alloc_context(buffer, kBufferBytes, 0, this, &read, nullptr, &seek));
  if (!context_) av_free(buffer);
}

void FileInput::ContextDeleter::operator()(AVIOContext* context) const noexcept {
  av_freep(&context->buffer);  // not always the one that we gave
  avio_context_free(&context);
}

int FileInput::read(void* opaque, std::uint8_t* target, int wanted) {
  FileInput& self = *static_cast<FileInput*>(opaque);
  // A demuxer that reads in circles passes here.
  if (self.deadline_.over()) return AVERROR_EXIT;
  const ssize_t got = self.read_at(self.at_, target, static_cast<std::size_t>(std::max(wanted, 0)));
  if (got < 0) {
    self.failure_ = errno;
    return AVERROR(self.failure_);
  }
  if (got == 0) return AVERROR_EOF;
  self.at_ += static_cast<std::uint64_t>(got);
  return static_cast<int>(got);
}

ssize_t FileInput::read_at(std::uint64_t offset, std::uint8_t* target, std::size_t wanted) const {
  if (offset >= bytes_) return 0;
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, bytes_ - offset));
  ssize_t got = 0;
  do {
    got = ::pread(descriptor_, target, count, static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  return got;
}

std::size_t FileInput::peek(std::uint64_t offset, std::span<std::uint8_t> target) const {
  const ssize_t got = read_at(offset, target.data(), target.size());
  return got < 0 ? 0 : static_cast<std::size_t>(got);
}

std::int64_t FileInput::seek(void* opaque, std::int64_t offset, int whence) {
  FileInput& self = *static_cast<FileInput*>(opaque);
  const auto size = static_cast<std::int64_t>(self.bytes_);
  std::int64_t base = 0;
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE:
      return size;
    case SEEK_SET:
      break;
    case SEEK_CUR:
      base = static_cast<std::int64_t>(self.at_);
      break;
    case SEEK_END:
      base = size;
      break;
    default:
      return AVERROR(EINVAL);
  }
  std::int64_t target = 0;
  if (__builtin_add_overflow(base, offset, &target) || target < 0) return AVERROR(EINVAL);
  self.at_ = static_cast<std::uint64_t>(target);
  return target;
}

}  // namespace semblance::decode
