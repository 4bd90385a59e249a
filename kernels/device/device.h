// SPDX-License-Identifier: Apache-2.0
// Which GPUs there are, and what a call on one returns. Needs no header of CUDA; in a build without
// nvcc the same names are there, and say that there is no device.
#pragma once

#include <cstdint>

namespace semblance::kernels {

/// What a call on a device returned: 0, or a cudaError_t. device_error_text has its words.
using DeviceStatus = int;

inline constexpr DeviceStatus kDeviceOk = 0;
inline constexpr DeviceStatus kDeviceBadArgument = 1;  // cudaErrorInvalidValue
inline constexpr DeviceStatus kDeviceOutOfMemory = 2;  // cudaErrorMemoryAllocation
inline constexpr DeviceStatus kNoDevice = 100;         // cudaErrorNoDevice

/// CUDA's words for `status`; never null.
const char* device_error_text(DeviceStatus status) noexcept;

/// Whether this build has code for a GPU at all.
bool device_code_is_built() noexcept;

/// One GPU.
struct DeviceInfo {
  char name[256] = {};
  int major = 0;  // of the compute capability
  int minor = 0;
  int multiprocessors = 0;
  std::uint64_t memory_bytes = 0;
};

/// Number of GPUs. Without one, or without a driver: kNoDevice, or CUDA's own code.
DeviceStatus device_count(int* count) noexcept;

/// Describes GPU `device`.
DeviceStatus device_info(int device, DeviceInfo* info) noexcept;

}  // namespace semblance::kernels
