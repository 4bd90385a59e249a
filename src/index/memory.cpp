// SPDX-License-Identifier: Apache-2.0
#include "index/memory.h"

#include <sys/mman.h>

#include <new>

namespace semblance::index {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

Memory::Memory(std::size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  // Room to begin at a huge page, and to end with one.
  const bool large = bytes >= kHugePage / 2;
  mapped_bytes_ = large ? (bytes + 2 * kHugePage - 1) / kHugePage * kHugePage + kHugePage : bytes;
  mapped_ = mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped_ == MAP_FAILED) {
    mapped_ = nullptr;
    throw std::bad_alloc();
  }
  data_ = static_cast<std::uint8_t*>(mapped_);
  if (!large) return;
  const auto address = reinterpret_cast<std::uintptr_t>(data_);
  data_ += (kHugePage - address % kHugePage) % kHugePage;
  // Advice: where it is refused, small pages do.
  madvise(data_, (bytes + kHugePage - 1) / kHugePage * kHugePage, MADV_HUGEPAGE);
}

Memory::~Memory() {
  if (mapped_ != nullptr) munmap(mapped_, mapped_bytes_);
}

}  // namespace semblance::index
