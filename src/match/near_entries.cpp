// SPDX-License-Identifier: Apache-2.0
#include "match/near_entries.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace semblance::match {

void note_near(NearEntries& entries, std::int64_t entry, int distance) {
  int& nearest = entries.try_emplace(entry, distance).first->second;
  nearest = std::min(nearest, distance);
}

bool keep_nearest(NearEntries& entries, std::size_t most) {
  if (entries.size() <= most) return false;
  std::vector<std::pair<int, std::int64_t>> ranked;
  ranked.reserve(entries.size());
  for (const auto& [entry, distance] : entries) ranked.emplace_back(distance, entry);
  const auto first_left = ranked.begin() + static_cast<std::ptrdiff_t>(most);
  std::nth_element(ranked.begin(), first_left, ranked.end());
  std::for_each(first_left, ranked.end(), [&](const auto& left) { entries.erase(left.second); });
  return true;
}

}  // namespace semblance::match
