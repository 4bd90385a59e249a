// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: the plain borders around what a frame shows.
#pragma once

#include <cstdint>
#include <optional>

#include "core/luma_plane.h"

namespace semblance::hash {

/// What the borders of a frame enclose, in pixels of the frame.
struct Enclosed {
  std::uint32_t left = 0;
  std::uint32_t top = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  friend bool operator==(const Enclosed&, const Enclosed&) = default;
};

/// What a side must keep to be hashed without its borders, in pixels.
inline constexpr std::uint32_t kEnclosedLeast = 32;

/// The most that a border takes of a frame's side, in percent.
inline constexpr std::uint32_t kBorderMost = 45;

/// The least that a border of a video must take of a frame's side, in per mille.
inline constexpr std::uint32_t kBorderLeast = 10;

/// Finds the outermost layer of borders: rows at the top and bottom, columns at the left and right,
/// that are of one level over the whole frame but for the noise of coding. Nothing if there are
/// none, or if too little would remain.
///
/// One layer only, since what it encloses is the picture that somebody put a border around: that
/// picture may have plain edges of its own, and is hashed whole elsewhere. Depends on the frame
/// alone; integers throughout. A border takes at least `least` per mille of a side, and a line.
std::optional<Enclosed> find_borders(const LumaPlane& frame, std::uint32_t least = kBorderLeast);

}  // namespace semblance::hash
