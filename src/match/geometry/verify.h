// SPDX-License-Identifier: Apache-2.0
// Which region of one picture shows which region of another, from their local features.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "semblance/features.h"
#include "semblance/match.h"

namespace semblance::match {

/// What counts as showing the same.
struct GeometryRule {
  int max_distance = 64;   // of two descriptors, in bits, inclusive
  int least_inliers = 10;  // see README.md in this folder for what that lets through
};

/// Compares two pictures by their features: which are alike, and which of those agree in one map of
/// the plane. Nothing if fewer than rule.least_inliers do (never fewer than four), if chance could
/// bring as many together, or if the map is none that a copy has. Inliers that show one place count
/// once.
///
/// Deterministic: hypotheses are the pairs themselves, each of which fixes a similarity by its
/// places, sizes and angles, and all are tried; the best is refined by least squares. **Source:**
/// Philbin, Chum, Isard, Sivic, Zisserman: Object retrieval with large vocabularies and fast
/// spatial matching (CVPR 2007), which takes RANSAC's hypotheses so.
std::optional<Geometry> verify(const FeatureSet& query, const FeatureSet& entry,
                               const GeometryRule& rule);

}  // namespace semblance::match
