// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: the first coefficients of the luma blocks of a sequential scan.
#pragma once

#include <cstdint>
#include <span>

#include "core/luma_blocks.h"
#include "decode/jpeg/entropy_bits.h"
#include "decode/jpeg/frame.h"
#include "decode/jpeg/mcu_codes.h"

namespace semblance::decode::jpeg {

/// Reads out.orders orders of the blocks that start at `starts`, as BlockWalk found them in `scan`,
/// of which luma is the first part. Fills the values of `out`, whose sizes are set and which are
/// zeros. False where a value is such as no samples of 8 bits have: a decoder may clip or wrap what
/// follows from it.
bool read_low_coefficients(const EntropyBits& bits, const McuCodes& codes, const Frame& frame,
                           const Scan& scan, std::span<const std::uint32_t> starts,
                           LumaBlocks& out);

}  // namespace semblance::decode::jpeg
