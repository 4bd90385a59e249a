// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: the low luma frequencies of a sequential file.
#pragma once

#include "core/luma_blocks.h"
#include "decode/jpeg/frame.h"

namespace semblance::decode::jpeg {

/// Reads the luma of a sequential frame into `luma`, which is of the frame's size. Every block of
/// every component is walked past. False where anything is not plainly right.
bool read_sequential(const Frame& frame, LumaBlocks& luma);

}  // namespace semblance::decode::jpeg
