// SPDX-License-Identifier: Apache-2.0
// Private to src/match: maps of one plane to another.
#pragma once

#include <array>
#include <optional>
#include <span>

namespace semblance::match {

/// A place of a picture, in pixels from its upper left corner.
struct Place {
  double x = 0;
  double y = 0;
};

/// A place and where it is in another picture; `weight` says how much its error counts.
struct PlacePair {
  Place from;
  Place to;
  double weight = 1;
};

/// x' = (m0 x + m1 y + m2) / w, y' = (m3 x + m4 y + m5) / w, w = m6 x + m7 y + 1.
struct PlaneMap {
  std::array<double, 8> m{1, 0, 0, 0, 1, 0, 0, 0};

  double depth(Place p) const noexcept { return m[6] * p.x + m[7] * p.y + 1; }
  Place operator()(Place p) const noexcept {
    const double w = depth(p);
    return {(m[0] * p.x + m[1] * p.y + m[2]) / w, (m[3] * p.x + m[4] * p.y + m[5]) / w};
  }
};

/// How a map stretches the plane about a place: by the longest and the shortest factor. Both 0
/// where it turns the plane over.
struct Stretch {
  double longest = 0;
  double shortest = 0;
};
Stretch stretch(const PlaneMap& map, Place at) noexcept;

/// The map that multiplies by `size`, turns what points to the right to `heading`, which is of
/// length 1, and brings `from` to `to`.
PlaneMap similarity(Place from, Place to, double size, Place heading) noexcept;

/// The affine map of least weighted squares; none for fewer than three pairs, or pairs on a line.
std::optional<PlaneMap> fit_affine(std::span<const PlacePair> pairs);

/// The projective map of least algebraic error; none for fewer than four pairs, or where they do
/// not fix one.
std::optional<PlaneMap> fit_projective(std::span<const PlacePair> pairs);

/// The map that undoes another; none where it has no inverse.
std::optional<PlaneMap> inverse(const PlaneMap& map) noexcept;

}  // namespace semblance::match
