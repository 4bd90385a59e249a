// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: one item from its bytes to facts, signals and how it ended.
#pragma once

#include <cstdint>

#include "extract/embedders.h"
#include "semblance/extract.h"

namespace semblance::extract {

/// Sniffs, decodes and hashes the first `bytes` bytes of the item open at `descriptor`, which are
/// all of it, in this process. Opens nothing and asks the system nothing about the file.
///
/// Gives facts, then signals, to `sink`, and returns the ending when everything it used has been
/// freed; `sink` gets neither digests nor the end. Where the plan asks for nothing that a picture
/// or a video has, nothing is decoded: the facts are then the kind and the format alone. Digests of
/// the plan are not looked at; its embedders are those of `embedders`.
Ending extract_item(int descriptor, std::uint64_t bytes, const Plan& plan, const Limits& limits,
                    Embedders& embedders, ExtractSink& sink);

}  // namespace semblance::extract
