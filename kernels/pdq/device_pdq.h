// SPDX-License-Identifier: Apache-2.0
// Host entry to PDQ on a GPU: batches of pictures, or of 64 x 64 buffers, to quality and hashes.
// Needs no header of CUDA; in a build without nvcc the same names are there, and say that there is
// no device.
#pragma once

#include <cstddef>
#include <cstdint>

#include "device/device.h"

namespace semblance::kernels {

/// The most pictures, or buffers, of one call.
inline constexpr std::size_t kMaxDevicePictures = 4096;

/// The most pixels of a side: beyond it the filter's sums would outgrow their integers.
inline constexpr std::uint32_t kMaxDeviceSide = 65536;

/// Where a gray picture lies among the bytes of its batch.
struct DevicePicture {
  std::uint64_t offset = 0;  // of its first pixel; any alignment
  std::uint64_t stride = 0;  // bytes from one row to the next, at least `width`
  std::uint32_t width = 0;   // 1..kMaxDeviceSide
  std::uint32_t height = 0;  // 1..kMaxDeviceSide
};

/// What PDQ says of one picture: the bits that the CPU gives, in profile `full`.
struct DevicePdq {
  std::int32_t quality = 0;      // 0..100
  std::uint8_t hashes[8][32]{};  // by Transform
};

/// Whose memory a pointer leads to.
enum class DeviceMemory : std::uint8_t {
  kHost,    // copied to the GPU first; page-locked memory is copied fastest
  kDevice,  // of the GPU that the hasher was opened on, aligned to 4 bytes; read where it lies
};

/// Pictures of one call, of any sizes.
struct DevicePictures {
  const std::uint8_t* bytes = nullptr;  // of all of them: 8-bit luma, row by row
  std::uint64_t byte_count = 0;         // readable at `bytes`
  DeviceMemory memory = DeviceMemory::kHost;
  const DevicePicture* pictures = nullptr;  // host, `count` places
  std::size_t count = 0;                    // 0..kMaxDevicePictures
};

/// Buffers of one call, as the CPU's filter or its matched path leaves them.
struct DeviceBuffers {
  const float* luma = nullptr;  // count x 64 x 64, row-major, 0..255
  DeviceMemory memory = DeviceMemory::kHost;
  std::size_t count = 0;  // 0..kMaxDevicePictures
};

/// PDQ on one GPU: a stream, with the memory that a call needs. Not safe for concurrent calls;
/// several hashers of one GPU may work at the same time, each in a thread of its own.
///
/// Memory grows with the largest call and stays: the bytes of pictures from the host, and 16 KiB a
/// picture. A failed call leaves the hasher usable, unless the GPU itself is lost.
class DevicePdqHasher {
 public:
  DevicePdqHasher() noexcept = default;
  DevicePdqHasher(const DevicePdqHasher&) = delete;
  DevicePdqHasher& operator=(const DevicePdqHasher&) = delete;
  ~DevicePdqHasher();  // NOLINT(performance-trivially-destructible): it is not where nvcc is

  /// Chooses the GPU, of compute capability 8.0 or later. Call once, first.
  DeviceStatus open(int device) noexcept;

  /// Hashes pictures, waits, and writes `count` results. kDeviceBadArgument, and nothing written,
  /// if a picture is not within the bytes or a number is beyond its bounds.
  DeviceStatus hash(const DevicePictures& what, DevicePdq* results) noexcept;

  /// Hashes buffers, waits, and writes `count` results. kDeviceBadArgument likewise.
  DeviceStatus hash(const DeviceBuffers& what, DevicePdq* results) noexcept;

 private:
  /// Device memory that grows.
  struct Room {
    void* at = nullptr;
    std::uint64_t bytes = 0;
  };
  DeviceStatus reserve(Room& room, std::uint64_t bytes) noexcept;
  DeviceStatus fetch(const void* luma, std::size_t count, DevicePdq* results,
                     DeviceStatus before) noexcept;

  int device_ = 0;
  void* stream_ = nullptr;
  void* matrix_ = nullptr;  // of the DCT
  Room bytes_;
  Room pictures_;
  Room luma_;
  Room results_;
};

/// Whether every picture lies within the bytes, and every number within its bounds.
bool are_well_formed(const DevicePictures& what) noexcept;

}  // namespace semblance::kernels
