// SPDX-License-Identifier: Apache-2.0
// Private to kernels: what the launches have in common in their use of CUDA's runtime.
#pragma once

#include <cuda_runtime.h>

#include "device/device.h"

namespace semblance::kernels::device {

/// The least compute capability's major number that the kernels are compiled for.
inline constexpr int kLeastMajor = 8;

template <class T>
T* as(void* memory) {
  return static_cast<T*>(memory);
}

/// Frees what is there, so that a failure half-way leaves nothing behind.
inline void release(void*& memory) {
  if (memory != nullptr) cudaFree(memory);
  memory = nullptr;
}

/// A failed call leaves its error for the next cudaGetLastError to find: taken here, once.
inline cudaError_t taken(cudaError_t status) {
  if (status != cudaSuccess) static_cast<void>(cudaGetLastError());
  return status;
}

}  // namespace semblance::kernels::device
