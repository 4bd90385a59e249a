// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: the codes of a Huffman table, one symbol at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "decode/jpeg/frame.h"

namespace semblance::decode::jpeg {

/// A canonical prefix code of at most 16 bits, made of a table that is_prefix_code accepts.
/// **Source:** ITU-T T.81, annex C and F.2.2.3.
class HuffmanCode {
 public:
  static constexpr int kMaxLength = 16;

  struct Symbol {
    std::uint8_t value = 0;
    std::uint8_t length = 0;  // of its code, bits; 0: no code starts so
  };

  HuffmanCode() = default;
  explicit HuffmanCode(const HuffmanSpec& spec) noexcept;

  /// The symbol whose code starts `next`, which is the next 16 bits, the first the highest.
  Symbol first_of(std::uint32_t next) const noexcept {
    for (std::size_t length = 1; length <= kMaxLength; ++length) {
      if (next >= limits_[length]) continue;
      // Below this limit and not below the last: one of the codes of this length.
      const std::uint32_t index =
          firsts_[length] + ((next - limits_[length - 1]) >> (kMaxLength - length));
      return {symbols_[index & 255], static_cast<std::uint8_t>(length)};
    }
    return {};
  }

  friend bool operator==(const HuffmanCode&, const HuffmanCode&) = default;

  /// Calls `use(code, length, value)` for each symbol, shorter codes first.
  template <class Use>
  void for_each(Use use) const {
    std::uint32_t code = 0;
    for (std::size_t length = 1; length <= kMaxLength; ++length, code <<= 1) {
      for (std::uint32_t i = firsts_[length]; i < firsts_[length + 1]; ++i, ++code) {
        use(code, static_cast<int>(length), symbols_[i & 255]);
      }
    }
  }

 private:
  std::array<std::uint32_t, kMaxLength + 1>
      limits_{};  // by length: 16 bits from which it is longer
  std::array<std::uint32_t, kMaxLength + 2> firsts_{};  // by length: number of its first symbol
  std::array<std::uint8_t, 256> symbols_{};
};

/// The value that `size` extra bits stand for. **Source:** ITU-T T.81, F.2.2.1, EXTEND.
constexpr int extend(std::uint32_t bits, std::uint32_t size) noexcept {
  const int value = static_cast<int>(bits);
  const int range = 1 << size;
  const int below = (value - (range >> 1)) >> 31;  // all ones: a negative value
  return value + (below & (1 - range));
}

/// What a symbol of a sequential block's AC coefficients means.
struct AcSymbol {
  // More cannot be of 8-bit samples; libjpeg-turbo takes more, so that it must judge them.
  static constexpr std::uint32_t kMaxSize = 10;

  std::uint8_t size;     // extra bits; 0: no coefficient
  std::uint8_t advance;  // coefficients that it says: a run of zeros and the one after them
  bool ends;             // the block: the rest is zero
  bool usual;            // none of those that T.81 leaves undefined

  static constexpr AcSymbol of(std::uint8_t value) noexcept {
    const std::uint8_t run = value >> 4, size = value & 15;
    const bool skips = value == 0xF0, ends = value == 0;
    return {size, static_cast<std::uint8_t>(ends ? 0 : run + 1), ends,
            ends || skips || (size >= 1 && size <= kMaxSize)};
  }
};

/// The largest DC category of 8-bit samples.
inline constexpr std::uint32_t kMaxDcSize = 11;

}  // namespace semblance::decode::jpeg
