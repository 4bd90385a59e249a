// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: the low luma frequencies of a progressive file, from the scans that carry
// them.
#pragma once

#include "core/luma_blocks.h"
#include "decode/jpeg/frame.h"

namespace semblance::decode::jpeg {

/// Whether the scans of a progressive frame follow one another as they must, and leave no bit of
/// any coefficient out: each coefficient first, then bit by bit, a block's mean before the rest.
/// **Source:** ITU-T T.81, G.1.1.1.
bool is_complete_progression(const Frame& frame) noexcept;

/// Reads the luma of a progressive frame whose progression is complete into `luma`, which is of the
/// frame's size and all zeros.
///
/// The means come whole, from their scan and all that refine it. Of the other coefficients only the
/// first scan of each is read: the bits that later scans would add are 0. Of the scans that are not
/// read the restart markers are counted, and that is all: damage to their codes goes unseen. False
/// where one that is read is anything but plainly right.
bool read_progressive(const Frame& frame, LumaBlocks& luma);

}  // namespace semblance::decode::jpeg
