// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: a picture made small, for people.
#pragma once

#include <cstdint>

#include "core/raster.h"
#include "semblance/extract.h"

namespace semblance::extract {

/// Brings `raster`, of at least one pixel, to a longer side of at most `side` pixels, at least 1,
/// by the means of what each sample covers, halves up; gray becomes three times the same.
Thumbnail make_thumbnail(const Raster& raster, std::uint16_t side);

}  // namespace semblance::extract
