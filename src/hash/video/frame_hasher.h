// SPDX-License-Identifier: Apache-2.0
// The PDQ hashes of a video frame: of all of it, and of what its borders enclose.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "core/luma_plane.h"
#include "semblance/signal.h"

namespace semblance::hash {

/// What of a frame was hashed: quality and eight hashes each, in profile `full`.
struct FrameHashes {
  PdqSignal whole;
  std::optional<PdqSignal> trimmed;  // where plain borders enclose less than the whole

  friend bool operator==(const FrameHashes&, const FrameHashes&) = default;
};

/// Hashes frames one after another, keeping what does not change from one to the next: frames of a
/// video have one size. The result depends on the frame alone. Not safe for concurrent calls.
class FrameHasher {
 public:
  FrameHasher();
  ~FrameHasher();
  FrameHasher(FrameHasher&&) noexcept;
  FrameHasher& operator=(FrameHasher&&) noexcept;

  /// Whole and trimmed. Limited range is stretched to 0..255 before the quality is taken; the
  /// hashes are the same either way. Sides 1 to kMaxSide.
  FrameHashes hash(const LumaPlane& frame);

  /// The whole alone.
  PdqSignal hash_whole(const LumaPlane& frame);

  /// The whole, of the R, G, B that libswscale makes of it at its own size: what vPDQ hashes, to
  /// the bit, at half the cost, since no pixel of it is written down. Nothing for a size that this
  /// does not serve (odd sides, a side over 2048, none over 128): then take the RGB.
  std::optional<PdqSignal> hash_as_rgb(const YuvPlanes& frame);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace semblance::hash
