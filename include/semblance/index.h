// SPDX-License-Identifier: Apache-2.0
// Exact radius search over 256-bit codes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "semblance/hash256.h"
#include "semblance/result.h"

namespace semblance {

/// One code within the radius of one query.
struct Hit {
  std::uint32_t query = 0;  // index into the queries
  std::uint32_t row = 0;    // index of the code, in order of adding
  std::int32_t distance = 0;

  friend auto operator<=>(const Hit&, const Hit&) = default;
};

/// What is searched: codes in, and every code within a radius out. Always derived from a store.
///
/// Exact: no code within the radius is ever missed. Equal codes are separate rows. Searches may
/// run concurrently; adding may not run beside anything.
class Index {
 public:
  virtual ~Index() = default;

  /// Appends codes; their rows follow those that are there.
  virtual Status add(std::span<const Hash256> codes) = 0;

  /// Number of codes.
  virtual std::size_t size() const noexcept = 0;

  /// All (query, row) pairs with distance <= max_distance (bits, inclusive, 0..256), ordered by
  /// query, then distance, then row. An empty index gives none. Errc::kBadArgument if
  /// max_distance is out of range.
  virtual Result<std::vector<Hit>> range_search(std::span<const Hash256> queries,
                                                int max_distance) const = 0;
};

/// An index that compares each query with every code.
std::unique_ptr<Index> make_flat_index();

}  // namespace semblance
