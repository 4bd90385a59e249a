// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: a picture brought to the size of a model's input.
#pragma once

#include <cstdint>

#include "core/raster.h"
#include "hash/embedding/model_description.h"

namespace semblance::hash {

/// A picture of the size of an input, or, padded, where it lies within that.
struct FittedPicture {
  Raster picture;  // as many channels as were given
  std::uint32_t left = 0;
  std::uint32_t top = 0;
};

/// Resamples by a tent over the covered area when shrinking, bilinearly when enlarging, first
/// across, then down, rounded to 8 bits after each: what models are mostly trained with. Sizes are
/// at least 1. The same samples on every machine.
/// **Source:** the filter that Pillow calls BILINEAR, and torchvision's Resize and CenterCrop with
/// it; samples are within 1 of theirs where the shape of the source window is the same.
FittedPicture fit_picture(const Raster& picture, std::uint32_t width, std::uint32_t height,
                          Fit fit);

}  // namespace semblance::hash
