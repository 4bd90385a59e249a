// SPDX-License-Identifier: Apache-2.0
// From pixels to the bytes of a file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "datasets/picture.h"
#include "semblance/result.h"

namespace semblance::datasets {

enum class FileFormat : std::uint8_t { kJpeg, kPng, kWebp, kTiff, kBmp, kGif };

/// How a JPEG keeps its colour.
enum class JpegColour : std::uint8_t {
  k420,   // YCbCr, colour at half size in both directions
  k422,   // YCbCr, colour at half width
  k444,   // YCbCr, colour at full size
  kGray,  // luma alone
  kCmyk,  // four inks, inverted, as Adobe's programs write them
};

/// Everything that decides the bytes of a file besides its pixels and the library's version.
struct Encoding {
  FileFormat format = FileFormat::kJpeg;
  int quality = 85;                      // JPEG and WebP, 1..100
  JpegColour colour = JpegColour::k420;  // JPEG
  bool progressive = false;              // JPEG
  bool lossless = false;                 // WebP
};

/// Returns the usual suffix of the format's files, such as `.jpg`.
std::string_view suffix(FileFormat format) noexcept;

/// Encodes the picture: at least one pixel, no side over 16383.
///
/// GIF keeps 252 fixed colours, dithered in a fixed pattern; the other formats keep what their
/// options say. Errc::kBadArgument for a size that is out of range, kUnsupported with the library's
/// own words if it refuses.
Result<std::string> encode(const Picture& picture, const Encoding& encoding);

}  // namespace semblance::datasets
