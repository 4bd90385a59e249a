// SPDX-License-Identifier: Apache-2.0
// Invented pictures of little detail, whose perceptual hashes crowd together.
#pragma once

#include <cstdint>
#include <vector>

namespace semblance::datasets {

/// How much stands on a graphic.
struct GraphicOptions {
  std::uint32_t fewest_boxes = 1;  // the fewer, the more alike the hashes
  std::uint32_t most_boxes = 4;    // at least fewest_boxes
};

/// Draws graphic `number` of a family: side x side samples of luma, row-major; side 16 or more.
///
/// Half are pages of text with a figure for every four boxes; the rest are boxes on a gradient,
/// screens with bars and panels, and letterboxed boxes, in equal parts: what a scan meets as
/// documents, screenshots and title cards. All are made of axis-parallel boxes, without texture or
/// noise; a line of text is a bar of gray, as the hash sees it. A scene of scene.h spreads its
/// energy over all coefficients of the hash, a graphic over few, so that the bits of its hash
/// depend on each other. The result depends on the arguments alone and has the same bytes on every
/// machine.
std::vector<std::uint8_t> draw_graphic(std::uint64_t seed, std::uint64_t number, std::uint32_t side,
                                       const GraphicOptions& options = {});

}  // namespace semblance::datasets
