// SPDX-License-Identifier: Apache-2.0
// A picture's luma in an integral image, from which any rectangle of it is hashed in microseconds.
#pragma once

#include <cstdint>
#include <memory>

#include "core/luma_blocks.h"
#include "core/luma_plane.h"
#include "core/raster.h"
#include "semblance/probe.h"

namespace semblance::hash {

/// A rectangle of a plane, in 1/256 of its samples.
struct PlaneArea {
  static constexpr std::uint32_t kUnit = 256;

  std::uint32_t left = 0;
  std::uint32_t top = 0;
  std::uint32_t right = 0;
  std::uint32_t bottom = 0;

  std::uint32_t width() const noexcept { return right - left; }
  std::uint32_t height() const noexcept { return bottom - top; }

  friend bool operator==(const PlaneArea&, const PlaneArea&) = default;
};

/// The luma of a picture and its integral image. Immutable.
class ProbePlane {
 public:
  /// Of a decoded picture of at most kRasterSide; R, G, B are weighed as PDQ weighs them.
  explicit ProbePlane(const Raster& picture);

  /// Of the low frequencies of a JPEG. `blocks.orders` is at least 1; the more there are, the
  /// nearer its hashes are to those of the decoded picture.
  explicit ProbePlane(const LumaBlocks& blocks);

  /// Whether it is of a JPEG's low frequencies.
  bool is_of_blocks() const noexcept { return orders_ > 0; }

  /// The luma, valid while this lives: what of it the picture covers whole.
  LumaPlane luma() const noexcept;

  /// Where the picture lies on the plane: from 0, 0. The blocks of a JPEG may reach further.
  const PlaneArea& picture() const noexcept { return picture_; }

  /// The place of a window, and the window that is nearest to a place.
  PlaneArea area_of(const Window& window) const noexcept;
  Window window_of(const PlaneArea& area) const noexcept;

  /// The PDQ of a part of the picture, in profile `full`; quality and eight hashes; of a part of
  /// less than one sample, zeros. Depends on the plane alone: the same bits on every CPU.
  /// `precision` is fast where the plane is of a JPEG's low frequencies.
  PdqSignal hash(const Window& window) const;

 private:
  void take(Raster luma);

  Raster luma_;
  PlaneArea picture_;
  std::uint8_t orders_ = 0;
  // (height + 1) x (width + 1): of all above and left of it.
  std::shared_ptr<const std::uint32_t[]> sums_;
};

}  // namespace semblance::hash
