// SPDX-License-Identifier: Apache-2.0
#include "scan/folder_names.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "core/files.h"

namespace semblance::scanner {
namespace {

constexpr std::size_t kLargestBound = std::size_t{1} << 30;  // offsets have 32 bits

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

}  // namespace

int FolderNames::read(int folder) {
  const std::string after = next_ > 0 ? last() : "";  // no name is empty: all come after it
  names_.clear();
  order_.clear();
  largest_.clear();
  next_ = 0;
  has_more_ = false;
  const int failed = list(folder, after);
  std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::strcmp(at(a), at(b)) < 0;  // by unsigned bytes
  });
  return failed;
}

int FolderNames::list(int folder, const std::string& after) {
  FileDescriptor copy(::fcntl(folder, F_DUPFD_CLOEXEC, 0));
  if (!copy) return errno;
  const std::unique_ptr<DIR, CloseFolder> stream(::fdopendir(copy.get()));
  if (!stream) return errno;
  copy.release();             // the stream owns it now
  ::rewinddir(stream.get());  // a copy shares its offset with the listing before
  std::size_t listed_bytes = 0;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());  // NOLINT(concurrency-mt-unsafe): own stream
    if (entry == nullptr) {
      const int failed = errno;
      bound_bytes_ = std::max(bound_bytes_, std::min(listed_bytes / kMostOf, kLargestBound));
      return failed;
    }
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    listed_bytes += name.size() + 1 + sizeof(std::uint32_t);
    if (name > after) add(name);
  }
}

void FolderNames::add(std::string_view name) {
  if (!largest_.empty() && name > largest_) {
    has_more_ = true;
    return;
  }
  order_.push_back(static_cast<std::uint32_t>(names_.size()));
  names_.append(name).push_back('\0');
  if (held_bytes() > bound_bytes_ && order_.size() > 1) keep_smaller_half();
}

void FolderNames::keep_smaller_half() {
  const auto half = order_.begin() + static_cast<std::ptrdiff_t>(order_.size() / 2);
  std::nth_element(order_.begin(), half - 1, order_.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return std::strcmp(at(a), at(b)) < 0; });
  largest_ = at(*(half - 1));
  has_more_ = true;
  order_.erase(half, order_.end());
  // In the order in which they lie, each moves to the left or stays: nothing is overwritten.
  std::sort(order_.begin(), order_.end());
  std::size_t end = 0;
  for (std::uint32_t& offset : order_) {
    const std::size_t size = std::strlen(at(offset)) + 1;
    std::memmove(names_.data() + end, at(offset), size);
    offset = static_cast<std::uint32_t>(end);
    end += size;
  }
  names_.resize(end);
}

}  // namespace semblance::scanner
