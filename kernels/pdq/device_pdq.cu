// SPDX-License-Identifier: Apache-2.0
// PDQ on a GPU: the launches, and the memory that they work on.
#include "pdq/device_pdq.h"

#include <cuda_runtime.h>

#include <algorithm>
#include <array>

#include "dct/dct.h"
#include "device/block.cuh"
#include "device/runtime.cuh"
#include "pdq/device_hash.h"
#include "pdq/device_reduce.h"

namespace semblance::kernels {
namespace {

using device::as;
using device::kPdqThreads;
using device::taken;

constexpr std::uint64_t kBufferBytes = device::kBufferPixels * sizeof(float);
constexpr std::uint64_t kMatrixBytes = kReducedSide * device::kFrequencies * sizeof(float);

class PdqBlock : public device::CudaBlock {
 public:
  /// Adds every thread's value to a total in shared memory.
  __device__ __forceinline__ void add(std::int32_t* total, PerThread<std::int32_t>& values) const {
    const std::int32_t of_warp = __reduce_add_sync(~0U, values.own);
    if (threadIdx.x % device::kWarpLanes == 0) atomicAdd(total, of_warp);
  }

  /// Gives every thread the sum over the lanes of its warp.
  __device__ __forceinline__ void warp_sum(PerThread<std::int32_t>& values) const {
    values.own = __reduce_add_sync(~0U, values.own);
  }

  /// Gives every thread its warp's answers, lane 0's in the lowest bit.
  template <class F>
  __device__ __forceinline__ void vote(PerThread<std::uint32_t>& answers, const F& answer) const {
    answers.own = __ballot_sync(~0U, answer(threadIdx.x));
  }
};

__global__ void __launch_bounds__(kPdqThreads) reduce_kernel(const device::Reduction what) {
  __shared__ device::ReductionMemory memory;
  device::reduce_row(PdqBlock{}, what, memory);
}

__global__ void __launch_bounds__(kPdqThreads) hash_kernel(const device::Hashing what) {
  __shared__ device::HashingMemory memory;
  device::hash_buffer(PdqBlock{}, what, memory);
}

CUstream_st* as_stream(void* stream) { return as<CUstream_st>(stream); }

}  // namespace

DevicePdqHasher::~DevicePdqHasher() {
  if (stream_ == nullptr) return;
  cudaSetDevice(device_);
  for (void** memory : {&matrix_, &bytes_.at, &pictures_.at, &luma_.at, &results_.at}) {
    device::release(*memory);
  }
  cudaStreamDestroy(as_stream(stream_));
}

DeviceStatus DevicePdqHasher::open(int device) noexcept {
  DeviceInfo info;
  if (const DeviceStatus status = device_info(device, &info); status != kDeviceOk) return status;
  if (info.major < device::kLeastMajor) return cudaErrorNoKernelImageForDevice;
  device_ = device;
  cudaStream_t stream = nullptr;
  cudaError_t status = cudaSetDevice(device);
  if (status == cudaSuccess) status = cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  stream_ = stream;
  if (status == cudaSuccess) status = cudaMalloc(&matrix_, kMatrixBytes);
  if (status != cudaSuccess) return taken(status);
  std::array<float, kMatrixBytes / sizeof(float)> transposed;
  for (unsigned i = 0; i < device::kFrequencies; ++i) {
    for (unsigned k = 0; k < kReducedSide; ++k) {
      transposed[k * device::kFrequencies + i] = dct_matrix()[i * kReducedSide + k];
    }
  }
  return taken(cudaMemcpy(matrix_, transposed.data(), kMatrixBytes, cudaMemcpyHostToDevice));
}

// What the room held is lost; what is queued on the stream is done with it.
DeviceStatus DevicePdqHasher::reserve(Room& room, std::uint64_t bytes) noexcept {
  if (bytes <= room.bytes) return kDeviceOk;
  device::release(room.at);
  room.bytes = 0;
  const cudaError_t status = cudaMalloc(&room.at, bytes);
  if (status != cudaSuccess) {
    room.at = nullptr;
    return taken(status);
  }
  room.bytes = bytes;
  return kDeviceOk;
}

DeviceStatus DevicePdqHasher::hash(const DevicePictures& what, DevicePdq* results) noexcept {
  if (what.count == 0) return kDeviceOk;
  if (stream_ == nullptr || !are_well_formed(what)) return kDeviceBadArgument;
  const auto stream = as_stream(stream_);
  const std::uint64_t words = (what.byte_count + 3) / 4;
  const std::uint64_t place_bytes = what.count * sizeof(DevicePicture);
  const bool on_host = what.memory == DeviceMemory::kHost;
  auto status = static_cast<DeviceStatus>(cudaSetDevice(device_));
  if (status == kDeviceOk && on_host) status = reserve(bytes_, 4 * words);
  if (status == kDeviceOk) status = reserve(pictures_, place_bytes);
  if (status == kDeviceOk) status = reserve(luma_, what.count * kBufferBytes);
  if (status != kDeviceOk) return taken(static_cast<cudaError_t>(status));
  if (on_host) {
    status =
        cudaMemcpyAsync(bytes_.at, what.bytes, what.byte_count, cudaMemcpyHostToDevice, stream);
  }
  if (status == kDeviceOk) {
    status =
        cudaMemcpyAsync(pictures_.at, what.pictures, place_bytes, cudaMemcpyHostToDevice, stream);
  }
  if (status == kDeviceOk) {
    const void* bytes = on_host ? bytes_.at : what.bytes;
    const device::Reduction reduction = {{static_cast<const std::uint32_t*>(bytes), words},
                                         as<DevicePicture>(pictures_.at),
                                         as<float>(luma_.at)};
    const auto blocks = static_cast<unsigned>(what.count * kReducedSide);
    reduce_kernel<<<blocks, kPdqThreads, 0, stream>>>(reduction);
    status = cudaGetLastError();
  }
  return fetch(luma_.at, what.count, results, status);
}

DeviceStatus DevicePdqHasher::hash(const DeviceBuffers& what, DevicePdq* results) noexcept {
  if (what.count == 0) return kDeviceOk;
  if (stream_ == nullptr || what.luma == nullptr || what.count > kMaxDevicePictures) {
    return kDeviceBadArgument;
  }
  const std::uint64_t bytes = what.count * kBufferBytes;
  auto status = static_cast<DeviceStatus>(cudaSetDevice(device_));
  if (what.memory == DeviceMemory::kDevice) return fetch(what.luma, what.count, results, status);
  if (status == kDeviceOk) status = reserve(luma_, bytes);
  if (status == kDeviceOk) {
    status =
        cudaMemcpyAsync(luma_.at, what.luma, bytes, cudaMemcpyHostToDevice, as_stream(stream_));
  }
  return fetch(luma_.at, what.count, results, status);
}

// Hashes buffers on the GPU, unless what came before went wrong, and waits in any case: what was
// queued still reads the caller's memory.
DeviceStatus DevicePdqHasher::fetch(const void* luma, std::size_t count, DevicePdq* results,
                                    DeviceStatus before) noexcept {
  DeviceStatus status = before;
  const auto stream = as_stream(stream_);
  const std::uint64_t result_bytes = count * sizeof(DevicePdq);
  if (status == kDeviceOk) status = reserve(results_, result_bytes);
  if (status == kDeviceOk) {
    const device::Hashing hashing = {static_cast<const float*>(luma), as<float>(matrix_),
                                     as<device::HashWords>(results_.at)};
    hash_kernel<<<static_cast<unsigned>(count), kPdqThreads, 0, stream>>>(hashing);
    status = cudaGetLastError();
  }
  if (status == kDeviceOk) {
    status = cudaMemcpyAsync(results, results_.at, result_bytes, cudaMemcpyDeviceToHost, stream);
  }
  const cudaError_t done = cudaStreamSynchronize(stream);
  return taken(status == kDeviceOk ? done : static_cast<cudaError_t>(status));
}

}  // namespace semblance::kernels
