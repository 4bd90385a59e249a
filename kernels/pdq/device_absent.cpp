// SPDX-License-Identifier: Apache-2.0
// The host entry of PDQ on a GPU in a build without nvcc: there is no device.
#include "pdq/device_pdq.h"

namespace semblance::kernels {

DevicePdqHasher::~DevicePdqHasher() = default;
DeviceStatus DevicePdqHasher::open(int) noexcept { return kNoDevice; }
DeviceStatus DevicePdqHasher::hash(const DevicePictures&, DevicePdq*) noexcept { return kNoDevice; }
DeviceStatus DevicePdqHasher::hash(const DeviceBuffers&, DevicePdq*) noexcept { return kNoDevice; }

}  // namespace semblance::kernels
