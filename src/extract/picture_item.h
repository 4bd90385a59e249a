// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: a picture from its bytes to its signals.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decode/sniff.h"
#include "extract/embedders.h"
#include "extract/picture_parts.h"
#include "semblance/extract.h"

namespace semblance::extract {

/// An item's file as it was handed over and sniffed: the first `bytes` bytes of it.
struct ItemFile {
  int descriptor = -1;
  std::uint64_t bytes = 0;
  decode::Format format = decode::Format::kUnknown;
};

/// Decodes the (first) picture of the file, which is mapped for it and must be no larger than
/// kMaxPictureFileBytes, and finds of it what the plan asks for of a picture. Adds to `facts` what
/// the decoder says of it.
///
/// What is found once it was decoded, beside its hashes, may fail: the item is then partial, with
/// what there is. Memory that does not suffice is the ending over_limit.
Ending extract_picture(const ItemFile& file, const Plan& plan, const Limits& limits,
                       Embedders& embedders, Facts& facts, PictureSignals& found);

/// Decodes and hashes exactly, in the plan's profiles and as a whole alone, a picture that another
/// file carries. Throws std::bad_alloc.
Ending hash_attached(std::span<const std::uint8_t> bytes, decode::Format format, const Plan& plan,
                     const Limits& limits, Facts& facts, std::vector<PdqSignal>& signals);

}  // namespace semblance::extract
