// SPDX-License-Identifier: Apache-2.0
// Folders of generated pictures: a library with altered copies and its truth, or bare pictures.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "semblance/result.h"

namespace semblance::datasets {

/// Called with the number of files written so far and in all; may be empty.
using Progress = std::function<void(std::uint32_t done, std::uint32_t total)>;

/// What a library holds.
struct LibraryOptions {
  std::uint64_t seed = 1;
  std::uint32_t originals = 12;
  std::uint32_t copies = 8;  // of each original; 0: one for every alteration
  std::uint32_t unrelated = 12;
  std::uint32_t width = 640;  // pixels of the originals
  std::uint32_t height = 480;
  bool force = false;  // write into a folder that is not empty
};

/// Writes `originals/`, `copies/`, `unrelated/` and `truth.csv` into `folder`.
///
/// Copies and unrelated pictures have names that say nothing. truth.csv has the columns `copy`,
/// `original`, `alteration` and `within_reach` (true or false), paths relative to `folder`; each
/// original also has one copy that is the same file, byte for byte (`identical`). Where fewer
/// copies than alterations are asked for, originals take turns in the catalogue, so that all of it
/// is used. Of originals under kMeasuredSide only the identical copies are declared within reach.
/// Errc::kExists as prepare_folder, kIo if writing fails.
Status write_library(const std::string& folder, const LibraryOptions& options,
                     const Progress& progress);

/// What a folder of bare pictures holds.
struct PicturesOptions {
  std::uint64_t seed = 1;
  std::uint32_t count = 2000;
  double megapixels = 0.5;  // of each, sides 4 : 3
  int quality = 85;         // of baseline JPEG, 4:2:0
  bool force = false;
};

/// Writes `count` JPEGs into `folder`, named by their number.
Status write_pictures(const std::string& folder, const PicturesOptions& options,
                      const Progress& progress);

}  // namespace semblance::datasets
