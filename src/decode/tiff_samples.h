// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: samples as TIFF has them, to 8-bit gray or RGB.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace semblance::decode {

/// What the first samples of a pixel mean.
enum class TiffColour { kGray, kInvertedGray, kPalette, kRgb, kCmyk };

/// How a sample is written.
enum class TiffNumber { kUnsigned, kSigned, kFloat };

/// How the rows of a strip or tile are laid out.
struct TiffRows {
  TiffColour colour = TiffColour::kGray;
  TiffNumber number = TiffNumber::kUnsigned;
  unsigned bits = 8;        // a sample: 1..16, or 32; floats: 32
  unsigned samples = 1;     // a pixel, in one plane: 1 where planes are separate
  unsigned planes = 1;      // that hold a picture's rows: 1, or as many as used_samples()
  bool multiplied = false;  // alpha follows the colour, which was multiplied by it
  std::vector<std::array<std::uint8_t, 3>> palette;  // 2^bits colours, for kPalette

  /// Of the rows made: 3 or 1.
  int channels() const noexcept;

  /// Samples of a pixel that make its colour; others (alpha, extra) are dropped.
  unsigned colour_samples() const noexcept;

  /// The same, and the alpha that a multiplied colour must be divided by.
  unsigned used_samples() const noexcept { return colour_samples() + (multiplied ? 1 : 0); }
};

/// Makes `pixels` pixels of 8-bit gray or RGB of one row.
///
/// Signed numbers of more than 8 bits are shifted to begin at 0, floats are taken as 0 (black) to 1
/// (white). Colour that was multiplied by alpha is divided by it, as Pillow and ImageMagick do;
/// where alpha is 0 it stays. `sources` holds `rows.planes` rows, each of at least ceil(pixels *
/// samples * bits / 8) bytes; 16- and 32-bit samples are in this machine's byte order, any
/// alignment.
void convert_tiff_row(const TiffRows& rows, const std::array<const std::uint8_t*, 4>& sources,
                      std::size_t pixels, std::uint8_t* out);

}  // namespace semblance::decode
