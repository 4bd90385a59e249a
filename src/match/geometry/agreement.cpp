// SPDX-License-Identifier: Apache-2.0
#include "match/geometry/agreement.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

namespace semblance::match {
namespace {

constexpr double kLeastCosine = 0.866;  // of a pair's heading to the map's: 30 degrees
constexpr double kMostSize = 1.5;       // of a pair, to the map's, or the other way round
constexpr double kDrift = 0.12;         // error of a map that one pair fixes, a pixel of distance
constexpr double kApart = 1;            // tolerances between the places of two witnesses
constexpr std::size_t kRefined = 8;     // of the maps that pairs fix, those with most agreement
constexpr std::array kReaches = {2.5, 1.5, 1.0, 1.0};  // tolerances, as a map is refined
constexpr std::size_t kLeastProjective = 12;           // witnesses, for eight unknowns

double squared_distance(Place a, Place b) noexcept {
  return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

bool same_heading(Place a, Place b) noexcept { return a.x * b.x + a.y * b.y >= kLeastCosine; }

bool same_size(double a, double b) noexcept { return a <= kMostSize * b && b <= kMostSize * a; }

/// What a map does to sizes and headings about a place, as the similarity does that is nearest.
struct Local {
  double size = 0;
  Place heading;
};

Local local(const PlaneMap& map, Place at) noexcept {
  const Stretch s = stretch(map, at);
  const double w = map.depth(at);
  const Place to = map(at);
  const double c = (map.m[0] - to.x * map.m[6] + map.m[4] - to.y * map.m[7]) / w;
  const double d = (map.m[3] - to.y * map.m[6] - map.m[1] + to.x * map.m[7]) / w;
  const double length = std::sqrt(c * c + d * d);
  return {std::sqrt(s.longest * s.shortest), {c / length, d / length}};
}

/// Pairs that agree with the map of one of them, of which the error grows with the distance.
std::vector<std::size_t> agreeing_with_one(std::span<const FeaturePair> pairs, std::size_t one) {
  const FeaturePair& first = pairs[one];
  const PlaneMap map = similarity(first.entry, first.query, first.size, first.heading);
  std::vector<std::size_t> agreeing;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const FeaturePair& pair = pairs[i];
    if (!same_size(pair.size, first.size) || !same_heading(pair.heading, first.heading)) continue;
    const double reach = first.tolerance + pair.tolerance +
                         kDrift * std::sqrt(squared_distance(pair.query, first.query));
    if (squared_distance(map(pair.entry), pair.query) <= reach * reach) agreeing.push_back(i);
  }
  return agreeing;
}

std::vector<std::size_t> agreeing(std::span<const FeaturePair> pairs, const PlaneMap& map,
                                  double reach) {
  std::vector<std::size_t> agreeing;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const FeaturePair& pair = pairs[i];
    const double limit = reach * pair.tolerance;
    if (!(squared_distance(map(pair.entry), pair.query) <= limit * limit)) continue;
    const Local here = local(map, pair.entry);
    if (same_size(pair.size, here.size) && same_heading(pair.heading, here.heading))
      agreeing.push_back(i);
  }
  return agreeing;
}

std::vector<PlacePair> places(std::span<const FeaturePair> pairs,
                              std::span<const std::size_t> which) {
  std::vector<PlacePair> places;
  places.reserve(which.size());
  for (const std::size_t i : which) {
    const double error = pairs[i].tolerance;
    places.push_back({pairs[i].entry, pairs[i].query, 1 / (error * error)});
  }
  return places;
}

std::vector<std::size_t> witnesses(std::span<const FeaturePair> pairs,
                                   std::span<const std::size_t> which) {
  std::vector<std::size_t> kept;
  for (const std::size_t i : which) {
    const bool seen = std::any_of(kept.begin(), kept.end(), [&](std::size_t k) {
      const double apart = kApart * std::max(pairs[i].tolerance, pairs[k].tolerance);
      const double of_entry = apart / pairs[k].size;
      return squared_distance(pairs[i].query, pairs[k].query) < apart * apart ||
             squared_distance(pairs[i].entry, pairs[k].entry) < of_entry * of_entry;
    });
    if (!seen) kept.push_back(i);
  }
  return kept;
}

using Fit = std::optional<PlaneMap> (*)(std::span<const PlacePair>);

/// Fits a map to those that agree, and takes those that agree with it, some times.
Agreement refined(std::span<const FeaturePair> pairs, std::vector<std::size_t> which, Fit fit) {
  Agreement found;
  for (const double reach : kReaches) {
    const auto map = fit(places(pairs, which));
    if (!map) return {};
    found.map = *map;
    which = agreeing(pairs, *map, reach);
  }
  found.witnesses = witnesses(pairs, which);
  return found;
}

}  // namespace

Agreement find_agreement(std::span<const FeaturePair> pairs) {
  std::vector<std::vector<std::size_t>> tried;
  tried.reserve(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) tried.push_back(agreeing_with_one(pairs, i));
  std::stable_sort(tried.begin(), tried.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  if (tried.size() > kRefined) tried.resize(kRefined);
  Agreement best;
  for (std::vector<std::size_t>& which : tried) {
    if (which.size() < 3) continue;
    Agreement one = refined(pairs, std::move(which), fit_affine);
    if (one.witnesses.size() > best.witnesses.size()) best = std::move(one);
  }
  if (best.witnesses.size() >= kLeastProjective) {
    Agreement seen_askew = refined(pairs, best.witnesses, fit_projective);
    // Two more unknowns fit some more pairs in any case.
    if (seen_askew.witnesses.size() * 10 > best.witnesses.size() * 11) best = std::move(seen_askew);
  }
  return best;
}

double log_chance(std::span<const FeaturePair> pairs, std::size_t witnesses, double query_area) {
  if (witnesses <= 3 || witnesses > pairs.size()) return 0;
  double area = 0;
  for (const FeaturePair& pair : pairs) {
    area += std::numbers::pi * pair.tolerance * pair.tolerance / query_area;
  }
  // Headings are within a sixth of a turn, sizes within a third of those that there are.
  const double chance = std::min(1.0, area / static_cast<double>(pairs.size())) / 6 / 3;
  const double n = static_cast<double>(pairs.size());
  const double k = static_cast<double>(witnesses);
  double ways = 0;  // to choose k of n, as a logarithm
  for (double i = 1; i <= k; ++i) ways += std::log((n - k + i) / i);
  // Three pairs fix the map, which n pairs were tried for.
  return (std::log(n) + ways + (k - 3) * std::log(chance)) / std::numbers::ln10;
}

}  // namespace semblance::match
