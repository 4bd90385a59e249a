// SPDX-License-Identifier: Apache-2.0
// Known footage inside other footage: a clip of one film, altered, cut into another.
#pragma once

#include <cstdint>

#include "datasets/encode_video.h"
#include "datasets/film.h"
#include "datasets/picture.h"
#include "datasets/random.h"
#include "semblance/result.h"
#include "semblance/signal.h"

namespace semblance::datasets {

/// Which part of which film is shown where, and what was done to it.
struct ClipPlan {
  FilmPlan known;          // that the clip is of, at the size it is known in
  double known_start = 0;  // of the clip, seconds of the known film
  double known_seconds = 10;
  double speed = 1;                        // seconds of the known film that a second shows
  Transform transform = Transform::kNone;  // that a symmetry of the picture was made by
  double border = 0;       // black on each side, of the shown frame's width and height; below 0.5
  FilmPlan host;           // that the clip is cut into, drawn at the size of the whole
  double host_before = 5;  // seconds of it before the clip; the rest of it comes after

  /// When the clip begins and ends, in seconds of the whole, and how long that is.
  double start() const noexcept { return host_before; }
  double end() const noexcept { return host_before + known_seconds / speed; }
  double seconds() const noexcept { return host.seconds + known_seconds / speed; }
};

/// How somebody encodes who posts a video again: H.264, CRF 23 to 32, 24 to 30 frames a second, 50
/// to 250 frames from one key frame to the next, with and without key frames at cuts.
VideoCoding reposted(Random& random);

/// Draws and encodes the whole, frame by frame at the rate of `coding`. Fails as encode_video does.
Result<std::string> encode_clip(const ClipPlan& plan, const VideoCoding& coding);

/// Draws and encodes a film alone. Fails as encode_video does.
Result<std::string> encode_film(const FilmPlan& plan, const VideoCoding& coding);

/// The picture brought to width x height with a black border of `border` of each side's length.
Picture bordered(const Picture& picture, double border, std::uint32_t width, std::uint32_t height);

}  // namespace semblance::datasets
