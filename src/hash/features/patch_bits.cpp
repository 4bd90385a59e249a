// SPDX-License-Identifier: Apache-2.0
#include "hash/features/patch_bits.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <numbers>

#include "hash/features/patch_pairs.h"

namespace semblance::hash {
namespace {

constexpr std::size_t kTurns = 256;

PatchPlace turned(PatchPlace p, double c, double s) noexcept {
  // No place comes near the middle between two pixels: the last bits of c and s do not matter.
  return {static_cast<std::int8_t>(std::lround(c * p.x - s * p.y)),
          static_cast<std::int8_t>(std::lround(s * p.x + c * p.y))};
}

using Turned = std::array<PatchPairs, kTurns>;  // a quarter of a megabyte

const Turned& patterns() {
  static const std::unique_ptr<Turned> all = [] {
    auto made = std::make_unique<Turned>();
    for (std::size_t t = 0; t < kTurns; ++t) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(t) / kTurns;
      const double c = std::cos(angle);
      const double s = std::sin(angle);
      for (std::size_t i = 0; i < Hash256::kBits; ++i) {
        (*made)[t][i] = {turned(kPatchPairs[i].first, c, s), turned(kPatchPairs[i].second, c, s)};
      }
    }
    return made;
  }();
  return *all;
}

}  // namespace

Hash256 patch_bits(const LumaPlane& plane, int x, int y, std::uint8_t turn) {
  const std::uint8_t* middle = plane.data + y * plane.stride + x;
  const PatchPairs& pairs = patterns()[turn];
  const auto at = [&](PatchPlace p) { return middle[p.y * plane.stride + p.x]; };
  Hash256 bits;
  for (std::size_t i = 0; i < Hash256::kBits; ++i) {
    if (at(pairs[i].first) < at(pairs[i].second)) {
      bits.bytes[i / 8] = static_cast<std::uint8_t>(bits.bytes[i / 8] | 1U << (i % 8));
    }
  }
  return bits;
}

}  // namespace semblance::hash
