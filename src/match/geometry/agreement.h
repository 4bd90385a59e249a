// SPDX-License-Identifier: Apache-2.0
// Private to src/match: the map of the plane in which most pairs of features agree.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "match/geometry/pairs.h"
#include "match/geometry/plane_map.h"

namespace semblance::match {

/// A map from the entry to the query, and the pairs that it brings together.
struct Agreement {
  PlaneMap map;
  // Of the pairs that agree, those that show different places of both pictures: one corner is found
  // in several sizes, and is one witness.
  std::vector<std::size_t> witnesses;
};

/// The agreement with the most witnesses; none where no three pairs agree.
Agreement find_agreement(std::span<const FeaturePair> pairs);

/// Log10 of how often so many of so many pairs would agree by chance, were their places, sizes and
/// directions in the query independent and evenly spread: over all maps that could be tried.
///
/// **Source:** Moisan, Stival: A probabilistic criterion to detect rigid point matches between two
/// images and estimate the fundamental matrix (IJCV 2004).
double log_chance(std::span<const FeaturePair> pairs, std::size_t witnesses, double query_area);

}  // namespace semblance::match
