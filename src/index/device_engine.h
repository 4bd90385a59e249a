// SPDX-License-Identifier: Apache-2.0
// Private to src/index: what searches codes in the memory of a device.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "semblance/device_index.h"
#include "semblance/hash256.h"
#include "semblance/result.h"

namespace semblance::index {

/// One scan: all of `queries` against rows first_row..end_row.
struct DeviceJob {
  std::span<const Hash256> queries;  // 1..kernels::kMaxDeviceQueries
  std::uint64_t first_row = 0;
  std::uint64_t end_row = 0;
  int max_distance = 0;  // bits, inclusive, 0..256
};

/// Codes on a device, and the scan over them. Tests put engines in its place that run on the host,
/// fail, or lie.
class DeviceEngine {
 public:
  virtual ~DeviceEngine() = default;

  /// Appends codes. After a failure the engine is not used again. Errc::kDevice.
  virtual Status append(std::span<const Hash256> codes) = 0;

  /// Returns how many hits there are, and, if they are no more than `room`, writes them to `keys`
  /// in any order; else `keys` is left empty. A key is query << 41 | distance << 32 | row, the
  /// query counted within the job. Errc::kDevice; concurrent calls are safe.
  virtual Result<std::uint64_t> scan(const DeviceJob& job, std::uint64_t room,
                                     std::vector<std::uint64_t>& keys) const = 0;

  /// The GPU, and how much of its memory the codes take.
  virtual const DeviceFacts& facts() const noexcept = 0;
  virtual std::uint64_t bytes() const noexcept = 0;
};

/// Whether `error` says that a device had too little memory: the one failure that may pass.
bool is_out_of_device_memory(const Error& error) noexcept;

/// Makes an engine without codes, each time that it is called.
using DeviceEngineMaker = std::function<Result<std::unique_ptr<DeviceEngine>>()>;

/// An engine on a GPU. Errc::kUnsupported if this build has no GPU code; kDevice.
Result<std::unique_ptr<DeviceEngine>> open_cuda_engine(const DeviceIndexOptions& options);

/// make_device_index over any engine.
std::unique_ptr<DeviceIndex> make_device_index_on(const DeviceEngineMaker& make_engine);

}  // namespace semblance::index
