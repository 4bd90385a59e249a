// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: what a patch of a picture looks like, in 256 bits.
#pragma once

#include <cstdint>

#include "core/luma_plane.h"
#include "semblance/hash256.h"

namespace semblance::hash {

/// Each bit says which of two places of the patch about x, y is the darker, the patch turned
/// upright by `turn` 256ths of a turn. The plane is smoothed already, by about two pixels; the
/// patch lies within kCornerMargin of its middle.
///
/// **Source:** Calonder, Lepetit, Strecha, Fua: BRIEF, binary robust independent elementary
/// features (ECCV 2010), turned and with chosen pairs as Rublee et al. have it (ICCV 2011).
Hash256 patch_bits(const LumaPlane& plane, int x, int y, std::uint8_t turn);

}  // namespace semblance::hash
