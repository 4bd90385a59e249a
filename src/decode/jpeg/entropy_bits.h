// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: the bits of a scan, without the bytes that keep markers apart.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

namespace semblance::decode::jpeg {

/// The bits of `bytes` from bit `at` on, the first the highest; the lowest 7 may be missing, and
/// are 0 then. Reads the 8 bytes from byte `at` / 8.
inline std::uint64_t load_bits(const std::uint8_t* bytes, std::size_t at) noexcept {
  std::uint64_t word;
  std::memcpy(&word, bytes + (at >> 3), sizeof word);
  if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
  return word << (at & 7);
}

/// The bits of one scan: its bytes with each 0xFF 0x00 as 0xFF, its restart markers taken out.
/// Kept between files to spare its memory; of one thread.
class EntropyBits {
 public:
  /// Zeros behind the last byte, so that a reader need only look now and then how far it is: loads
  /// of 8 bytes are legal up to kPadding - 8 bytes behind the end.
  static constexpr std::size_t kPadding = 2048;

  /// Bit positions are of 32 bits.
  static constexpr std::size_t kMaxBytes = (std::size_t{1} << 29) - kPadding;

  /// A run of bits between restarts, in bytes from the start of all.
  struct Interval {
    std::uint32_t begin;
    std::uint32_t end;
  };

  /// Takes the entropy code of a scan that has `intervals` - 1 restarts. False where it does not,
  /// where they are out of turn, or where it is over kMaxBytes.
  bool assign(std::span<const std::uint8_t> entropy, std::size_t intervals);

  const std::uint8_t* bytes() const noexcept { return bytes_.get(); }
  std::span<const Interval> intervals() const noexcept { return intervals_; }

  /// What it keeps from one scan to the next.
  std::size_t kept_bytes() const noexcept {
    return capacity_ + intervals_.capacity() * sizeof(Interval);
  }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t capacity_ = 0;
  std::vector<Interval> intervals_;
};

}  // namespace semblance::decode::jpeg
