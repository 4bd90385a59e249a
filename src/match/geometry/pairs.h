// SPDX-License-Identifier: Apache-2.0
// Private to src/match: features of two pictures that look alike.
#pragma once

#include <cstdint>
#include <vector>

#include "match/geometry/plane_map.h"
#include "semblance/features.h"

namespace semblance::match {

/// A feature of the query and the one of the entry that looks most like it.
struct FeaturePair {
  Place query;  // pixels of the picture that was looked at
  Place entry;
  double size = 1;      // of the query's pixels to the entry's, by their sizes
  Place heading{1, 0};  // where the entry's right is in the query, by their directions; of length 1
  double tolerance = 1;  // how far, in pixels of the query, the places are uncertain
};

/// The pairs that are each other's most alike, within max_distance bits, and clearly more alike
/// than what else the entry has elsewhere. At most as many as the query has features; in its order.
std::vector<FeaturePair> alike(const FeatureSet& query, const FeatureSet& entry, int max_distance);

}  // namespace semblance::match
