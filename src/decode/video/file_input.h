// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: an open file as what libavformat reads from.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <span>

#include "decode/av.h"
#include "decode/video/deadline.h"

namespace semblance::decode {

/// The first `bytes` bytes of a descriptor, read by pread, so that its own offset does not move.
/// libavformat sees neither a name nor a protocol.
class FileInput {
 public:
  FileInput(int descriptor, std::uint64_t bytes, const Deadline& deadline);
  FileInput(const FileInput&) = delete;
  FileInput& operator=(const FileInput&) = delete;

  /// Null if there was no memory for it.
  AVIOContext* context() const noexcept { return context_.get(); }

  /// Fills `target` from there on without moving; returns how many bytes the file had for it.
  std::size_t peek(std::uint64_t offset, std::span<std::uint8_t> target) const;

  std::uint64_t bytes() const noexcept { return bytes_; }

  /// errno of the read that failed; 0 if none did.
  int failure() const noexcept { return failure_; }

 private:
  struct ContextDeleter {
    void operator()(AVIOContext* context) const noexcept;
  };

  static int read(void* self, std::uint8_t* target, int wanted);
  static std::int64_t seek(void* self, std::int64_t offset, int whence);

  ssize_t read_at(std::uint64_t offset, std::uint8_t* target, std::size_t wanted) const;

  int descriptor_;
  std::uint64_t bytes_;
  const Deadline& deadline_;
  std::uint64_t at_ = 0;
  int failure_ = 0;
  std::unique_ptr<AVIOContext, ContextDeleter> context_;
};

}  // namespace semblance::decode
