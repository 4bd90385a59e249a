// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: a picture from its bytes to its PDQ signals.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decode/sniff.h"
#include "semblance/extract.h"

namespace semblance::extract {

/// Decodes and hashes the (first) picture of `bytes`, which sniffed as `format`, by the plan's
/// profiles and precision. Adds to `facts` what the decoder says of it. Throws std::bad_alloc.
Ending hash_picture(std::span<const std::uint8_t> bytes, decode::Format format, const Plan& plan,
                    const Limits& limits, Facts& facts, std::vector<PdqSignal>& signals);

/// The same of the first `bytes` bytes of an open file, which are mapped for it; they must be no
/// more than kMaxPictureFileBytes. Memory that does not suffice is the ending over_limit.
Ending hash_picture_file(int descriptor, std::uint64_t bytes, decode::Format format,
                         const Plan& plan, const Limits& limits, Facts& facts,
                         std::vector<PdqSignal>& signals);

}  // namespace semblance::extract
