// SPDX-License-Identifier: Apache-2.0
#include "hash/probes/trimmed.h"

#include "hash/probes/edges.h"
#include "hash/video/border.h"

namespace semblance::hash {

std::optional<PlaneArea> find_trimmed(const ProbePlane& plane) {
  const LumaPlane luma = plane.luma();
  constexpr std::uint32_t kLeast = 5;  // per mille: less does not move a hash out of reach
  const std::optional<Enclosed> found = find_borders(luma, kLeast);
  if (!found) return std::nullopt;
  const std::uint32_t right = found->left + found->width;
  const std::uint32_t bottom = found->top + found->height;
  PlaneArea area = plane.picture();
  constexpr std::uint32_t kReach = 1;
  const auto across = [&](std::uint32_t at, EdgeInside inside) {
    return place_of(luma, {EdgeRun::kAcross, inside, at, found->left, right}, kReach);
  };
  const auto down = [&](std::uint32_t at, EdgeInside inside) {
    return place_of(luma, {EdgeRun::kDown, inside, at, found->top, bottom}, kReach);
  };
  if (found->left > 0) area.left = down(found->left, EdgeInside::kBehind);
  if (found->top > 0) area.top = across(found->top, EdgeInside::kBehind);
  if (right < luma.width) area.right = down(right, EdgeInside::kBefore);
  if (bottom < luma.height) area.bottom = across(bottom, EdgeInside::kBefore);
  return area;
}

}  // namespace semblance::hash
