// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: what the headers of a BMP file say.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "decode/picture.h"

namespace semblance::decode {

/// The headers of a BMP file, checked only as far as reading them needs.
/// **Source:** Microsoft, BITMAPFILEHEADER, BITMAPCOREHEADER, BITMAPINFOHEADER, BITMAPV5HEADER;
/// OS/2 2.0, BITMAPINFOHEADER2.
struct BmpHeader {
  enum class Coding { kPlain, kRunLengths, kOther };

  std::uint64_t data_offset = 0;
  std::uint64_t data_bytes = 0;  // as the file says; 0 if it does not
  std::uint64_t width = 0;
  std::uint64_t height = 0;
  bool top_down = false;
  unsigned bits = 0;  // a pixel
  Coding coding = Coding::kPlain;
  std::uint32_t compression = 0;         // the file's own number
  std::array<std::uint32_t, 3> masks{};  // red, green, blue; 16 and 32 bits
  std::vector<std::array<std::uint8_t, 3>>
      palette;  // 2^bits colours up to 8 bits, absent ones black

  std::uint64_t row_bytes() const noexcept { return (width * bits + 7) / 8; }
  std::uint64_t stride() const noexcept { return (width * bits + 31) / 32 * 4; }
};

/// Reads the headers and the palette. kTruncated if they are not all there, kUnsupported for
/// depths that BMP does not know.
Result<BmpHeader> read_bmp_header(Bytes bytes);

/// Decodes a BMP of run lengths.
Result<DecodeEnd> decode_bmp_runs(Bytes bytes, const BmpHeader& header, const Limits& limits,
                                  RowSink& sink);

}  // namespace semblance::decode
