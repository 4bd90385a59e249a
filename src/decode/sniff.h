// SPDX-License-Identifier: Apache-2.0
// What a file is, from its first bytes; never from its name.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "semblance/extract.h"

namespace semblance::decode {

/// A file format we can name. Those up to kAvif are decoded; the rest is recognised, so that what
/// could not be looked at is told from what is no media.
enum class Format : std::uint8_t {
  kUnknown,
  kJpeg,
  kPng,
  kGif,
  kWebp,
  kBmp,
  kTiff,
  kHeic,
  kAvif,
  kJpeg2000,
  kJpegXl,
  kIco,
  kPsd,
  kSvg,
  kRaw,
  kExr,
  kQoi,
  kPnm,
  kOtherImage,
  kMp4,
  kMatroska,
  kAvi,
  kMpegTs,
  kMpegPs,
  kFlv,
  kAsf,
  kOggVideo,
  kOtherVideo,
  kAudio,
  kZip,
  kRar,
  kSevenZip,
  kTar,
  kGzip,
  kBzip2,
  kXz,
  kZstd,
  kPdf,
  kOle,
  kOtherContainer,
};

/// The format of a file that starts with `head` (its first 4 KiB, or all of it if shorter).
Format sniff(std::span<const std::uint8_t> head) noexcept;

/// Its word in records, such as `jpeg`; empty for kUnknown.
std::string_view name(Format format) noexcept;

/// What kind of media the format is.
MediaKind media_kind(Format format) noexcept;

/// Whether decode_picture handles it.
bool decodable(Format format) noexcept;

}  // namespace semblance::decode
