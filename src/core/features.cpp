// SPDX-License-Identifier: Apache-2.0
#include "semblance/features.h"

#include <algorithm>
#include <array>
#include <string>

namespace semblance {
namespace {

// A value: form (4 bytes), mirrored (1), width and height (2 each), then features of a fixed size:
// x, y, size, angle (2 each), descriptor (32). All numbers little-endian.
constexpr std::array<std::uint8_t, 4> kForm = {'S', 'L', 'F', '1'};
constexpr std::size_t kHeadBytes = kForm.size() + 1 + 2 * 2;
constexpr std::size_t kFeatureBytes = 4 * 2 + Hash256::kBytes;
constexpr std::uint32_t kMaxSide = 1'024;  // pixels
constexpr std::uint32_t kUnits = 32;       // of a place, a pixel

void put16(std::vector<std::uint8_t>& into, std::uint16_t value) {
  into.push_back(static_cast<std::uint8_t>(value));
  into.push_back(static_cast<std::uint8_t>(value >> 8));
}

std::uint16_t get16(std::span<const std::uint8_t> bytes) noexcept {
  return static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8);
}

Error bad(const std::string& why) { return {Errc::kBadFormat, "read features: " + why}; }

Feature get_feature(std::span<const std::uint8_t> bytes) noexcept {
  Feature feature;
  feature.x = get16(bytes);
  feature.y = get16(bytes.subspan(2));
  feature.size = get16(bytes.subspan(4));
  feature.angle = get16(bytes.subspan(6));
  std::copy_n(bytes.begin() + 8, Hash256::kBytes, feature.descriptor.bytes.begin());
  return feature;
}

}  // namespace

std::vector<std::uint8_t> to_bytes(const FeatureSet& set) {
  std::vector<std::uint8_t> bytes(kForm.begin(), kForm.end());
  bytes.reserve(kHeadBytes + set.features.size() * kFeatureBytes);
  bytes.push_back(set.mirrored ? 1 : 0);
  put16(bytes, set.width);
  put16(bytes, set.height);
  for (const Feature& feature : set.features) {
    put16(bytes, feature.x);
    put16(bytes, feature.y);
    put16(bytes, feature.size);
    put16(bytes, feature.angle);
    bytes.insert(bytes.end(), feature.descriptor.bytes.begin(), feature.descriptor.bytes.end());
  }
  return bytes;
}

Result<FeatureSet> features_from_bytes(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kHeadBytes || !std::equal(kForm.begin(), kForm.end(), bytes.begin())) {
    return bad("not of a form that this build knows");
  }
  FeatureSet set;
  if (bytes[4] > 1) return bad("neither mirrored nor not");
  set.mirrored = bytes[4] == 1;
  set.width = get16(bytes.subspan(5));
  set.height = get16(bytes.subspan(7));
  const auto side = [](std::uint32_t pixels) { return pixels >= 1 && pixels <= kMaxSide; };
  if (!side(set.width) || !side(set.height)) return bad("a picture of an impossible size");
  bytes = bytes.subspan(kHeadBytes);
  if (bytes.size() % kFeatureBytes != 0) return bad("cut short");
  if (bytes.size() / kFeatureBytes > kMaxFeatures) return bad("too many features");
  set.features.reserve(bytes.size() / kFeatureBytes);
  for (; !bytes.empty(); bytes = bytes.subspan(kFeatureBytes)) {
    const Feature feature = get_feature(bytes);
    if (feature.x >= set.width * kUnits || feature.y >= set.height * kUnits) {
      return bad("a feature outside the picture");
    }
    if (feature.size == 0) return bad("a feature without size");
    set.features.push_back(feature);
  }
  return set;
}

}  // namespace semblance
