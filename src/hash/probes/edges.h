// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: where exactly a straight edge of a picture lies.
#pragma once

#include <cstdint>

#include "core/luma_plane.h"

namespace semblance::hash {

/// Which way an edge runs.
enum class EdgeRun : std::uint8_t { kAcross, kDown };

/// On which side of an edge lies what it is an edge of.
enum class EdgeInside : std::uint8_t { kBefore, kBehind };

/// An edge about `at`, the number of the first row (kAcross) or column (kDown) behind it, over the
/// columns or rows from begin to end.
struct StraightEdge {
  EdgeRun run = EdgeRun::kAcross;
  EdgeInside inside = EdgeInside::kBehind;
  std::uint32_t at = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// The place of the edge, in 1/256 of a sample: after a resampling it lies between two, and a tenth
/// of a percent of a small picture matters. Of two edges, those of a narrow gap, it is the inner
/// one. Within `reach` (1..4) samples of `at`, or `at` itself where no edge stands out; at most
/// some hundred places along it are looked at.
std::uint32_t place_of(const LumaPlane& luma, const StraightEdge& edge, std::uint32_t reach);

}  // namespace semblance::hash
