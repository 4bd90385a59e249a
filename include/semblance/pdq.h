// SPDX-License-Identifier: Apache-2.0
// PDQ of a picture that is already in memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "semblance/result.h"
#include "semblance/signal.h"

namespace semblance {

/// A picture with a side under it, in pixels, has no hash: zeros, and quality 0.
inline constexpr std::uint32_t kPdqSmallestSide = 5;

/// Eight-bit pixels of a picture, not owned.
struct PictureView {
  const std::uint8_t* data = nullptr;  // first row; rows top to bottom
  std::uint32_t width = 0;             // pixels
  std::uint32_t height = 0;
  std::ptrdiff_t stride = 0;  // bytes from a row to the next
  int channels = 3;           // 3: R, G, B interleaved; 1: gray
};

/// Computes the PDQ hash, quality and the hashes of the eight transforms of `picture`.
///
/// A side under kPdqSmallestSide, after the resize of cli512, gives zero hashes and quality 0, as
/// the reference does. The same bytes give the same bits on every CPU. Errc::kBadArgument if there
/// is no pixel or `channels` is neither 1 nor 3; Errc::kLimit if a side exceeds kMaxSide of
/// limits.h.
/// **Source:** ThreatExchange pdq/cpp (hashing/pdqhashing.cpp); Facebook, "The TMK+PDQF
/// Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019.
Result<PdqSignal> pdq_hash(const PictureView& picture, PdqProfile profile = PdqProfile::kFull);

}  // namespace semblance
