// SPDX-License-Identifier: Apache-2.0
#include "semblance/hash256.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>

#include "semblance/signal.h"

namespace semblance {

Result<Hash256> parse_hash256(std::string_view hex) {
  auto value = parse_signal_value(SignalKind::kPdq, hex);
  if (!value) return std::move(value).error();
  Hash256 hash;
  std::copy(value->bytes.begin(), value->bytes.end(), hash.bytes.begin());
  return hash;
}

std::string to_hex(const Hash256& hash) {
  return to_hex(std::span<const std::uint8_t>(hash.bytes));
}

int hamming_distance(const Hash256& a, const Hash256& b) noexcept {
  int distance = 0;
  for (std::size_t at = 0; at < Hash256::kBytes; at += 8) {
    std::uint64_t x = 0;
    std::uint64_t y = 0;
    std::memcpy(&x, a.bytes.data() + at, 8);
    std::memcpy(&y, b.bytes.data() + at, 8);
    distance += std::popcount(x ^ y);
  }
  return distance;
}

}  // namespace semblance
