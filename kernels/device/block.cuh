// SPDX-License-Identifier: Apache-2.0
// Private to kernels: a block of the device, as the bodies that run on two machines see it.
#pragma once

namespace semblance::kernels::device {

class CudaBlock {
 public:
  /// A register of each thread.
  template <class T>
  struct PerThread {
    T own;
    __device__ __forceinline__ T& operator[](unsigned) { return own; }
  };

  __device__ __forceinline__ unsigned index() const { return blockIdx.x; }
  __device__ __forceinline__ unsigned count() const { return gridDim.x; }
  __device__ __forceinline__ unsigned batch() const { return blockIdx.y; }
  __device__ __forceinline__ void sync() const { __syncthreads(); }

  template <class F>
  __device__ __forceinline__ void each(const F& f) const {
    f(threadIdx.x);
  }
};

}  // namespace semblance::kernels::device
