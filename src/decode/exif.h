// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: the EXIF orientation, wherever a format keeps it.
#pragma once

#include <cstdint>
#include <span>

namespace semblance::decode {

/// The orientation, 1..8, that an EXIF block (a TIFF header and its directories) states in its
/// first directory; 0 if there is none or the block is damaged. An `Exif\0\0` before it is skipped.
///
/// Reads at most one directory, whatever its links say, and never outside `block`.
/// **Source:** CIPA DC-008 (Exif 2.32), 4.5 and 4.6.4.A, tag 0x0112.
std::uint8_t exif_orientation(std::span<const std::uint8_t> block) noexcept;

/// The same, of the first APP1 segment with EXIF before the picture data of a JPEG stream.
std::uint8_t jpeg_orientation(std::span<const std::uint8_t> stream) noexcept;

}  // namespace semblance::decode
