// SPDX-License-Identifier: Apache-2.0
#include "index/probe_plan.h"

#include <limits>

namespace semblance::index {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::size_t kMaxUnits = kMaxProbeRadius + 1;

using Costs = std::array<double, kMaxUnits>;  // [u]: of going from u units to u + 1

// The members at radius 2 and more are not counted but estimated from the ring before, growing as
// the number of patterns does.
Costs costs_of(unsigned bits, const BucketCounts& counts) noexcept {
  Costs costs{};
  double patterns = 1;
  double members = static_cast<double>(counts.exact);
  for (std::size_t u = 0; u < kMaxUnits; ++u) {
    if (u > 0) {
      const double growth = static_cast<double>(bits - u + 1) / static_cast<double>(u);
      patterns *= growth;
      members = u == 1 ? static_cast<double>(counts.near - counts.exact) : members * growth;
    }
    costs[u] = WorkCost::kProbe * patterns + WorkCost::kMember * members;
  }
  return costs;
}

}  // namespace

ProbeUnits even_units(std::size_t tables, int max_distance) noexcept {
  ProbeUnits units{};
  const auto needed = static_cast<std::size_t>(max_distance) + 1;
  if (needed > kMaxUnits * tables) return units;
  // Spread, since the filter is strict where a table and the next have few units together.
  for (std::size_t t = 0; t < tables; ++t) {
    units[t] = static_cast<std::uint8_t>((t + 1) * needed / tables - t * needed / tables);
  }
  return units;
}

Allotment allot_units(const TableLayout& layout, const BucketCounts* counts,
                      int max_distance) noexcept {
  const std::size_t tables = layout.tables();
  std::array<Costs, kMaxTables> costs;
  Allotment result;
  for (std::size_t t = 0; t < tables; ++t) costs[t] = costs_of(layout.fields[t].bits, counts[t]);
  for (int spent = 0; spent <= max_distance; ++spent) {
    std::size_t cheapest = 0;
    double least = kNever;
    for (std::size_t t = 0; t < tables; ++t) {
      const double cost = result.units[t] < kMaxUnits ? costs[t][result.units[t]] : kNever;
      if (cost < least) {
        least = cost;
        cheapest = t;
      }
    }
    result.cost += least;
    if (least == kNever) return result;
    ++result.units[cheapest];
  }
  return result;
}

}  // namespace semblance::index
