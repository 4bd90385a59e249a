// SPDX-License-Identifier: Apache-2.0
// Exact search for vectors whose inner product with a query is large.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "semblance/result.h"

namespace semblance {

/// One vector that is like a query, by the name that its owner gave it.
struct FloatHit {
  std::int64_t label = 0;
  float product = 0;

  friend bool operator==(const FloatHit&, const FloatHit&) = default;
};

/// Vectors in, and every one whose inner product with a query is large enough out: of vectors of
/// length 1, the cosine of their angle. Compares a query with every vector.
///
/// Searches may run concurrently; adding may not run beside anything.
class FloatIndex {
 public:
  virtual ~FloatIndex() = default;

  /// Appends vectors: labels.size() x dimension floats, row-major, and labels[i] (>= 0) is what a
  /// hit on vector i is called. Errc::kBadArgument if the counts differ, a label is negative, or a
  /// float is not finite.
  virtual Status add(std::span<const float> vectors, std::span<const std::int64_t> labels) = 0;

  /// Number of vectors.
  virtual std::size_t size() const noexcept = 0;

  /// All vectors whose inner product with `query`, of dimension floats, is above `least`, by
  /// product, the largest first, then label. The product is FAISS's, in an order of its own:
  /// whoever needs its last bits computes it again. Errc::kBadArgument for another number of
  /// floats, or one that is not finite.
  virtual Result<std::vector<FloatHit>> search(std::span<const float> query, float least) const = 0;
};

/// An empty index over vectors of that many floats, at least 1.
std::unique_ptr<FloatIndex> make_float_index(std::size_t dimension);

}  // namespace semblance
