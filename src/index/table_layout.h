// SPDX-License-Identifier: Apache-2.0
// Private to src/index: how the 256 bits are dealt to tables, and what is probed in each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "semblance/hash256.h"

namespace semblance::index {

inline constexpr std::size_t kMinTables = 10;  // of 26 bits: a directory of 256 MiB each
inline constexpr std::size_t kMaxTables = 16;  // so that each has the 16 bits of a sketch

/// The most bits that a probe may differ in within one table.
inline constexpr std::size_t kMaxProbeRadius = 4;

/// Where the key of each table stands in a code whose bits are in the order of the index.
struct TableLayout {
  struct Field {
    unsigned first_bit = 0;
    unsigned bits = 0;  // 16..26
  };
  std::vector<Field> fields;

  /// `tables` consecutive fields of 256 / tables bits, the first ones a bit longer where that does
  /// not divide. tables is in kMinTables..kMaxTables.
  explicit TableLayout(std::size_t tables);

  std::size_t tables() const noexcept { return fields.size(); }

  /// The key of a code in table t.
  std::uint32_t key(const Hash256& code, std::size_t t) const noexcept;

  /// The first 16 bits of the key of the table after t, in a ring.
  std::uint16_t sketch(const Hash256& code, std::size_t t) const noexcept {
    return static_cast<std::uint16_t>(key(code, t + 1 < tables() ? t + 1 : 0));
  }
};

/// The number of tables that finds the neighbours of a query among `codes` soonest at the usual
/// radius, within a budget of memory; 0 where a scan is as fast. Measured: see README.md.
std::size_t tables_for(std::size_t codes) noexcept;

/// What to turn in a key of so many bits: all patterns of up to kMaxProbeRadius ones, by their
/// number.
struct ProbePatterns {
  std::vector<std::uint32_t> flips;
  std::array<std::size_t, kMaxProbeRadius + 2> begin{};  // [k]: of those with k ones

  explicit ProbePatterns(unsigned bits);
};

}  // namespace semblance::index
