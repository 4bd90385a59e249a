// SPDX-License-Identifier: Apache-2.0
// PDQ from the low luma frequencies of a JPEG: the matched path.
#pragma once

#include <cstdint>
#include <optional>

#include "core/luma_blocks.h"
#include "semblance/signal.h"

namespace semblance::hash {

/// How many orders of each block the matched path needs for a picture of that size, so that its
/// hash stays within the errors of README.md in this folder; 0 where only every pixel will do.
int orders_needed(std::uint32_t width, std::uint32_t height) noexcept;

/// The PDQ of a picture in profile `full`, of precision `fast`: a few bits from the exact one.
///
/// Nothing where the picture has so little structure that a small error could turn many bits, or
/// too much of a progressive file's values is not read: such a picture is to be hashed exactly.
/// Depends on the values alone: the same bits on every CPU. `blocks.orders` is at least 1; each
/// side of the picture at least kFewestBlocks blocks of block_reducer.h and at most kMaxSide
/// pixels.
std::optional<PdqSignal> hash_blocks(const LumaBlocks& blocks);

}  // namespace semblance::hash
