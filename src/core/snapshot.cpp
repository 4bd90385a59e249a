// SPDX-License-Identifier: Apache-2.0
#include "core/snapshot.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "core/digest.h"

namespace semblance {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10;  // fits the L2 cache beside the digest

Result<std::uint64_t> file_size(int descriptor) {
  struct stat info {};
  if (::fstat(descriptor, &info) != 0) return io_error("stat", "item", errno);
  if (!S_ISREG(info.st_mode)) {
    return Error{Errc::kIo, "read item: not a regular file", EINVAL};
  }
  return static_cast<std::uint64_t>(info.st_size);
}

}  // namespace

Result<Snapshot> take_snapshot(int descriptor, std::span<const SignalKind> digests,
                               std::uint64_t max_bytes) {
  auto size = file_size(descriptor);
  if (!size) return std::move(size).error();
  if (*size > max_bytes) {
    return Error{Errc::kLimit, "read item: " + std::to_string(*size) + " bytes, the limit is " +
                                   std::to_string(max_bytes)};
  }
  Snapshot snapshot;
  snapshot.bytes = *size;
  if (*size <= kSnapshotBytes) {
    snapshot.memory.reset(::memfd_create("semblance-item", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!snapshot.memory) return io_error("create", "memory for item", errno);
  }
  Digester digester(digests);
  thread_local const auto block = std::make_unique<std::uint8_t[]>(kBlock);
  for (std::uint64_t done = 0; done < *size;) {
    const std::size_t want =
        static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, *size - done));
    auto got = read_at(descriptor, {block.get(), want}, done, "item");
    if (!got) return std::move(got).error();
    if (*got < want) return Error{Errc::kIo, "read item: it became shorter while it was read", 0};
    digester.update({block.get(), want});
    if (snapshot.memory) {
      auto put = write_all(snapshot.memory.get(),
                           {reinterpret_cast<const char*>(block.get()), want}, "memory for item");
      if (!put) return std::move(put).error();
    }
    done += want;
  }
  auto size_after = file_size(descriptor);
  if (!size_after) return std::move(size_after).error();
  if (*size_after != *size) {
    return Error{Errc::kIo, "read item: its size changed while it was read", 0};
  }
  if (snapshot.memory && ::fcntl(snapshot.memory.get(), F_ADD_SEALS,
                                 F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return io_error("seal", "memory for item", errno);
  }
  snapshot.digests = digester.finish();
  return snapshot;
}

Result<MappedBytes> MappedBytes::map(int descriptor, std::uint64_t size) {
  if (size == 0) return MappedBytes(nullptr, 0);
  // Small items are wanted whole and at once; of a large one only what the decoder touches.
  const int populate = size <= kSnapshotBytes ? MAP_POPULATE : 0;
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | populate, descriptor, 0);
  if (data == MAP_FAILED) {
    Error error = io_error("map", "item", errno);
    if (error.native == ENOMEM) error.code = Errc::kLimit;
    return error;
  }
  return MappedBytes(static_cast<const std::uint8_t*>(data), size);
}

MappedBytes::MappedBytes(MappedBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedBytes& MappedBytes::operator=(MappedBytes&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedBytes::~MappedBytes() {
  if (data_ != nullptr) ::munmap(const_cast<std::uint8_t*>(data_), size_);
}

}  // namespace semblance
