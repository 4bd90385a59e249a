// SPDX-License-Identifier: Apache-2.0
// A file in memory with a path, for the fuzz targets: written over thousands of times a second.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <span>
#include <string>

#include "fuzz/fuzz.h"

namespace semblance::fuzz {

class MemoryFile {
 public:
  MemoryFile() : fd_(::memfd_create("fuzz", MFD_CLOEXEC)) { SEMBLANCE_HOLDS(fd_ >= 0); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(fd_); }

  /// The path of a file that holds these bytes, until the next call.
  std::string holding(std::span<const std::uint8_t> bytes) const {
    SEMBLANCE_HOLDS(::ftruncate(fd_, 0) == 0);
    std::size_t at = 0;
    while (at < bytes.size()) {
      const auto part = ::pwrite(fd_, bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
      SEMBLANCE_HOLDS(part > 0);
      at += static_cast<std::size_t>(part);
    }
    return "/proc/self/fd/" + std::to_string(fd_);
  }

 private:
  const int fd_;
};

}  // namespace semblance::fuzz
