// SPDX-License-Identifier: Apache-2.0
// The bounds on what one input may cost. On by default; raising one is explicit.
#pragma once

#include <cstdint>

namespace semblance {

/// The longest side of a picture in pixels, fixed: up to it PDQ's integer arithmetic is exact, and
/// one row is small beside any other bound.
inline constexpr std::uint32_t kMaxSide = 65'536;

/// A picture of at most this many decoded bytes (width x height x 3) may be as small a file as it
/// likes: flat pictures compress without end, and cost next to nothing. 64 MiB.
inline constexpr std::uint64_t kFreeDecodedBytes = std::uint64_t{1} << 26;

/// The largest file that is read as a picture: above what any picture within the other limits
/// needs, and small enough to lie in a worker's bounded address space. 2 GiB.
inline constexpr std::uint64_t kMaxPictureFileBytes = std::uint64_t{1} << 31;

/// The most that one input may cost. Crossing any is the outcome `over_limit` or `timed_out`
/// of that input alone.
///
/// A video is bound by max_bytes, max_video_pixels a frame, and its time: it is decoded frame by
/// frame, and a still of an hour may be as small a file as it likes.
struct Limits {
  std::uint64_t max_bytes = std::uint64_t{1} << 34;   // of the file; 16 GiB
  std::uint64_t max_pixels = std::uint64_t{1} << 28;  // width x height of a picture; 268 MP
  std::uint64_t max_ratio = 10'000;  // decoded bytes per byte of file, above kFreeDecodedBytes
  std::uint64_t max_picture_bytes = std::uint64_t{1} << 30;  // decoded, held at once; 1 GiB
  // Wall clock an item may take; and what a video, or a picture that moves, may, whose frames up to
  // there count.
  std::uint32_t max_seconds = 60;
  std::uint32_t max_video_seconds = 1800;
  std::uint64_t max_video_pixels = std::uint64_t{1} << 25;  // width x height of a frame; 33 MP: 8K

  friend bool operator==(const Limits&, const Limits&) = default;
};

}  // namespace semblance
