// SPDX-License-Identifier: Apache-2.0
// The bytes of one item as they were when it was opened, with their digests.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/files.h"
#include "semblance/result.h"
#include "semblance/signal.h"

namespace semblance {

/// Files up to this size are copied once into sealed memory, so that digest and decode see the
/// same bytes whatever happens to the file; larger ones are read in place.
inline constexpr std::uint64_t kSnapshotBytes = std::uint64_t{64} << 20;

/// A descriptor whose bytes are those that were digested.
struct Snapshot {
  FileDescriptor memory;  // the sealed copy; empty where the item is read in place
  std::uint64_t bytes = 0;
  std::vector<SignalValue> digests;

  /// The descriptor to decode from: the copy, or `original`.
  int descriptor(int original) const noexcept { return memory ? memory.get() : original; }
};

/// Reads the file once: digests of the kinds given, and the copy where it is small enough.
/// Errc::kLimit above `max_bytes`, kIo if reading fails or the file changes size meanwhile.
Result<Snapshot> take_snapshot(int descriptor, std::span<const SignalKind> digests,
                               std::uint64_t max_bytes);

/// A read-only view of a descriptor's bytes, by memory map; unmapped when this goes.
class MappedBytes {
 public:
  /// Maps the first `size` bytes. The size is told rather than asked for: a caged worker may not.
  /// Errc::kLimit if there is no room for them, else kIo.
  static Result<MappedBytes> map(int descriptor, std::uint64_t size);
  MappedBytes(MappedBytes&& other) noexcept;
  MappedBytes& operator=(MappedBytes&& other) noexcept;
  MappedBytes(const MappedBytes&) = delete;
  MappedBytes& operator=(const MappedBytes&) = delete;
  ~MappedBytes();

  std::span<const std::uint8_t> bytes() const noexcept { return {data_, size_}; }

 private:
  MappedBytes(const std::uint8_t* data, std::size_t size) noexcept : data_(data), size_(size) {}
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace semblance
