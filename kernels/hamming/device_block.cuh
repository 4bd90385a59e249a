// SPDX-License-Identifier: Apache-2.0
// Private to kernels: a block of the device, as the bodies of device_body.h see it.
#pragma once

#include <cstdint>

#include "device/block.cuh"
#include "hamming/device_body.h"

namespace semblance::kernels::device {

class DeviceBlock : public CudaBlock {
 public:
  /// The lanes that come here together take their slots with one atomic addition.
  __device__ __forceinline__ void append(const Scan& scan, std::uint64_t key) const {
    const unsigned lane = threadIdx.x % kLanes;
    const unsigned active = __activemask();
    const unsigned leader = leader_of(active);
    unsigned long long first = 0;
    if (lane == leader) {
      first = atomicAdd(scan.key_count, static_cast<unsigned long long>(__popc(active)));
    }
    first = __shfl_sync(active, first, static_cast<int>(leader));
    const unsigned long long slot = first + rank_of(active, lane);
    if (slot < scan.capacity) scan.keys[slot] = key;
  }

  template <class B>
  __device__ __forceinline__ void multiply(SignForm, PerThread<Sums>& sums, PerThread<Quad>& a,
                                           const B& b_of) const {
    const std::uint32_t(&b)[2] = b_of(threadIdx.x);
    std::int32_t(&d)[4] = sums.own.at;
    const std::uint32_t(&w)[4] = a.own.word;
    asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
        : "r"(w[0]), "r"(w[1]), "r"(w[2]), "r"(w[3]), "r"(b[0]), "r"(b[1]));
  }

  template <class B>
  __device__ __forceinline__ void multiply(OverlapForm, PerThread<Sums>& sums, PerThread<Quad>& a,
                                           const B& b_of) const {
    const std::uint32_t(&b)[2] = b_of(threadIdx.x);
    std::int32_t(&d)[4] = sums.own.at;
    const std::uint32_t(&w)[4] = a.own.word;
    asm("mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.and.popc "
        "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
        : "r"(w[0]), "r"(w[1]), "r"(w[2]), "r"(w[3]), "r"(b[0]), "r"(b[1]));
  }
};

}  // namespace semblance::kernels::device
