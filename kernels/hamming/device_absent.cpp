// SPDX-License-Identifier: Apache-2.0
// The host entry of the GPU's range scan in a build without nvcc: there is no device.
#include "hamming/device_scan.h"

namespace semblance::kernels {

const char* device_error_text(DeviceStatus status) noexcept {
  return status == kDeviceOk ? "no error" : "this build has no GPU code";
}

bool device_code_is_built() noexcept { return false; }

DeviceStatus device_count(int* count) noexcept {
  *count = 0;
  return kNoDevice;
}

DeviceStatus device_info(int, DeviceInfo*) noexcept { return kNoDevice; }

DeviceCodes::~DeviceCodes() = default;
DeviceStatus DeviceCodes::open(int) noexcept { return kNoDevice; }
DeviceStatus DeviceCodes::append(const std::uint8_t*, std::size_t) noexcept { return kNoDevice; }

DeviceLane::~DeviceLane() = default;
DeviceStatus DeviceLane::open(const DeviceCodes&) noexcept { return kNoDevice; }
DeviceStatus DeviceLane::reserve(std::uint64_t) noexcept { return kNoDevice; }
DeviceStatus DeviceLane::scan(const DeviceScan&, std::uint64_t*) noexcept { return kNoDevice; }
DeviceStatus DeviceLane::fetch(std::uint64_t*, std::uint64_t) noexcept { return kNoDevice; }

}  // namespace semblance::kernels
