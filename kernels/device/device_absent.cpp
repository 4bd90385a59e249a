// SPDX-License-Identifier: Apache-2.0
// What a build without nvcc says of the GPUs: that there is none.
#include "device/device.h"

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

}  // namespace semblance::kernels
