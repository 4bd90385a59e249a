// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: how a file says that its picture is to be turned.
#pragma once

#include <cstddef>

#include "decode/av.h"

namespace semblance::decode {

/// Quarter turns and a reflection.
struct Turn {
  int quarters = 0;       // clockwise, 0..3
  bool mirrored = false;  // left and right exchanged, before it is turned

  /// Whether it exchanges width and height.
  bool lies_down() const noexcept { return quarters % 2 != 0; }

  friend bool operator==(const Turn&, const Turn&) = default;
};

/// What the stream's display matrix says in whole quarter turns; none where it has none, or says
/// other angles.
Turn turn_of(const AVStream& stream);

/// Degrees clockwise, 0..359, of its display matrix, a reflection left out; 0 where it has none.
int rotation_of(const AVStream& stream);

struct PixelPlace {
  std::size_t x, y;
};

/// Where a pixel of the turned picture stands in the picture as it was, of these sides.
PixelPlace source_of(PixelPlace turned, std::size_t width, std::size_t height, Turn turn) noexcept;

}  // namespace semblance::decode
