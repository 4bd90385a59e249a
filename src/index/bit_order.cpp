// SPDX-License-Identifier: Apache-2.0
#include "index/bit_order.h"

#include <array>
#include <cstring>

namespace semblance::index {
namespace {

constexpr std::size_t kSide = 16;
constexpr std::size_t kNibbles = 2 * Hash256::kBytes;

// [place in the index] is the bit of the code that stands there.
std::array<std::size_t, Hash256::kBits> diagonal_order() {
  std::array<std::size_t, Hash256::kBits> order{};
  for (std::size_t diagonal = 0; diagonal < kSide; ++diagonal) {
    for (std::size_t row = 0; row < kSide; ++row) {
      order[kSide * diagonal + row] = kSide * row + (diagonal + 5 * row) % kSide;
    }
  }
  return order;
}

void set_bit(Hash256& code, std::size_t bit) {
  code.bytes[bit / 8] = static_cast<std::uint8_t>(code.bytes[bit / 8] | (1U << (bit % 8)));
}

}  // namespace

BitOrder::BitOrder() : forward_(kNibbles * 16), backward_(kNibbles * 16) {
  const auto order = diagonal_order();
  for (std::size_t place = 0; place < order.size(); ++place) {
    const std::size_t bit = order[place];
    for (std::size_t value = 0; value < 16; ++value) {
      if ((value >> (bit % 4) & 1) != 0) set_bit(forward_[16 * (bit / 4) + value], place);
      if ((value >> (place % 4) & 1) != 0) set_bit(backward_[16 * (place / 4) + value], bit);
    }
  }
}

const BitOrder& BitOrder::get() {
  static const BitOrder order;
  return order;
}

Hash256 BitOrder::moved(const Moves& moves, const Hash256& code) noexcept {
  std::array<std::uint64_t, 4> sum{};
  for (std::size_t nibble = 0; nibble < kNibbles; ++nibble) {
    const unsigned value = (code.bytes[nibble / 2] >> (4 * (nibble % 2))) & 15U;
    std::array<std::uint64_t, 4> words{};
    std::memcpy(words.data(), moves[16 * nibble + value].bytes.data(), sizeof words);
    for (std::size_t w = 0; w < words.size(); ++w) sum[w] |= words[w];
  }
  Hash256 result;
  std::memcpy(result.bytes.data(), sum.data(), sizeof sum);
  return result;
}

std::vector<Hash256> apply_bit_order(std::span<const Hash256> codes) {
  const BitOrder& order = BitOrder::get();
  std::vector<Hash256> moved;
  moved.reserve(codes.size());
  for (const Hash256& code : codes) moved.push_back(order.apply(code));
  return moved;
}

}  // namespace semblance::index
