// SPDX-License-Identifier: Apache-2.0
// ORB features of a picture.
#pragma once

#include <cstddef>
#include <vector>

#include "core/raster.h"
#include "semblance/features.h"

namespace semblance::hash {

/// The features of the picture, at most `most`, spread over it and over its sizes, strongest first.
/// Up to kEntryFeatures are looked for as a bank keeps them: in less detail, in fewer sizes. With
/// `mirrored`, the features of the picture with left and right exchanged. A picture with a side
/// under 41 pixels has none. Not for a picture without pixels.
///
/// Deterministic: the same raster gives the same set on every CPU and in every thread.
/// **Source:** Rublee, Rabaud, Konolige, Bradski: ORB, an efficient alternative to SIFT or SURF
/// (ICCV 2011); the corners are OpenCV's, the rest is our own: see README.md.
FeatureSet find_features(const Raster& picture, std::size_t most, bool mirrored = false);

}  // namespace semblance::hash
