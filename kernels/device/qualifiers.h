// SPDX-License-Identifier: Apache-2.0
// Private to kernels: marks of code that nvcc compiles for the GPU, and any compiler for the host.
#pragma once

#if defined(__CUDACC__)
#define SEMBLANCE_BOTH __host__ __device__
#define SEMBLANCE_DEVICE __device__ __forceinline__
#define SEMBLANCE_UNROLL _Pragma("unroll")
#define SEMBLANCE_UNROLL_BY_8 _Pragma("unroll 8")
#else
#define SEMBLANCE_BOTH
#define SEMBLANCE_DEVICE
#define SEMBLANCE_UNROLL
#define SEMBLANCE_UNROLL_BY_8
#endif
