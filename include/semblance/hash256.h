// SPDX-License-Identifier: Apache-2.0
// The 256-bit perceptual hash value and its text form.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "semblance/result.h"

namespace semblance {

/// A 256-bit perceptual hash: the 32 bytes its hex text spells, left to right.
///
/// bytes[0] is the first two hex digits. Meta's PDQ keeps sixteen 16-bit words and prints
/// w[15] first, so bytes[0] is the high byte of their w[15].
/// **Source:** ThreatExchange pdq/cpp/common/pdqhashtypes.h, the text form of Hash256.
///
/// Trivially copyable; an array of n hashes is n x 32 bytes, row-major, unpadded.
struct alignas(32) Hash256 {
  static constexpr std::size_t kBytes = 32;
  static constexpr int kBits = 256;

  std::array<std::uint8_t, kBytes> bytes{};

  friend bool operator==(const Hash256&, const Hash256&) = default;
  friend auto operator<=>(const Hash256&, const Hash256&) = default;
};
static_assert(sizeof(Hash256) == Hash256::kBytes);

/// Parses exactly 64 hex digits, either case; any other text is Errc::kBadHash.
Result<Hash256> parse_hash256(std::string_view hex);

/// Returns the 64 lower-case hex digits of `hash`. Inverse of parse_hash256.
std::string to_hex(const Hash256& hash);

/// Returns the number of differing bits, 0..256.
int hamming_distance(const Hash256& a, const Hash256& b) noexcept;

}  // namespace semblance
