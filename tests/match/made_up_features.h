// SPDX-License-Identifier: Apache-2.0
// Local features that no picture was needed for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

#include "match/matcher_fixture.h"
#include "semblance/features.h"

namespace semblance {

/// `n` features, spread over a picture of 640 x 480, whose descriptors are far from each other and
/// from those of any other seed.
inline FeatureSet made_up_features(std::uint64_t seed, std::size_t n = 120) {
  std::mt19937_64 rng(seed);
  FeatureSet set;
  set.width = 640;
  set.height = 480;
  for (std::size_t i = 0; i < n; ++i) {
    Feature feature;
    feature.x = static_cast<std::uint16_t>(rng() % (640 * 32));
    feature.y = static_cast<std::uint16_t>(rng() % (480 * 32));
    feature.size = static_cast<std::uint16_t>(32 + rng() % 32);
    feature.angle = static_cast<std::uint16_t>(rng());
    for (auto& byte : feature.descriptor.bytes) byte = static_cast<std::uint8_t>(rng());
    set.features.push_back(feature);
  }
  return set;
}

/// What a picture of 640 x 480 shows at half its size, from (160, 120) on, within another: each
/// descriptor `bits` bits off, and after them features of that other, which are like nothing.
inline FeatureSet shown_small(const FeatureSet& known, int bits = 5, std::uint64_t seed = 999) {
  FeatureSet set;
  set.width = 640;
  set.height = 480;
  for (Feature feature : known.features) {
    feature.x = static_cast<std::uint16_t>(feature.x / 2 + 160 * 32);
    feature.y = static_cast<std::uint16_t>(feature.y / 2 + 120 * 32);
    feature.size = static_cast<std::uint16_t>(feature.size / 2);
    feature.descriptor = flipped(feature.descriptor, bits);
    set.features.push_back(feature);
  }
  for (const Feature& feature : made_up_features(seed).features) set.features.push_back(feature);
  return set;
}

inline BankSignal orb(const FeatureSet& set, std::string version = std::string(kFeaturesVersion)) {
  BankSignal signal;
  signal.value = {SignalKind::kOrb, to_bytes(set)};
  signal.version = std::move(version);
  return signal;
}

}  // namespace semblance
