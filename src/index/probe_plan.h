// SPDX-License-Identifier: Apache-2.0
// Private to src/index: how far to probe in each table, for one query.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "index/table_layout.h"

namespace semblance::index {

/// How far to probe in each table, as radius + 1: 0 leaves the table out.
///
/// General pigeonhole (Qin, Wang, Xiao, Wang, Lin, Ishikawa: "GPH: Similarity Search in Hamming
/// Space", ICDE 2018): if the units of all tables add up to max_distance + 1, a code within
/// max_distance differs in fewer bits than a table's units in at least one table.
using ProbeUnits = std::array<std::uint8_t, kMaxTables>;

/// What work costs, in nanoseconds of one core of 2.5 GHz. Only their ratios decide, between ways
/// that give the same hits; measured, see README.md.
struct WorkCost {
  static constexpr double kProbe = 12;       // a bucket: its place and its first members
  static constexpr double kMember = 0.15;    // a member of a bucket that is looked at
  static constexpr double kCandidate = 25;   // a member whose whole code is fetched
  static constexpr double kScanCode = 0.25;  // a code of a scan, in a batch
};

/// The number of codes that one query finds in a table at radius 0, and at radius 1 or less.
struct BucketCounts {
  std::uint64_t exact = 0;
  std::uint64_t near = 0;
};

/// The same units for every query, as even as they can be. All zero if max_distance needs a wider
/// probe than there are patterns for.
ProbeUnits even_units(std::size_t tables, int max_distance) noexcept;

/// Units for a query some of whose buckets are fat: they are spent where they cost least, so that
/// fat buckets are left out and thin tables probed farther. `cost` is what that is expected to
/// take; it is infinite if no units suffice.
struct Allotment {
  ProbeUnits units{};
  double cost = 0;
};
Allotment allot_units(const TableLayout& layout, const BucketCounts* counts,
                      int max_distance) noexcept;

}  // namespace semblance::index
