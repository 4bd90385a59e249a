// SPDX-License-Identifier: Apache-2.0
// The range scan on a GPU: the launches, and the memory that they work on.
#include <cuda_runtime.h>

#include <algorithm>
#include <new>

#include "device/runtime.cuh"
#include "hamming/device_block.cuh"
#include "hamming/device_scan.h"

namespace semblance::kernels {
namespace {

using device::as;
using device::CountedQueries;
using device::DeviceBlock;
using device::kBatchQueries;
using device::kBlockThreads;
using device::OverlapForm;
using device::Quad;
using device::release;
using device::Scan;
using device::SignForm;
using device::taken;
using device::TiledQueries;

static_assert(device::kLeastMajor >= 8);  // mma of int8 with k = 32, and of b1 with AND

constexpr std::uint64_t kStagingCodes = 1U << 18;   // 8 MiB
constexpr std::uint64_t kFirstCapacity = 1U << 18;  // hits: 2 MiB
constexpr unsigned kBlocksPerMultiprocessor = 8;    // several rounds of what fits at once
constexpr std::size_t kCodeBytes = sizeof(device::Code);

__global__ void __launch_bounds__(kBlockThreads)
    deal_kernel(const Quad* words, std::uint64_t count, Quad* low, Quad* high) {
  device::deal_codes(DeviceBlock{}, words, count, low, high);
}

__global__ void __launch_bounds__(kBlockThreads) counting_kernel(const Scan scan) {
  __shared__ CountedQueries queries;
  device::scan_by_counting(DeviceBlock{}, scan, queries);
}

// Two blocks a multiprocessor: 32 codes as signed bytes are 64 of a lane's registers.
template <class Form>
__global__ void __launch_bounds__(kBlockThreads, 2) tile_kernel(const Scan scan) {
  __shared__ TiledQueries<Form> queries;
  device::scan_by_tiles<Form>(DeviceBlock{}, scan, queries);
}

unsigned blocks_for(std::uint64_t rows, unsigned rows_per_block, int multiprocessors) {
  const std::uint64_t wanted = (rows + rows_per_block - 1) / rows_per_block;
  const std::uint64_t most =
      std::uint64_t{kBlocksPerMultiprocessor} * static_cast<unsigned>(multiprocessors);
  return static_cast<unsigned>(std::clamp<std::uint64_t>(wanted, 1, most));
}

cudaError_t launch_deal(const void* words, std::uint64_t count, void* low, void* high,
                        std::uint64_t at, int multiprocessors, cudaStream_t stream) {
  const unsigned blocks = blocks_for(count, kBlockThreads, multiprocessors);
  deal_kernel<<<blocks, kBlockThreads, 0, stream>>>(static_cast<const Quad*>(words), count,
                                                    as<Quad>(low) + at, as<Quad>(high) + at);
  return cudaGetLastError();
}

cudaError_t launch_scan(const Scan& scan, DeviceMethod method, int multiprocessors,
                        cudaStream_t stream) {
  const bool counting = method == DeviceMethod::kPopcount;
  const unsigned rows_per_block = counting ? device::kCountedRows : device::kTiledRows;
  const unsigned batches = (scan.query_count + kBatchQueries - 1) / kBatchQueries;
  const dim3 grid(blocks_for(scan.end_row - scan.first_row, rows_per_block, multiprocessors),
                  batches);
  switch (method) {
    case DeviceMethod::kPopcount:
      counting_kernel<<<grid, kBlockThreads, 0, stream>>>(scan);
      break;
    case DeviceMethod::kInt8:
      tile_kernel<SignForm><<<grid, kBlockThreads, 0, stream>>>(scan);
      break;
    case DeviceMethod::kBinary:
      tile_kernel<OverlapForm><<<grid, kBlockThreads, 0, stream>>>(scan);
      break;
  }
  return cudaGetLastError();
}

}  // namespace

DeviceCodes::~DeviceCodes() {
  if (low_ == nullptr && high_ == nullptr && staging_ == nullptr) return;
  cudaSetDevice(device_);
  release(low_);
  release(high_);
  release(staging_);
}

DeviceStatus DeviceCodes::open(int device) noexcept {
  DeviceInfo info;
  if (const DeviceStatus status = device_info(device, &info); status != kDeviceOk) return status;
  if (info.major < device::kLeastMajor) return cudaErrorNoKernelImageForDevice;
  device_ = device;
  multiprocessors_ = info.multiprocessors;
  return taken(cudaSetDevice(device));
}

DeviceStatus DeviceCodes::reserve(std::uint64_t wanted) noexcept {
  if (wanted <= capacity_) return kDeviceOk;
  // The first codes come all at once, as a rule: they take what they need. Later ones come in small
  // additions, and are not to move all that is there each time.
  if (capacity_ > 0) wanted = std::max(wanted, capacity_ + capacity_ / 2);
  void* low = nullptr;
  void* high = nullptr;
  cudaError_t status = cudaMalloc(&low, wanted * sizeof(Quad));
  if (status == cudaSuccess) status = cudaMalloc(&high, wanted * sizeof(Quad));
  const std::size_t held = size_ * sizeof(Quad);
  if (status == cudaSuccess && held > 0) {
    status = cudaMemcpy(low, low_, held, cudaMemcpyDeviceToDevice);
    if (status == cudaSuccess) status = cudaMemcpy(high, high_, held, cudaMemcpyDeviceToDevice);
  }
  if (status != cudaSuccess) {
    release(low);
    release(high);
    return taken(status);
  }
  std::swap(low, low_);
  std::swap(high, high_);
  capacity_ = wanted;
  release(low);
  release(high);
  return kDeviceOk;
}

DeviceStatus DeviceCodes::append(const std::uint8_t* codes, std::size_t count) noexcept {
  if (count == 0) return kDeviceOk;
  cudaError_t status = cudaSetDevice(device_);
  if (status != cudaSuccess) return taken(status);
  if (const DeviceStatus made = reserve(size_ + count); made != kDeviceOk) return made;
  if (staging_ == nullptr) status = cudaMalloc(&staging_, kStagingCodes * kCodeBytes);
  for (std::uint64_t at = 0; status == cudaSuccess && at < count; at += kStagingCodes) {
    const std::uint64_t part = std::min<std::uint64_t>(kStagingCodes, count - at);
    status =
        cudaMemcpy(staging_, codes + at * kCodeBytes, part * kCodeBytes, cudaMemcpyHostToDevice);
    if (status == cudaSuccess) {
      status = launch_deal(staging_, part, low_, high_, size_ + at, multiprocessors_, nullptr);
    }
  }
  // The lanes' streams do not wait for the default stream.
  if (status == cudaSuccess) status = cudaDeviceSynchronize();
  if (status != cudaSuccess) return taken(status);
  size_ += count;
  return kDeviceOk;
}

DeviceLane::~DeviceLane() {
  if (codes_ == nullptr) return;
  cudaSetDevice(codes_->device_);
  for (void** memory : {&words_, &low_, &high_, &keys_, &key_count_}) release(*memory);
  if (stream_ != nullptr) cudaStreamDestroy(as<CUstream_st>(stream_));
}

DeviceStatus DeviceLane::open(const DeviceCodes& codes) noexcept {
  codes_ = &codes;
  cudaError_t status = cudaSetDevice(codes.device_);
  cudaStream_t stream = nullptr;
  if (status == cudaSuccess) status = cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  stream_ = stream;
  if (status == cudaSuccess) status = cudaMalloc(&words_, kMaxDeviceQueries * kCodeBytes);
  if (status == cudaSuccess) status = cudaMalloc(&low_, kMaxDeviceQueries * sizeof(Quad));
  if (status == cudaSuccess) status = cudaMalloc(&high_, kMaxDeviceQueries * sizeof(Quad));
  if (status == cudaSuccess) status = cudaMalloc(&key_count_, sizeof(unsigned long long));
  if (status != cudaSuccess) return taken(status);
  return reserve(kFirstCapacity);
}

DeviceStatus DeviceLane::reserve(std::uint64_t count) noexcept {
  if (count <= capacity_) return kDeviceOk;
  void* keys = nullptr;
  cudaError_t status = cudaSetDevice(codes_->device_);
  if (status == cudaSuccess) status = cudaMalloc(&keys, count * sizeof(std::uint64_t));
  if (status != cudaSuccess) return taken(status);
  release(keys_);
  keys_ = keys;
  capacity_ = count;
  return kDeviceOk;
}

DeviceStatus DeviceLane::scan(const DeviceScan& what, std::uint64_t* found) noexcept {
  *found = 0;
  if (what.query_count == 0 || what.first_row >= what.end_row) return kDeviceOk;
  if (what.query_count > kMaxDeviceQueries || what.end_row > codes_->size_) {
    return cudaErrorInvalidValue;
  }
  const auto stream = as<CUstream_st>(stream_);
  Scan scan{};
  scan.code_low = as<Quad>(codes_->low_);
  scan.code_high = as<Quad>(codes_->high_);
  scan.query_low = as<Quad>(low_);
  scan.query_high = as<Quad>(high_);
  scan.first_row = what.first_row;
  scan.end_row = what.end_row;
  scan.query_count = static_cast<std::uint32_t>(what.query_count);
  scan.max_distance = what.max_distance;
  scan.keys = as<std::uint64_t>(keys_);
  scan.capacity = capacity_;
  scan.key_count = as<unsigned long long>(key_count_);
  unsigned long long count = 0;
  cudaError_t status = cudaSetDevice(codes_->device_);
  if (status == cudaSuccess) status = cudaMemsetAsync(key_count_, 0, sizeof(count), stream);
  if (status == cudaSuccess) {
    status = cudaMemcpyAsync(words_, what.queries, what.query_count * kCodeBytes,
                             cudaMemcpyHostToDevice, stream);
  }
  if (status == cudaSuccess) {
    status =
        launch_deal(words_, what.query_count, low_, high_, 0, codes_->multiprocessors_, stream);
  }
  if (status == cudaSuccess) {
    status = launch_scan(scan, what.method, codes_->multiprocessors_, stream);
  }
  if (status == cudaSuccess) {
    status = cudaMemcpyAsync(&count, key_count_, sizeof(count), cudaMemcpyDeviceToHost, stream);
  }
  // Waited for after a failure too: what was queued before it still reads and writes.
  const cudaError_t done = cudaStreamSynchronize(stream);
  if (status == cudaSuccess) status = done;
  if (status == cudaSuccess) *found = count;
  return taken(status);
}

DeviceStatus DeviceLane::fetch(std::uint64_t* keys, std::uint64_t count) noexcept {
  if (count == 0) return kDeviceOk;
  if (count > capacity_) return cudaErrorInvalidValue;
  const auto stream = as<CUstream_st>(stream_);
  cudaError_t status = cudaSetDevice(codes_->device_);
  if (status == cudaSuccess) {
    status =
        cudaMemcpyAsync(keys, keys_, count * sizeof(std::uint64_t), cudaMemcpyDeviceToHost, stream);
  }
  const cudaError_t done = cudaStreamSynchronize(stream);
  return taken(status == cudaSuccess ? done : status);
}

}  // namespace semblance::kernels
