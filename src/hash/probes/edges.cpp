// SPDX-License-Identifier: Apache-2.0
#include "hash/probes/edges.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "hash/probes/probe_plane.h"

namespace semblance::hash {
namespace {

constexpr std::uint32_t kMostReach = 4;
constexpr std::uint32_t kMostPlaces = 128;  // along an edge
constexpr std::int64_t kBeside = 2;         // steps that are no part of the edge, on either side
constexpr std::size_t kMostSteps = 2 * (kMostReach + kBeside) + 1;

using Steps = std::array<std::int64_t, kMostSteps>;

// steps[k]: the sum of the differences between the samples before and behind line first + k.
void add_steps(const LumaPlane& luma, const StraightEdge& edge, std::int64_t first,
               std::size_t count, Steps& steps) {
  const bool across = edge.run == EdgeRun::kAcross;
  const std::ptrdiff_t along = across ? 1 : luma.stride;
  const std::ptrdiff_t over = across ? luma.stride : 1;
  const std::uint32_t length = edge.end - edge.begin;
  const std::uint32_t skip = (length + kMostPlaces - 1) / kMostPlaces;
  for (std::uint32_t p = edge.begin; p < edge.end; p += skip) {
    const std::uint8_t* sample = luma.data + static_cast<std::ptrdiff_t>(p) * along;
    for (std::size_t k = 0; k < count; ++k) {
      const std::ptrdiff_t line =
          static_cast<std::ptrdiff_t>(first) + static_cast<std::ptrdiff_t>(k);
      const int step = int{sample[line * over]} - int{sample[(line - 1) * over]};
      steps[k] += step < 0 ? -step : step;
    }
  }
}

}  // namespace

// Between plain sides an edge of little blur gives steps around its highest whose mean place,
// weighed by their height, is the place of the edge. What the picture steps by itself is taken from
// all of them.
std::uint32_t place_of(const LumaPlane& luma, const StraightEdge& edge, std::uint32_t reach) {
  const std::uint32_t lines = edge.run == EdgeRun::kAcross ? luma.height : luma.width;
  const std::uint32_t here = edge.at * PlaneArea::kUnit;
  const auto wide = static_cast<std::int64_t>(std::clamp(reach, 1U, kMostReach));
  const std::int64_t first = std::int64_t{edge.at} - wide - kBeside;
  const std::int64_t last = std::int64_t{edge.at} + wide + kBeside;
  if (first < 1 || last >= std::int64_t{lines} || edge.begin >= edge.end) return here;
  Steps steps{};
  const auto count = static_cast<std::size_t>(last - first + 1);
  add_steps(luma, edge, first, count, steps);
  const std::int64_t usual =
      std::max(steps[0] + steps[1], steps[count - 1] + steps[count - 2]) / kBeside;
  // From the inside to the outside: the first step of half the highest, and up from it.
  const auto begin = static_cast<std::size_t>(kBeside);
  const std::size_t inner = edge.inside == EdgeInside::kBehind ? count - 1 - begin : begin;
  const auto height = [&](std::size_t n) {
    const std::size_t k = edge.inside == EdgeInside::kBehind ? inner - n : inner + n;
    return std::max<std::int64_t>(0, steps[k] - usual);
  };
  const std::size_t looked_at = count - 2 * begin;
  std::int64_t highest = 0;
  for (std::size_t n = 0; n < looked_at; ++n) highest = std::max(highest, height(n));
  if (highest <= usual / 2) return here;
  std::size_t peak = 0;
  while (2 * height(peak) < highest) ++peak;
  while (peak + 1 < looked_at && height(peak + 1) > height(peak)) ++peak;
  const std::int64_t outside = peak + 1 < looked_at ? height(peak + 1) : 0;
  const std::int64_t within = peak > 0 ? height(peak - 1) : 0;
  const std::int64_t sum = within + height(peak) + outside;
  // From the inner end towards the outside, as the heights are numbered.
  const std::int64_t units = static_cast<std::int64_t>(PlaneArea::kUnit);
  const std::int64_t way =
      static_cast<std::int64_t>(peak) * units + (outside - within) * units / sum;
  const std::int64_t from = (first + static_cast<std::int64_t>(inner)) * units;
  return static_cast<std::uint32_t>(edge.inside == EdgeInside::kBehind ? from - way : from + way);
}

}  // namespace semblance::hash
