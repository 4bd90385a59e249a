// SPDX-License-Identifier: Apache-2.0
#include "match/geometry/pairs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "hamming/hamming.h"

namespace semblance::match {
namespace {

constexpr std::uint16_t kFar = 257;  // more bits than there are
// The next most alike must be this much less alike, in hundredths: Lowe's ratio.
constexpr int kRatio = 90;
// What lies within this many of the pixels that a feature was found in shows the same corner.
constexpr int kSamePlace = 6;
// Places are right to about so many of the pixels that a feature was found in.
constexpr double kTolerance = 3;

struct Best {
  std::size_t row = 0;
  std::uint16_t distance = kFar;
};

std::vector<std::uint8_t> descriptors(const FeatureSet& set) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(set.features.size() * Hash256::kBytes);
  for (const Feature& feature : set.features) {
    bytes.insert(bytes.end(), feature.descriptor.bytes.begin(), feature.descriptor.bytes.end());
  }
  return bytes;
}

bool same_place(const Feature& a, const Feature& b) noexcept {
  const int reach = kSamePlace * std::max(a.size, b.size);
  return std::abs(a.x - b.x) <= reach && std::abs(a.y - b.y) <= reach;
}

/// Whether no feature elsewhere is nearly as alike as the best.
bool stands_out(const FeatureSet& entry, const Best& best, const std::uint16_t* distances) {
  const int limit = best.distance * 100;
  for (std::size_t i = 0; i < entry.features.size(); ++i) {
    if (distances[i] * kRatio < limit && !same_place(entry.features[i], entry.features[best.row])) {
      return false;
    }
  }
  return true;
}

Place place(const Feature& feature) noexcept { return {feature.x / 32.0, feature.y / 32.0}; }

/// The direction of an angle in 1/65,536 of a turn, by sums in a fixed order: what libraries have
/// differs in the last bit.
Place heading_of(std::uint16_t angle) noexcept {
  const int quarter = (angle + 8'192) / 16'384;  // the nearest
  const double a = (angle - quarter * 16'384) * (std::numbers::pi / 32'768);
  const double b = a * a;
  const double c = 1 - b / 2 * (1 - b / 12 * (1 - b / 30 * (1 - b / 56 * (1 - b / 90))));
  const double s = a * (1 - b / 6 * (1 - b / 20 * (1 - b / 42 * (1 - b / 72 * (1 - b / 110)))));
  switch (quarter % 4) {
    case 0:
      return {c, s};
    case 1:
      return {-s, c};
    case 2:
      return {-c, -s};
    default:
      return {s, -c};
  }
}

FeaturePair pair_of(const Feature& query, const Feature& entry) noexcept {
  FeaturePair pair{place(query), place(entry)};
  pair.size = static_cast<double>(query.size) / entry.size;
  pair.heading = heading_of(static_cast<std::uint16_t>(query.angle - entry.angle));
  pair.tolerance = kTolerance * query.size / 32.0;
  return pair;
}

}  // namespace

std::vector<FeaturePair> alike(const FeatureSet& query, const FeatureSet& entry, int max_distance) {
  const std::size_t queries = query.features.size();
  const std::size_t entries = entry.features.size();
  const std::vector<std::uint8_t> codes = descriptors(entry);
  std::vector<std::uint16_t> distances(queries * entries);
  std::vector<Best> of_query(queries);
  std::vector<Best> of_entry(entries);
  for (std::size_t q = 0; q < queries; ++q) {
    std::uint16_t* row = distances.data() + q * entries;
    kernels::hamming_scan(query.features[q].descriptor.bytes.data(), codes.data(), entries, row);
    for (std::size_t e = 0; e < entries; ++e) {
      if (row[e] < of_query[q].distance) of_query[q] = {e, row[e]};
      if (row[e] < of_entry[e].distance) of_entry[e] = {q, row[e]};
    }
  }
  std::vector<FeaturePair> pairs;
  for (std::size_t q = 0; q < queries; ++q) {
    const Best& best = of_query[q];
    if (best.distance > max_distance || entries == 0 || of_entry[best.row].row != q) continue;
    if (!stands_out(entry, best, distances.data() + q * entries)) continue;
    pairs.push_back(pair_of(query.features[q], entry.features[best.row]));
  }
  return pairs;
}

}  // namespace semblance::match
