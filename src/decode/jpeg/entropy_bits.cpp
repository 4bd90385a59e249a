// SPDX-License-Identifier: Apache-2.0
#include "decode/jpeg/entropy_bits.h"

#include <algorithm>

#include "decode/jpeg/frame.h"

namespace semblance::decode::jpeg {
namespace {

// About one byte in two hundred is 0xFF: most pieces of this size hold none.
constexpr std::size_t kPiece = 32;

bool holds_ff(const std::uint8_t* piece) noexcept {
  std::uint8_t any = 0;
  for (std::size_t i = 0; i < kPiece; ++i) any |= piece[i] == 0xFF ? 1 : 0;
  return any != 0;
}

}  // namespace

bool EntropyBits::assign(std::span<const std::uint8_t> entropy, std::size_t intervals) {
  intervals_.clear();
  if (intervals == 0 || entropy.size() > kMaxBytes) return false;
  if (capacity_ < entropy.size() + kPadding) {
    capacity_ = entropy.size() + kPadding;
    bytes_ = std::make_unique_for_overwrite<std::uint8_t[]>(capacity_);
  }
  const std::uint8_t* from = entropy.data();
  const std::uint8_t* const end = from + entropy.size();
  std::uint8_t* const begin = bytes_.get();
  std::uint8_t* to = begin;  // never ahead of `from`: what fits there, fits here
  std::uint32_t interval_begin = 0;
  while (from < end) {
    if (static_cast<std::size_t>(end - from) >= kPiece && !holds_ff(from)) {
      std::memcpy(to, from, kPiece);
      from += kPiece;
      to += kPiece;
      continue;
    }
    const std::uint8_t* const stop = from + std::min<std::ptrdiff_t>(kPiece, end - from);
    while (from < stop) {
      const std::uint8_t byte = *from++;
      if (byte != 0xFF) {
        *to++ = byte;
        continue;
      }
      if (from == end) return false;
      const std::uint8_t next = *from++;
      if (next == 0) {
        *to++ = 0xFF;
        continue;
      }
      if (next != kRst0 + intervals_.size() % 8 || intervals_.size() + 1 >= intervals) return false;
      const std::uint32_t here = static_cast<std::uint32_t>(to - begin);
      intervals_.push_back({interval_begin, here});
      interval_begin = here;
    }
  }
  intervals_.push_back({interval_begin, static_cast<std::uint32_t>(to - begin)});
  std::fill_n(to, kPadding, std::uint8_t{0});
  return intervals_.size() == intervals;
}

}  // namespace semblance::decode::jpeg
