// SPDX-License-Identifier: Apache-2.0
// Private to src/index: where the lists of an index of vectors have their centres.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/float_rows.h"

namespace semblance::index {

/// Centres of unit vectors, in two storeys: groups, and the centres within each. To find a vector's
/// centre among thousands takes products with a few hundred.
///
/// On one thread, in a fixed order, from a fixed seed: the same rows in the same order give the
/// same centres on every machine. Without BLAS, which is not linked: see README.md.
/// **Source:** spherical k-means: Dhillon and Modha, "Concept Decompositions for Large Sparse Text
/// Data Using Clustering", Machine Learning 42 (2001); inverted files over it: Jegou, Douze,
/// Schmid, "Product Quantization for Nearest Neighbor Search", PAMI 33 (2011).
class ListCentres {
 public:
  /// Trains about `wanted` centres, at least 1 and at most rows.count, on a sample of the rows;
  /// `order`: see canonical_order. There is at least one row. Throws Unwanted.
  ListCentres(const FloatRows& rows, std::span<const std::uint32_t> order, std::size_t wanted,
              const std::atomic<bool>& stop);

  std::size_t count() const noexcept { return centres_.size() / dimension_; }

  /// count() unit vectors.
  std::span<const float> centres() const noexcept { return centres_; }

  /// The centre of the largest product with a vector, but for those that are far from the nearest
  /// of their group.
  std::uint32_t nearest(const float* vector) const;

 private:
  std::size_t dimension_;
  std::vector<float> groups_;
  std::vector<std::size_t> starts_;  // of each group's centres, and their end
  std::vector<float> centres_;
};

}  // namespace semblance::index
