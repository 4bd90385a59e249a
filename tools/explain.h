// SPDX-License-Identifier: Apache-2.0
// A drawing of why two pictures match: the query, and beside it where that is in the entry.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "semblance/extract.h"
#include "semblance/match.h"

namespace semblance::tool {

/// The longer side, in pixels, at which each picture is drawn at most, and to which the query is
/// brought for it.
inline constexpr std::uint16_t kDrawnSide = kMaxThumbnailSide;

/// The longer side of what is known of the entry when it is drawn: so little that whoever has to
/// look at the drawing sees patches of colour, and nothing of what it shows.
inline constexpr std::uint16_t kBlurredSide = 12;

/// An entry of a shorter longer side than this is drawn in its mean colour alone: kBlurredSide
/// samples would say too much of it.
inline constexpr std::uint32_t kLeastBlurredSide = 12 * kBlurredSide;

/// A picture in R, G, B, interleaved, rows top to bottom.
struct Drawing {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<std::uint8_t> samples;
};

/// The entry as it is drawn.
struct BlurredEntry {
  Thumbnail thumbnail;      // of at most kBlurredSide; of a larger one nothing is drawn but gray
  std::uint32_t width = 0;  // pixels, of the picture itself
  std::uint32_t height = 0;
};

/// Draws the query at the left and the blurred entry at the right, each at kDrawnSide at most.
///
/// On both, the region that `matches` say by local features is outlined in white, with a mark at
/// the corner that is the upper left one of the entry's region; and what of the picture the hashes
/// that match are of, the whole or a part, in yellow. Without a match nothing is outlined. None of
/// the pictures may be empty.
Drawing explain(const Thumbnail& query, const BlurredEntry& entry, std::span<const Match> matches);

}  // namespace semblance::tool
