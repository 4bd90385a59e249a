// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: rectangles of a picture that may be pictures of their own.
#pragma once

#include <cstdint>
#include <vector>

#include "hash/probes/probe_plane.h"

namespace semblance::hash {

/// The most panels that are proposed.
inline constexpr std::size_t kMaxPanels = 20;

/// The same of a plane of a JPEG's low frequencies, which are less sure of their order: what the
/// pixels put among the first must be among them.
inline constexpr std::size_t kMaxPanelsOfBlocks = 30;

/// The least side of a panel, in percent of the picture's.
inline constexpr std::uint32_t kPanelLeast = 11;

/// How many orders of each block a JPEG of that size needs, so that panels are found among its low
/// frequencies as they are among its pixels: on a plane of about the same size. 0 where only every
/// pixel will do.
int orders_for_panels(std::uint32_t width, std::uint32_t height) noexcept;

/// Rectangles between long straight edges, and between those and the sides of the picture: the
/// parts of a collage, a picture on a page or in a screenshot. The most likely first, at most
/// kMaxPanels, or kMaxPanelsOfBlocks; none is the whole. Nothing for a plane with a side under 64
/// samples. Depends on the plane alone; integers throughout.
std::vector<PlaneArea> find_panels(const ProbePlane& plane);

}  // namespace semblance::hash
