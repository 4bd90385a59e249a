// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: the arithmetic of the embedding `gist`.
#pragma once

#include <vector>

#include "hash/embedding/small_picture.h"

namespace semblance::hash {

/// Returns whether there is anything to tell a picture by: neighbouring samples of the square
/// differ by more than 1/8 of a gray level in the mean. What is plain but for the noise of coding
/// has none.
bool has_structure(const SmallPicture& picture);

/// The embedding `gist` of length 1, laid out as core/gist_layout.h says, or nothing for a picture
/// without structure.
///
/// Gradients: their sizes summed over 6 x 6 cells that overlap, in four directions, each cell
/// scaled by its own sum and rooted. Layout: 104 low cosine coefficients of luma and 15 of each
/// colour difference, rooted. README.md of this folder says why.
/// **Source:** Oliva, Torralba, "Modeling the shape of the scene", IJCV 42 (2001), for gradients
/// over a grid; Dalal, Triggs, "Histograms of oriented gradients", CVPR 2005, for cells and their
/// scaling; Arandjelovic, Zisserman, "Three things everyone should know", CVPR 2012, for the root;
/// ISO/IEC 15938-3, ColorLayout, for the cosine coefficients of a small picture in Y, Cb, Cr.
std::vector<float> describe(const SmallPicture& picture);

}  // namespace semblance::hash
