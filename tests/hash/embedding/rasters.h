// SPDX-License-Identifier: Apache-2.0
// Pictures in the form that embedders take.
#pragma once

#include "core/raster.h"
#include "datasets/picture.h"

namespace semblance::rasters {

inline Raster raster_of(const datasets::Picture& picture) {
  return {picture.width, picture.height, 3, picture.rgb};
}

/// A picture of one colour.
inline Raster plain(std::uint32_t width, std::uint32_t height, std::uint8_t r, std::uint8_t g,
                    std::uint8_t b) {
  datasets::Picture picture(width, height);
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    picture.rgb[i] = r;
    picture.rgb[i + 1] = g;
    picture.rgb[i + 2] = b;
  }
  return raster_of(picture);
}

}  // namespace semblance::rasters
