// SPDX-License-Identifier: Apache-2.0
#include "decode/video/stated_size.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <optional>

namespace semblance::decode {
namespace {

using Head = std::span<const std::uint8_t>;

bool has(Head head, std::size_t at, const char* bytes, std::size_t count) noexcept {
  return at + count <= head.size() && std::memcmp(head.data() + at, bytes, count) == 0;
}

std::uint64_t little_endian(Head head, std::size_t at, std::size_t bytes) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes && at + i < head.size(); ++i) {
    value |= std::uint64_t{head[at + i]} << (8 * i);
  }
  return value;
}

/// End of the first RIFF chunk; further ones may follow, and need not.
std::uint64_t riff_end(Head head) noexcept {
  constexpr std::uint64_t kUnknown = 0xFFFFFF00;  // as a live stream has it
  const std::uint64_t size = little_endian(head, 4, 4);
  return size >= kUnknown ? 0 : size + 8;
}

/// The size that the file properties object states, unless the file says it was broadcast.
std::uint64_t asf_size(Head head) noexcept {
  constexpr char kFileProperties[] =
      "\xA1\xDC\xAB\x8C\x47\xA9\xCF\x11\x8E\xE4\x00\xC0\x0C\x20\x53\x65";
  constexpr std::size_t kGuid = 16, kSizeAt = 40, kFlagsAt = 88;
  const auto* end = kFileProperties + kGuid;
  const auto found =
      std::search(head.begin(), head.end(), kFileProperties, end,
                  [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
  const auto at = static_cast<std::size_t>(found - head.begin());
  if (at + kFlagsAt + 4 > head.size()) return 0;
  if ((head[at + kFlagsAt] & 1) != 0) return 0;
  return little_endian(head, at + kSizeAt, 8);
}

/// A number of EBML's, whose first byte says how long it is.
struct EbmlSize {
  std::uint64_t value = 0;
  std::size_t length = 0;
  bool unknown = false;
};
std::optional<EbmlSize> ebml_size(Head head, std::size_t at) noexcept {
  if (at >= head.size() || head[at] == 0) return std::nullopt;
  EbmlSize size;
  size.length = static_cast<std::size_t>(std::countl_zero(head[at])) + 1;
  if (at + size.length > head.size()) return std::nullopt;
  const auto first = static_cast<std::uint8_t>(head[at] & (0xFFu >> size.length));
  size.value = first;
  for (std::size_t i = 1; i < size.length; ++i) size.value = size.value << 8 | head[at + i];
  size.unknown = size.value == (std::uint64_t{1} << (7 * size.length)) - 1;
  return size;
}

std::uint64_t matroska_end(Head head) noexcept {
  constexpr std::size_t kIdBytes = 4;
  const auto header = ebml_size(head, kIdBytes);
  if (!header || header->unknown || header->value > head.size()) return 0;
  const std::size_t segment = kIdBytes + header->length + static_cast<std::size_t>(header->value);
  if (!has(head, segment, "\x18\x53\x80\x67", kIdBytes)) return 0;
  const auto size = ebml_size(head, segment + kIdBytes);
  if (!size || size->unknown) return 0;
  return segment + kIdBytes + size->length + size->value;
}

}  // namespace

bool states_more(std::span<const std::uint8_t> head, std::uint64_t bytes) noexcept {
  if (has(head, 0, "RIFF", 4)) return riff_end(head) > bytes;
  if (has(head, 0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11", 8)) return asf_size(head) > bytes;
  if (has(head, 0, "\x1A\x45\xDF\xA3", 4)) return matroska_end(head) > bytes;
  return false;
}

}  // namespace semblance::decode
