// SPDX-License-Identifier: Apache-2.0
// Private to src/index: every query against every code, with early reject.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/segment.h"

namespace semblance::index {

/// Bytes of a code whose bits decide first. Of random codes 0.03 % are within 31 bits of a query in
/// 96 bits, and of those that are at 31 in all 256, every one.
inline constexpr std::size_t kShortPrefix = 12;
inline constexpr std::size_t kLongPrefix = 16;

/// Bytes of the planes of so many codes.
std::size_t plane_bytes(std::size_t codes, std::size_t prefix_bytes) noexcept;

/// Writes the planes of all codes.
void pack_planes(std::span<const Hash256> codes, std::size_t prefix_bytes, std::uint8_t* planes);

/// Appends a hit for each code within max_distance (0..256) of queries[which[i]], named by
/// which[i]. Only codes, planes and prefix_bytes of the view are used; bits of queries and codes
/// are in one order.
Status scan_blocks(const SegmentView& view, std::span<const Hash256> queries,
                   std::span<const std::uint32_t> which, int max_distance,
                   std::vector<CodeHit>& hits);

}  // namespace semblance::index
