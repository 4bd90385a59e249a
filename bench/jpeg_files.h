// SPDX-License-Identifier: Apache-2.0
// Private to bench: JPEG files of one size to measure with, and whether the fast path may be timed
// on them: only what gives the right answer is.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/luma_blocks.h"
#include "hash/reducer.h"
#include "semblance/result.h"
#include "semblance/signal.h"

namespace semblance::bench {

/// One file, and what each stage of the fast path hands to the next.
struct JpegFile {
  std::string path;
  std::vector<std::uint8_t> bytes;
  double megapixels = 0.0;
  int orders = 0;     // that its size asks for; 0: only every pixel will do
  LumaBlocks blocks;  // of that many orders
  std::array<float, hash::kReducedPixels> luma{};  // what they are reduced to
  int distance = 0;                                // of the fast hash from the exact one, bits
};

/// Files that are measured together.
struct JpegFiles {
  std::string name;
  double class_megapixels = 0.0;  // 0: a folder of any sizes
  bool progressive = false;
  std::vector<JpegFile> files;
  std::size_t left_out = 0;  // of a folder: those that take the exact path
};

/// How files are generated.
struct JpegMake {
  double megapixels = 1.0;
  int quality = 85;
  bool progressive = false;
  int count = 8;
};

/// Draws and encodes scenes, 4:2:0, sides 4 : 3, into a new folder below `folder`.
Result<JpegFiles> make_jpeg_files(const std::string& folder, const JpegMake& make);

/// The JPEG files of a folder, by name.
Result<JpegFiles> list_jpeg_files(const std::string& folder);

/// The signal of the fast path, or of every pixel; Errc::kDecode where there is none.
Result<PdqSignal> fast_signal(const std::vector<std::uint8_t>& bytes);
Result<PdqSignal> exact_signal(const std::vector<std::uint8_t>& bytes);

/// Reads every file, and compares: its coefficients with libjpeg-turbo's, which must be equal, and
/// its fast hash with the exact one, which must be within `max_distance`. Errc::kMismatch says of
/// which file not. Files that take the exact path are left out; Errc::kNotFound if none remains.
Status check_jpeg_files(JpegFiles& files, int max_distance);

}  // namespace semblance::bench
