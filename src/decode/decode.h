// SPDX-License-Identifier: Apache-2.0
// From the bytes of a file to the rows of its picture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "decode/sniff.h"
#include "semblance/limits.h"
#include "semblance/result.h"

namespace semblance::decode {

/// What a decoder knows of a picture before its first row.
struct PictureInfo {
  // Pixels of the rows given: as stored, except that a HEIF file's own cropping, rotation and
  // mirroring are part of its picture.
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  int channels = 3;              // of the rows: 3: R, G, B interleaved; 1: gray
  std::uint8_t orientation = 0;  // EXIF 1..8; 0: none stated. Never applied
  bool animated = false;         // more than one frame: the rows are the first one's
  std::string decoder;           // library and version
};

/// Receives a picture, top to bottom.
class RowSink {
 public:
  virtual ~RowSink() = default;

  /// The sides that the file states, before they are checked against the limits: what is known of a
  /// picture that may not be decoded. At most once; a picture that is decoded states them in begin.
  virtual void sized(std::uint32_t /*width*/, std::uint32_t /*height*/) {}

  /// Called once, before any row, after the limits were checked.
  virtual void begin(const PictureInfo& info) = 0;

  /// `count` rows of `channels` 8-bit samples a pixel, `stride` bytes apart; valid during the call.
  virtual void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) = 0;
};

/// How decoding ended once pixels had been given.
struct DecodeEnd {
  bool partial = false;  // damaged or cut short: the rest of the rows is as the decoder left it
  Errc code = Errc::kDecode;  // kDecode or kTruncated, where partial
  std::string detail;         // the library's own words, where partial
};

/// Decodes the (first) picture of `bytes`, which sniffed as `format`, into `sink`.
///
/// Pixels are what the PDQ reference hashes: alpha dropped and not composited, palettes expanded,
/// 16 bits scaled to 8, CMYK converted to RGB, EXIF orientation and colour profiles ignored. The
/// sink gets exactly `height` rows, or none at all if this returns an error: kDecode, kTruncated,
/// kUnsupported, or kLimit.
///
/// Damage is reported where the library reports it. libheif 1.15 does not: it gives a picture whose
/// coded data is damaged as a whole one, with whatever its decoder concealed, so a HEIC or AVIF
/// that ends without `partial` was opened, not verified.
Result<DecodeEnd> decode_picture(std::span<const std::uint8_t> bytes, Format format,
                                 const Limits& limits, RowSink& sink);

/// Name and version of every decoding library, one a line, such as `libjpeg-turbo 2.1.5`.
std::string decoder_versions();

}  // namespace semblance::decode
