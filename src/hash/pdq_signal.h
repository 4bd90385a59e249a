// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: from 64 x 64 luma to quality and the eight hashes.
#pragma once

#include <span>

#include "hash/reducer.h"
#include "semblance/signal.h"

namespace semblance::hash {

/// Quality and hashes of a buffer of luma, 0..255, row-major. Pure.
/// **Source:** ThreatExchange pdq/cpp/hashing/pdqhashing.cpp.
PdqSignal make_signal(std::span<const float, kReducedPixels> luma, PdqProfile profile);

/// The same, and how many of the 256 coefficients lie within `tolerance` of their median, in the
/// transform where the most do: bits that a small error of the luma may turn.
PdqSignal make_signal(std::span<const float, kReducedPixels> luma, PdqProfile profile,
                      float tolerance, int& unsure_bits);

}  // namespace semblance::hash
