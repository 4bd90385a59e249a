// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: the picture that the low frequencies of a JPEG tell of.
#pragma once

#include <cstdint>

#include "core/luma_blocks.h"
#include "core/raster.h"

namespace semblance::hash {

/// How many samples along a side of a block are told by so many orders: 1, 2, 4 or 4.
std::uint32_t samples_of_block(int orders) noexcept;

/// The luma of all blocks, samples_of_block a side each: the means of the pixels that a sample
/// covers, of the kept frequencies, to the nearest of 256. The same values on every CPU.
Raster sample_blocks(const LumaBlocks& blocks);

}  // namespace semblance::hash
