// SPDX-License-Identifier: Apache-2.0
// The host entry of the GPU's range scan in a build without nvcc: there is no device.
#include "hamming/device_scan.h"

namespace semblance::kernels {

DeviceCodes::~DeviceCodes() = default;
DeviceStatus DeviceCodes::open(int) noexcept { return kNoDevice; }
DeviceStatus DeviceCodes::append(const std::uint8_t*, std::size_t) noexcept { return kNoDevice; }

DeviceLane::~DeviceLane() = default;
DeviceStatus DeviceLane::open(const DeviceCodes&) noexcept { return kNoDevice; }
DeviceStatus DeviceLane::reserve(std::uint64_t) noexcept { return kNoDevice; }
DeviceStatus DeviceLane::scan(const DeviceScan&, std::uint64_t*) noexcept { return kNoDevice; }
DeviceStatus DeviceLane::fetch(std::uint64_t*, std::uint64_t) noexcept { return kNoDevice; }

}  // namespace semblance::kernels
