// SPDX-License-Identifier: Apache-2.0
// Host entry to the range scan on a GPU. Needs no header of CUDA; in a build without nvcc the same
// names are there, and say that there is no device.
#pragma once

#include <cstddef>
#include <cstdint>

#include "device/device.h"

namespace semblance::kernels {

/// How a GPU compares a query with a code. All give the same hits.
enum class DeviceMethod : std::uint8_t {
  kPopcount,  // population counts, with an exact early reject on the first 96 bits
  kInt8,      // int8 tensor cores: bits as +1 and -1, d = (256 - dot) / 2
  kBinary,    // binary tensor cores: d = |a| + |b| - 2 |a & b|
};

/// The most queries of one scan.
inline constexpr std::size_t kMaxDeviceQueries = 4096;

/// What one scan looks for.
struct DeviceScan {
  const std::uint8_t* queries = nullptr;  // host, query_count x 32 bytes, any alignment
  std::size_t query_count = 0;            // 1..kMaxDeviceQueries
  std::uint64_t first_row = 0;            // rows first_row..end_row of the codes
  std::uint64_t end_row = 0;
  int max_distance = 0;  // bits, inclusive, 0..256
  DeviceMethod method = DeviceMethod::kPopcount;
};

/// Codes in the memory of one GPU, 32 bytes each. Appending may run beside nothing.
class DeviceCodes {
 public:
  DeviceCodes() noexcept = default;
  DeviceCodes(const DeviceCodes&) = delete;
  DeviceCodes& operator=(const DeviceCodes&) = delete;
  ~DeviceCodes();  // NOLINT(performance-trivially-destructible): it is not where nvcc is

  /// Chooses the GPU, of compute capability 8.0 or later. Call once, first.
  DeviceStatus open(int device) noexcept;

  /// Copies `count` codes of 32 bytes from host memory; their rows follow those that are there. On
  /// failure the rows that were there are still there, and no others.
  DeviceStatus append(const std::uint8_t* codes, std::size_t count) noexcept;

  std::uint64_t size() const noexcept { return size_; }
  std::uint64_t capacity() const noexcept { return capacity_; }

 private:
  friend class DeviceLane;
  DeviceStatus reserve(std::uint64_t wanted) noexcept;

  int device_ = 0;
  int multiprocessors_ = 1;
  std::uint64_t size_ = 0;
  std::uint64_t capacity_ = 0;
  void* low_ = nullptr;
  void* high_ = nullptr;
  void* staging_ = nullptr;
};

/// A stream with its buffers: what one search at a time needs beside the codes. Lanes of the same
/// codes may scan at the same time, each in a thread of its own.
class DeviceLane {
 public:
  DeviceLane() noexcept = default;
  DeviceLane(const DeviceLane&) = delete;
  DeviceLane& operator=(const DeviceLane&) = delete;
  ~DeviceLane();  // NOLINT(performance-trivially-destructible): it is not where nvcc is

  /// Makes the stream and its buffers on the GPU of `codes`, which must outlive this lane.
  DeviceStatus open(const DeviceCodes& codes) noexcept;

  /// Makes room for `count` hits, and never less than there is. On failure the room is as it was.
  DeviceStatus reserve(std::uint64_t count) noexcept;
  std::uint64_t capacity() const noexcept { return capacity_; }

  /// Scans, waits, and writes how many hits there are to *found. If they fit into the capacity,
  /// fetch() gives them; if not, nothing is lost but time: reserve, and scan again.
  DeviceStatus scan(const DeviceScan& what, std::uint64_t* found) noexcept;

  /// Copies the first `count` hits of the last scan to `keys`, in no order. A key's order as a
  /// number is that of results: query << 41 | distance << 32 | row.
  DeviceStatus fetch(std::uint64_t* keys, std::uint64_t count) noexcept;

 private:
  // Used only where nvcc is.
  [[maybe_unused]] const DeviceCodes* codes_ = nullptr;
  std::uint64_t capacity_ = 0;
  [[maybe_unused]] void* stream_ = nullptr;
  [[maybe_unused]] void* words_ = nullptr;  // the queries as they come
  [[maybe_unused]] void* low_ = nullptr;
  [[maybe_unused]] void* high_ = nullptr;
  [[maybe_unused]] void* keys_ = nullptr;
  [[maybe_unused]] void* key_count_ = nullptr;
};

}  // namespace semblance::kernels
