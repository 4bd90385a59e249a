// SPDX-License-Identifier: Apache-2.0
// Exact radius search on a GPU, with the CPU standing in.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "semblance/index.h"
#include "semblance/result.h"

namespace semblance {

/// One GPU.
struct DeviceFacts {
  std::string name;
  std::string compute_capability;  // such as `9.0`
  int multiprocessors = 0;
  std::uint64_t memory_bytes = 0;
};

/// Describes GPU `device`, as CUDA numbers them. The first call starts CUDA, which takes a while
/// where there is a GPU and next to nothing where there is none.
///
/// Errc::kUnsupported if this build has no GPU code; kDevice, with CUDA's own words and number, if
/// there is no driver or no such GPU.
Result<DeviceFacts> device_facts(int device = 0);

/// How a GPU compares a query with a code. All give the same hits.
enum class DeviceMethod : std::uint8_t {
  kPopcount,  // counts differing bits, and stops after 96 of them where that is enough
  kInt8,      // int8 tensor cores: bits as +1 and -1, distance = (256 - dot) / 2
  kBinary,    // binary tensor cores: distance = |a| + |b| - 2 |a & b|
};

/// Which GPU, and how it compares.
struct DeviceIndexOptions {
  int device = 0;
  DeviceMethod method = DeviceMethod::kPopcount;
};

/// Who answers, and who has answered.
struct DeviceIndexFacts {
  std::optional<DeviceFacts> device;  // that the next search goes to; none: to the CPU
  std::string why;                    // why the CPU answers, or last had to; empty if it never did
  std::uint64_t device_searches = 0;
  std::uint64_t cpu_searches = 0;
  std::uint64_t device_bytes = 0;  // of the GPU's memory that the codes take
};

/// An index that compares each query with every code, on a GPU if there is one that can.
///
/// The hits are those of make_flat_index, in the same order, whoever found them. That the GPU is
/// out of memory, lost, or was never there is no error of a search: the CPU answers it, and facts()
/// say so. A GPU that lacked memory is asked again by the next search; one that failed in any other
/// way is not. Searches may run concurrently, each on a stream of its own.
class DeviceIndex : public Index {
 public:
  /// Who answers. Thread-safe.
  virtual DeviceIndexFacts facts() const = 0;
};

/// An empty index on a GPU; without one, or if it fails a small search whose answer is known, on
/// the CPU. Codes are held by both: 32 bytes each in either memory.
std::unique_ptr<DeviceIndex> make_device_index(const DeviceIndexOptions& options = {});

}  // namespace semblance
