// SPDX-License-Identifier: Apache-2.0
// Private to src/index: a whole search in scans that a device has room for.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/device_engine.h"

namespace semblance::index {

/// How many hits a scan may leave on the device, 8 bytes each.
struct HitRoom {
  std::uint64_t usual = 1U << 18;  // 2 MiB
  std::uint64_t most = 1U << 25;   // 256 MiB; at least 1
};

/// All hits of `queries` among rows 0..rows of the engine, in the order of Index::range_search.
///
/// Precondition: max_distance is in 0..256, and the engine holds that many rows. A scan that finds
/// more hits than it has room for is repeated with room for all; where that is more than there may
/// be, or than the device can give, in parts: of the queries, and in the end of the rows.
/// Errc::kDevice if a scan fails, or answers what cannot be.
Result<std::vector<Hit>> device_range_search(const DeviceEngine& engine, std::uint64_t rows,
                                             std::span<const Hash256> queries, int max_distance,
                                             HitRoom room = {});

}  // namespace semblance::index
