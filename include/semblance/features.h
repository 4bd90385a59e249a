// SPDX-License-Identifier: Apache-2.0
// Local features of a picture: small patches by which a part of it is found at any place and size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "semblance/hash256.h"
#include "semblance/result.h"

namespace semblance {

/// One patch of a picture.
struct Feature {
  std::uint16_t x = 0;      // of its centre, in 1/32 pixels from the upper left corner
  std::uint16_t y = 0;      // of the picture that was looked at
  std::uint16_t size = 32;  // of its pixels, in 1/32 of that picture's
  std::uint16_t angle = 0;  // in 1/65,536 of a turn, clockwise from the right
  Hash256 descriptor;       // near, in bits, where patches look alike: never the patch itself

  friend auto operator<=>(const Feature&, const Feature&) = default;
};

/// The most features of one picture.
inline constexpr std::size_t kMaxFeatures = 1'000;

/// How many are kept of a known picture, and how many are made of one that is looked up.
inline constexpr std::uint16_t kEntryFeatures = 300;
inline constexpr std::uint16_t kQueryFeatures = 1'000;

/// The version of what finds and describes them.
inline constexpr std::string_view kFeaturesVersion = "orb-1";

/// The features of one picture, strongest first.
struct FeatureSet {
  std::uint16_t width = 0;  // of the picture that was looked at, in pixels; at most 1,024
  std::uint16_t height = 0;
  bool mirrored = false;  // left and right were exchanged before it was looked at
  std::vector<Feature> features;

  friend bool operator==(const FeatureSet&, const FeatureSet&) = default;
};

/// The bytes of a set as a bank keeps them, which features_from_bytes reads.
std::vector<std::uint8_t> to_bytes(const FeatureSet& set);

/// Reads what to_bytes wrote. Errc::kBadFormat for anything else: another size, a feature outside
/// the picture, more than kMaxFeatures.
Result<FeatureSet> features_from_bytes(std::span<const std::uint8_t> bytes);

}  // namespace semblance
