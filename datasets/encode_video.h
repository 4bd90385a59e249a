// SPDX-License-Identifier: Apache-2.0
// From pictures to the bytes of a video file.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "datasets/picture.h"
#include "semblance/result.h"

namespace semblance::datasets {

/// Everything that decides the bytes of a video besides its pictures and the libraries' versions.
struct VideoCoding {
  std::string container = "mp4";  // libavformat's word: `mp4 mov matroska webm avi mpegts gif ...`
  std::string codec = "libx264";  // libavcodec's encoder: `libx264 mpeg4 mjpeg libvpx ffv1 gif ...`
  std::string pixel_format = "yuv420p";  // or the nearest one that the encoder takes
  std::uint32_t frame_rate_num = 25;     // frames a second
  std::uint32_t frame_rate_den = 1;
  int quality = 23;  // libx264, libvpx: CRF; others: the scale that they know by `qscale`
  std::string preset = "veryfast";  // libx264: how much it searches
  int key_interval = 250;           // the most frames from one key frame to the next
  bool scene_cuts = true;           // libx264: a key frame where the picture changes all at once
  int b_frames = 2;
  int rotation = 0;                 // degrees clockwise, written for players to apply
  bool silent_audio_first = false;  // a silent stream 0, so that the video is stream 1
  // Time stamps, in milliseconds of each frame; absent: by the frame rate.
  std::function<std::int64_t(std::uint32_t frame)> time_ms{};
};

/// Gives the pictures of a video one by one, from 0; nothing after the last. All are of one size.
using PictureSource = std::function<std::optional<Picture>(std::uint32_t index)>;

/// Encodes the pictures, with one thread, so that the same pictures give the same bytes.
///
/// Errc::kBadArgument if there is no picture or one is of another size, kUnsupported with the
/// library's own words if it has no such encoder or container, or refuses.
Result<std::string> encode_video(const PictureSource& pictures, const VideoCoding& coding);

}  // namespace semblance::datasets
