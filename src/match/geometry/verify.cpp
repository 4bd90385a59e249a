// SPDX-License-Identifier: Apache-2.0
#include "match/geometry/verify.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "match/geometry/agreement.h"

namespace semblance::match {
namespace {

constexpr double kMostLogChance = -9;
constexpr double kMostStretch = 8;     // or the least, as one over it
constexpr double kMostSqueeze = 2;     // one way more than the other
constexpr double kLeastSpread = 0.04;  // of the witnesses, of the entry's longer side
constexpr double kLeastDepth = 0.25;   // of a corner of the entry: seen askew, not from behind

Place middle(std::span<const FeaturePair> pairs, std::span<const std::size_t> which) {
  Place sum;
  for (const std::size_t i : which) sum = {sum.x + pairs[i].entry.x, sum.y + pairs[i].entry.y};
  const double n = static_cast<double>(which.size());
  return {sum.x / n, sum.y / n};
}

/// The deviation of the witnesses' places in the entry in the direction in which it is least.
double least_spread(std::span<const FeaturePair> pairs, std::span<const std::size_t> which) {
  const Place at = middle(pairs, which);
  double xx = 0;
  double yy = 0;
  double xy = 0;
  for (const std::size_t i : which) {
    const double dx = pairs[i].entry.x - at.x;
    const double dy = pairs[i].entry.y - at.y;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  const double half = (xx + yy) / 2;
  const double root = std::sqrt((xx - yy) * (xx - yy) / 4 + xy * xy);
  return std::sqrt(std::max(0.0, half - root) / static_cast<double>(which.size()));
}

std::array<Place, 4> corners_of(double left, double top, double right, double bottom) {
  return {Place{left, top}, Place{right, top}, Place{right, bottom}, Place{left, bottom}};
}

/// Whether a copy can be a copy in this way: neither folded nor stretched out of all proportion.
bool is_map_of_a_copy(const PlaneMap& map, Place at, const std::array<Place, 4>& corners) {
  const Stretch s = stretch(map, at);
  if (!(s.longest <= kMostStretch && s.shortest >= 1 / kMostStretch)) return false;
  if (!(s.longest <= kMostSqueeze * s.shortest)) return false;
  const double depth = map.depth(at);
  return std::all_of(corners.begin(), corners.end(), [&](Place corner) {
    const double part = map.depth(corner) / depth;
    return part >= kLeastDepth && part <= 1 / kLeastDepth && stretch(map, corner).shortest > 0;
  });
}

/// The part of a polygon where a x + b y + c >= 0. **Source:** Sutherland, Hodgman: Reentrant
/// polygon clipping (CACM 1974).
std::vector<Place> clipped(const std::vector<Place>& polygon, double a, double b, double c) {
  std::vector<Place> kept;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Place from = polygon[i];
    const Place to = polygon[(i + 1) % polygon.size()];
    const double at_from = a * from.x + b * from.y + c;
    const double at_to = a * to.x + b * to.y + c;
    if (at_from >= 0) kept.push_back(from);
    if ((at_from >= 0) != (at_to >= 0)) {
      const double part = at_from / (at_from - at_to);
      kept.push_back({from.x + part * (to.x - from.x), from.y + part * (to.y - from.y)});
    }
  }
  return kept;
}

/// What of the entry lies within the query. The query's edges are straight lines in the entry too:
/// those where the map's numerator is so many times its denominator.
std::vector<Place> seen(const PlaneMap& map, const FeatureSet& query, const FeatureSet& entry) {
  const auto& m = map.m;
  const auto corners = corners_of(0, 0, entry.width, entry.height);
  std::vector<Place> polygon(corners.begin(), corners.end());
  const double width = query.width;
  const double height = query.height;
  polygon = clipped(polygon, m[0], m[1], m[2]);
  polygon = clipped(polygon, m[3], m[4], m[5]);
  polygon = clipped(polygon, width * m[6] - m[0], width * m[7] - m[1], width - m[2]);
  return clipped(polygon, height * m[6] - m[3], height * m[7] - m[4], height - m[5]);
}

std::array<Place, 4> bounds(const std::vector<Place>& polygon) {
  Place least = polygon.front();
  Place most = polygon.front();
  for (const Place p : polygon) {
    least = {std::min(least.x, p.x), std::min(least.y, p.y)};
    most = {std::max(most.x, p.x), std::max(most.y, p.y)};
  }
  return corners_of(least.x, least.y, most.x, most.y);
}

Point in_parts(Place place, const FeatureSet& of) {
  const double x = place.x / of.width;
  return {static_cast<float>(of.mirrored ? 1 - x : x), static_cast<float>(place.y / of.height)};
}

Geometry describe(const Agreement& agreement, std::size_t compared,
                  const std::array<Place, 4>& region, const FeatureSet& query,
                  const FeatureSet& entry) {
  Geometry geometry;
  for (std::size_t i = 0; i < region.size(); ++i) {
    geometry.entry_quad[i] = in_parts(region[i], entry);
    geometry.query_quad[i] = in_parts(agreement.map(region[i]), query);
  }
  if (entry.mirrored) {  // what was left is right: the order is by the corners of the entry
    for (auto* quad : {&geometry.entry_quad, &geometry.query_quad}) {
      std::swap((*quad)[0], (*quad)[1]);
      std::swap((*quad)[2], (*quad)[3]);
    }
  }
  geometry.inliers = static_cast<std::uint32_t>(agreement.witnesses.size());
  geometry.compared = static_cast<std::uint32_t>(compared);
  geometry.mirrored = query.mirrored != entry.mirrored;
  return geometry;
}

}  // namespace

std::optional<Geometry> verify(const FeatureSet& query, const FeatureSet& entry,
                               const GeometryRule& rule) {
  const std::vector<FeaturePair> pairs = alike(query, entry, rule.max_distance);
  const std::size_t least = static_cast<std::size_t>(std::max(4, rule.least_inliers));
  if (pairs.size() < least) return std::nullopt;
  const Agreement agreement = find_agreement(pairs);
  if (agreement.witnesses.size() < least) return std::nullopt;
  const double area = static_cast<double>(query.width) * query.height;
  if (log_chance(pairs, agreement.witnesses.size(), area) > kMostLogChance) return std::nullopt;
  const double longer = std::max(entry.width, entry.height);
  if (least_spread(pairs, agreement.witnesses) < kLeastSpread * longer) return std::nullopt;
  const auto corners = corners_of(0, 0, entry.width, entry.height);
  if (!is_map_of_a_copy(agreement.map, middle(pairs, agreement.witnesses), corners)) {
    return std::nullopt;
  }
  const std::vector<Place> polygon = seen(agreement.map, query, entry);
  if (polygon.empty()) return std::nullopt;
  return describe(agreement, pairs.size(), bounds(polygon), query, entry);
}

}  // namespace semblance::match
