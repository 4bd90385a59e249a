// SPDX-License-Identifier: Apache-2.0
// Private to src/index: the order in which an index keeps the bits of a code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "semblance/hash256.h"

namespace semblance::index {

/// Number of the order below, as an index file records it.
inline constexpr std::uint32_t kBitOrderNumber = 1;

/// Reorders the bits of codes along the diagonals of a Latin square.
///
/// A PDQ hash is a 16x16 matrix of DCT signs. Bits of one row or column depend on each other where
/// a picture is simple, so that tables made of rows are uneven and their buckets fat. Diagonal d
/// holds the bits (row i, column (d + 5 i) mod 16): one of each row and of each column. Any order
/// keeps every distance; this one is fixed, so that files and results do not depend on the codes.
///
/// Thread-safe: nothing changes after construction, and there is one for all.
class BitOrder {
 public:
  static const BitOrder& get();

  /// The code with its bits along the diagonals.
  Hash256 apply(const Hash256& code) const noexcept { return moved(forward_, code); }

  /// The inverse of apply.
  Hash256 restore(const Hash256& code) const noexcept { return moved(backward_, code); }

 private:
  // Where the bits of each value of each nibble go: 64 x 16 codes, 32 KiB.
  using Moves = std::vector<Hash256>;

  BitOrder();
  static Hash256 moved(const Moves& moves, const Hash256& code) noexcept;

  Moves forward_;
  Moves backward_;
};

/// The codes in the order of the index.
std::vector<Hash256> apply_bit_order(std::span<const Hash256> codes);

}  // namespace semblance::index
