// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: PDQ's filter and sampling, from the frequencies of a JPEG's blocks.
#pragma once

#include <span>

#include "core/luma_blocks.h"
#include "hash/reducer.h"

namespace semblance::hash {

/// The 64 x 64 float32 luma that PDQ hashes, row-major, as far as the kept frequencies tell it.
///
/// The filter of profile `full`, at the picture's own coordinates, is applied to the picture that
/// README.md in this folder makes of the frequencies. Both sides of the picture are at least
/// kFewestBlocks blocks. The same values on every CPU.
void reduce_blocks(const LumaBlocks& blocks, std::span<float, kReducedPixels> luma);

/// The fewest blocks along a side that reduce_blocks takes.
inline constexpr std::uint32_t kFewestBlocks = 5;

}  // namespace semblance::hash
