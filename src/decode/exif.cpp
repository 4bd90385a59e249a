// SPDX-License-Identifier: Apache-2.0
#include "decode/exif.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace semblance::decode {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t kExifPrefix[6] = {'E', 'x', 'i', 'f', 0, 0};

bool starts_with_prefix(Bytes bytes) noexcept {
  return bytes.size() >= sizeof kExifPrefix &&
         std::memcmp(bytes.data(), kExifPrefix, sizeof kExifPrefix) == 0;
}

/// A TIFF block of known byte order; reads outside it give 0.
struct Block {
  Bytes bytes;
  bool big_endian = false;

  std::uint32_t at(std::size_t i) const noexcept { return i < bytes.size() ? bytes[i] : 0u; }
  std::uint32_t u16(std::size_t i) const noexcept {
    return big_endian ? at(i) << 8 | at(i + 1) : at(i + 1) << 8 | at(i);
  }
  std::uint32_t u32(std::size_t i) const noexcept {
    return big_endian ? u16(i) << 16 | u16(i + 2) : u16(i + 2) << 16 | u16(i);
  }
};

}  // namespace

std::uint8_t exif_orientation(Bytes block) noexcept {
  constexpr std::uint32_t kOrientation = 0x0112, kShort = 3, kLong = 4;
  constexpr std::size_t kEntryBytes = 12;
  if (starts_with_prefix(block)) block = block.subspan(sizeof kExifPrefix);
  if (block.size() < 8 || block[0] != block[1] || (block[0] != 'I' && block[0] != 'M')) return 0;
  const Block tiff{block, block[0] == 'M'};
  if (tiff.u16(2) != 42) return 0;
  const std::size_t directory = tiff.u32(4);
  if (directory < 8 || directory >= block.size() || block.size() - directory < 2) return 0;
  const std::size_t fitting = (block.size() - directory - 2) / kEntryBytes;
  const std::size_t entries = std::min<std::size_t>(tiff.u16(directory), fitting);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * kEntryBytes;
    if (tiff.u16(entry) != kOrientation) continue;
    const std::uint32_t type = tiff.u16(entry + 2);
    if ((type != kShort && type != kLong) || tiff.u32(entry + 4) != 1) return 0;
    const std::uint32_t value = type == kShort ? tiff.u16(entry + 8) : tiff.u32(entry + 8);
    return value >= 1 && value <= 8 ? static_cast<std::uint8_t>(value) : std::uint8_t{0};
  }
  return 0;
}

std::uint8_t jpeg_orientation(Bytes stream) noexcept {
  constexpr std::uint8_t kApp1 = 0xE1, kStartOfScan = 0xDA, kEndOfImage = 0xD9, kStuffing = 0xFF;
  std::size_t at = 2;  // behind the start-of-image marker
  while (at + 4 <= stream.size() && stream[at] == 0xFF) {
    const std::uint8_t marker = stream[at + 1];
    if (marker == kStuffing) {
      ++at;
      continue;
    }
    if (marker == kStartOfScan || marker == kEndOfImage) break;
    const std::size_t length = static_cast<std::size_t>(stream[at + 2]) << 8 | stream[at + 3];
    if (length < 2 || length > stream.size() - at - 2) break;
    const Bytes payload = stream.subspan(at + 4, length - 2);
    if (marker == kApp1 && starts_with_prefix(payload)) return exif_orientation(payload);
    at += 2 + length;
  }
  return 0;
}

}  // namespace semblance::decode
