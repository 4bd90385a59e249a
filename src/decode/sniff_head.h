// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: reading the head of a file without leaving it, and the parts of sniff.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "decode/sniff.h"

namespace semblance::decode {

/// The first bytes of a file; what lies outside them reads as 0 and equals nothing.
class Head {
 public:
  explicit Head(std::span<const std::uint8_t> bytes) noexcept : bytes_(bytes) {}

  std::size_t size() const noexcept { return bytes_.size(); }
  std::uint8_t operator[](std::size_t i) const noexcept {
    return i < bytes_.size() ? bytes_[i] : std::uint8_t{0};
  }
  std::uint32_t le16(std::size_t i) const noexcept {
    return std::uint32_t{(*this)[i]} | std::uint32_t{(*this)[i + 1]} << 8;
  }
  std::uint32_t le32(std::size_t i) const noexcept { return le16(i) | le16(i + 2) << 16; }
  std::uint32_t be32(std::size_t i) const noexcept {
    return std::uint32_t{(*this)[i]} << 24 | std::uint32_t{(*this)[i + 1]} << 16 |
           std::uint32_t{(*this)[i + 2]} << 8 | (*this)[i + 3];
  }

  /// Whether the bytes at `i` are `literal`.
  bool has(std::size_t i, std::string_view literal) const noexcept {
    return text().substr(i < size() ? i : size(), literal.size()) == literal;
  }

  std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

/// Each names what it knows, or returns kUnknown.
Format sniff_image(const Head& head) noexcept;
Format sniff_moving(const Head& head) noexcept;  // video and audio, and all of ISO's base format
Format sniff_container(const Head& head) noexcept;

}  // namespace semblance::decode
