// SPDX-License-Identifier: Apache-2.0
// Folders of generated films: known ones, others that show a clip of them, and unrelated ones.
#pragma once

#include <cstdint>
#include <string>

#include "datasets/library.h"
#include "semblance/result.h"

namespace semblance::datasets {

/// What a library of films holds.
struct FilmLibraryOptions {
  std::uint64_t seed = 1;
  std::uint32_t films = 4;      // known ones
  std::uint32_t clips = 2;      // of each, each in a film of its own
  std::uint32_t unrelated = 4;  // films that show none of them
  double seconds = 20;          // length of a known film, 2 and more
  double clip_seconds = 10;     // of known footage in a clip; at most `seconds`
  std::uint32_t width = 480;    // pixels of the known films, even
  std::uint32_t height = 360;
  bool force = false;  // write into a folder that is not empty
};

/// Writes `known/`, `clips/`, `stills/`, `unrelated/`, `truth.csv` and `stills.csv` into `folder`.
///
/// A clip is a part of a known film, brought to 50 to 100 % of its size, with a black border of 5 %
/// on all sides, between two parts of an unrelated film, and all of that encoded once more: H.264,
/// CRF 23 to 32, 24 to 30 frames a second, with and without key frames where scenes change. Names
/// of clips and unrelated films say nothing. truth.csv has the columns `clip`, `known`,
/// `clip_start`, `clip_end`, `known_start`, `known_end`, `alteration`; times in seconds, paths
/// relative to `folder`. `alteration` takes turns: `bordered` as above; `plain`, without the
/// border; `faster`, at 1.25 times the speed; `mirrored`. Errc::kExists as prepare_folder, kIo if
/// writing fails, kUnsupported if this machine has no H.264 encoder.
Status write_film_library(const std::string& folder, const FilmLibraryOptions& options,
                          const Progress& progress);

}  // namespace semblance::datasets
