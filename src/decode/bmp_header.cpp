// SPDX-License-Identifier: Apache-2.0
#include "decode/bmp_header.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace semblance::decode {
namespace {

constexpr std::size_t kFileHeader = 14;
constexpr std::size_t kMasksOffset = 54;  // behind 40 bytes of header, or inside a longer one
constexpr std::uint32_t kCore = 12, kInfo = 40, kOs2 = 64;

std::uint32_t little_endian(Bytes bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count && at + i < bytes.size(); ++i) {
    value |= std::uint32_t{bytes[at + i]} << (8 * i);
  }
  return value;
}

void read_sides(Bytes bytes, std::uint32_t dib, BmpHeader& header) {
  if (dib == kCore) {
    header.width = little_endian(bytes, 18, 2);
    header.height = little_endian(bytes, 20, 2);
    header.bits = little_endian(bytes, 24, 2);
    return;
  }
  header.width = little_endian(bytes, 18, 4);
  const std::uint32_t height = little_endian(bytes, 22, 4);
  header.top_down = height > 0x7FFFFFFFu;  // a negative number
  header.height = header.top_down ? std::uint64_t{0x100000000u} - height : height;
  header.bits = little_endian(bytes, 28, 2);
}

/// The headers behind the first 16 bytes are optional, one field after the other.
void read_coding(Bytes bytes, std::uint32_t dib, BmpHeader& header) {
  constexpr std::uint32_t kRgb = 0, kRle8 = 1, kRle4 = 2, kBitfields = 3, kAlphaBitfields = 6;
  if (dib >= 20) header.compression = little_endian(bytes, 30, 4);
  if (dib >= 24) header.data_bytes = little_endian(bytes, 34, 4);
  header.masks = header.bits == 16 ? std::array<std::uint32_t, 3>{0x7C00, 0x03E0, 0x001F}
                                   : std::array<std::uint32_t, 3>{0xFF0000, 0x00FF00, 0x0000FF};
  const bool fields = header.compression == kBitfields || header.compression == kAlphaBitfields;
  if (header.compression == kRle8 || header.compression == kRle4) {
    header.coding = BmpHeader::Coding::kRunLengths;
  } else if (fields && dib >= kInfo && dib != kOs2) {  // OS/2: Huffman codes
    for (std::size_t i = 0; i < 3; ++i) {
      header.masks[i] = little_endian(bytes, kMasksOffset + 4 * i, 4);
    }
  } else if (header.compression != kRgb) {
    header.coding = BmpHeader::Coding::kOther;
  }
}

void read_palette(Bytes bytes, std::uint32_t dib, BmpHeader& header) {
  if (header.bits > 8) return;
  const std::size_t entry = dib == kCore ? 3 : 4;
  const std::size_t begin = kFileHeader + dib;
  std::size_t end = bytes.size();
  if (header.data_offset > begin) end = std::min<std::uint64_t>(end, header.data_offset);
  std::size_t count = std::size_t{1} << header.bits;
  header.palette.resize(count);
  if (dib >= 36) {
    const std::uint32_t used = little_endian(bytes, 46, 4);
    if (used > 0) count = std::min<std::size_t>(count, used);
  }
  for (std::size_t i = 0; i < count && begin + (i + 1) * entry <= end; ++i) {
    const std::uint8_t* blue = bytes.data() + begin + i * entry;
    header.palette[i] = {blue[2], blue[1], blue[0]};
  }
}

}  // namespace

Result<BmpHeader> read_bmp_header(Bytes bytes) {
  constexpr std::size_t kShortest = kFileHeader + kCore;
  if (bytes.size() < kShortest) return decode_error(Errc::kTruncated, "bmp", "no whole header");
  const std::uint32_t dib = little_endian(bytes, 14, 4);
  if (bytes.size() - kFileHeader < dib) {
    return decode_error(Errc::kTruncated, "bmp", "no whole header");
  }
  if (dib != kCore && dib < 16) return decode_error(Errc::kDecode, "bmp", "header too short");
  BmpHeader header;
  header.data_offset = little_endian(bytes, 10, 4);
  read_sides(bytes, dib, header);
  if (dib != kCore) read_coding(bytes, dib, header);
  switch (header.bits) {
    case 1:
    case 2:
    case 4:
    case 8:
    case 16:
    case 24:
    case 32:
      break;
    default:
      return decode_error(header.bits == 0 ? Errc::kUnsupported : Errc::kDecode, "bmp",
                          std::to_string(header.bits) + " bits a pixel");
  }
  if (header.masks[0] == 0 && header.masks[1] == 0 && header.masks[2] == 0 && header.bits > 8 &&
      header.bits != 24) {
    return decode_error(Errc::kDecode, "bmp", "no colour masks");
  }
  read_palette(bytes, dib, header);
  return header;
}

}  // namespace semblance::decode
