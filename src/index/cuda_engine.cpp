// SPDX-License-Identifier: Apache-2.0
#include <mutex>
#include <string>
#include <string_view>

#include "hamming/device_scan.h"
#include "index/device_engine.h"

namespace semblance {
namespace index {
namespace {

// A lane whose room for hits grew beyond this goes with its search: 8 MiB.
constexpr std::uint64_t kKeptRoom = 1U << 20;

Error device_error(std::string_view operation, kernels::DeviceStatus status) {
  return {Errc::kDevice, std::string(operation) + " GPU: " + kernels::device_error_text(status),
          status};
}

const std::uint8_t* first_byte(std::span<const Hash256> codes) noexcept {
  return reinterpret_cast<const std::uint8_t*>(codes.data());
}

kernels::DeviceMethod method_of(DeviceMethod method) noexcept {
  switch (method) {
    case DeviceMethod::kPopcount:
      return kernels::DeviceMethod::kPopcount;
    case DeviceMethod::kInt8:
      return kernels::DeviceMethod::kInt8;
    case DeviceMethod::kBinary:
      return kernels::DeviceMethod::kBinary;
  }
  return kernels::DeviceMethod::kPopcount;
}

class CudaEngine final : public DeviceEngine {
 public:
  CudaEngine(DeviceFacts facts, DeviceMethod method)
      : facts_(std::move(facts)), method_(method_of(method)) {}

  kernels::DeviceStatus open(int device) { return codes_.open(device); }

  Status append(std::span<const Hash256> codes) override {
    const auto status = codes_.append(first_byte(codes), codes.size());
    if (status != kernels::kDeviceOk) return device_error("copy codes to", status);
    return ok();
  }

  Result<std::uint64_t> scan(const DeviceJob& job, std::uint64_t room,
                             std::vector<std::uint64_t>& keys) const override {
    keys.clear();
    auto lane = take_lane();
    if (!lane) return lane.error();
    if (const auto status = (*lane)->reserve(room); status != kernels::kDeviceOk) {
      return device_error("make room for hits on", status);
    }
    kernels::DeviceScan scan;
    scan.queries = first_byte(job.queries);
    scan.query_count = job.queries.size();
    scan.first_row = job.first_row;
    scan.end_row = job.end_row;
    scan.max_distance = job.max_distance;
    scan.method = method_;
    std::uint64_t found = 0;
    kernels::DeviceStatus status = (*lane)->scan(scan, &found);
    if (status != kernels::kDeviceOk) return device_error("search on", status);
    if (found <= room && found <= (*lane)->capacity()) {
      keys.resize(found);
      status = (*lane)->fetch(keys.data(), found);
      if (status != kernels::kDeviceOk) return device_error("read hits from", status);
    }
    give_back(*std::move(lane));
    return found;
  }

  const DeviceFacts& facts() const noexcept override { return facts_; }
  std::uint64_t bytes() const noexcept override { return codes_.capacity() * Hash256::kBytes; }

 private:
  using Lane = std::unique_ptr<kernels::DeviceLane>;

  Result<Lane> take_lane() const {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        Lane lane = std::move(idle_.back());
        idle_.pop_back();
        return lane;
      }
    }
    auto lane = std::make_unique<kernels::DeviceLane>();
    if (const auto status = lane->open(codes_); status != kernels::kDeviceOk) {
      return device_error("make a stream on", status);
    }
    return lane;
  }

  void give_back(Lane lane) const {
    if (lane->capacity() > kKeptRoom) return;
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(lane));
  }

  DeviceFacts facts_;
  kernels::DeviceMethod method_;
  kernels::DeviceCodes codes_;
  mutable std::mutex mutex_;
  mutable std::vector<Lane> idle_;  // gone before the codes that they read
};

}  // namespace

bool is_out_of_device_memory(const Error& error) noexcept {
  return error.code == Errc::kDevice && error.native == kernels::kDeviceOutOfMemory;
}

Result<std::unique_ptr<DeviceEngine>> open_cuda_engine(const DeviceIndexOptions& options) {
  auto facts = device_facts(options.device);
  if (!facts) return facts.error();
  auto engine = std::make_unique<CudaEngine>(*std::move(facts), options.method);
  if (const auto status = engine->open(options.device); status != kernels::kDeviceOk) {
    return device_error("open", status);
  }
  return std::unique_ptr<DeviceEngine>(std::move(engine));
}

}  // namespace index

Result<DeviceFacts> device_facts(int device) {
  if (!kernels::device_code_is_built()) {
    return Error{Errc::kUnsupported, "look for GPU: this build has no GPU code"};
  }
  int count = 0;
  kernels::DeviceStatus status = kernels::device_count(&count);
  if (status != kernels::kDeviceOk) return index::device_error("look for", status);
  if (device < 0 || device >= count) {
    return Error{Errc::kDevice,
                 "look for GPU " + std::to_string(device) + ": there are " + std::to_string(count)};
  }
  kernels::DeviceInfo info;
  status = kernels::device_info(device, &info);
  if (status != kernels::kDeviceOk) return index::device_error("describe", status);
  return DeviceFacts{info.name, std::to_string(info.major) + '.' + std::to_string(info.minor),
                     info.multiprocessors, info.memory_bytes};
}

}  // namespace semblance
