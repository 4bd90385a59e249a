// SPDX-License-Identifier: Apache-2.0
#include "device/device.h"

#include <cuda_runtime.h>

#include <algorithm>

#include "device/runtime.cuh"

namespace semblance::kernels {

using device::taken;

static_assert(kDeviceBadArgument == cudaErrorInvalidValue);
static_assert(kDeviceOutOfMemory == cudaErrorMemoryAllocation);
static_assert(kNoDevice == cudaErrorNoDevice);

const char* device_error_text(DeviceStatus status) noexcept {
  return cudaGetErrorString(static_cast<cudaError_t>(status));
}

bool device_code_is_built() noexcept { return true; }

DeviceStatus device_count(int* count) noexcept {
  *count = 0;
  const cudaError_t status = taken(cudaGetDeviceCount(count));
  // Without any driver CUDA says that the driver is too old, which sends a person looking for one.
  int driver = 0;
  if (status == cudaErrorInsufficientDriver && cudaDriverGetVersion(&driver) == cudaSuccess &&
      driver == 0) {
    return kNoDevice;
  }
  if (status == cudaSuccess && *count == 0) return kNoDevice;
  return status;
}

DeviceStatus device_info(int device, DeviceInfo* info) noexcept {
  cudaDeviceProp found;
  const cudaError_t status = taken(cudaGetDeviceProperties(&found, device));
  if (status != cudaSuccess) return status;
  static_assert(sizeof(found.name) == sizeof(info->name));
  std::copy_n(found.name, sizeof(info->name), info->name);
  info->name[sizeof(info->name) - 1] = '\0';
  info->major = found.major;
  info->minor = found.minor;
  info->multiprocessors = found.multiProcessorCount;
  info->memory_bytes = found.totalGlobalMem;
  return kDeviceOk;
}

}  // namespace semblance::kernels
