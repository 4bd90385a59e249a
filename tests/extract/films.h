// SPDX-License-Identifier: Apache-2.0
// Short films and sounds, made in memory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "datasets/encode_video.h"

namespace semblance::test {

/// A film of 160 x 120 with shots that move, and how it is coded.
struct Film {
  std::uint64_t number = 1;
  double seconds = 6;
  double border = 0;   // black on each side, of its length
  bool still = false;  // it shows its first frame throughout
  bool black = false;
  datasets::VideoCoding coding{};
};

/// The bytes of its file.
std::string film_of(const Film& film);

/// The MP4 with a picture in its tags, as music and recordings carry their covers.
std::string with_cover(std::string mp4, std::string_view picture);
std::string with_covers(std::string mp4, const std::vector<std::string>& pictures);

/// An MP3 of a moment of silence, with a picture in its ID3 tag unless that is empty.
std::string sound_with_picture(std::string_view picture);
std::string sound_with_pictures(const std::vector<std::string>& pictures);

/// The Matroska file with a video stream before its own, of the same coding and without packets.
std::string with_empty_stream_first(std::string matroska);

}  // namespace semblance::test
