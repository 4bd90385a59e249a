// SPDX-License-Identifier: Apache-2.0
// A FAISS file from anybody: refused, or one of the two forms, every code of which can be found.
#include <algorithm>
#include <vector>

#include "index/memory_file.h"
#include "semblance/live_index.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  static const fuzz::MemoryFile file;
  const auto index =
      read_faiss_index(file.holding({data, size}), {.merge_in_background = false, .tables = {}});
  if (!index) {
    SEMBLANCE_HOLDS(index.error().code == Errc::kBadFormat);
    return 0;
  }
  const std::size_t codes = (*index)->size();
  SEMBLANCE_HOLDS(size == 33 + 32 * codes || size == 66 + 40 * codes);
  std::size_t visited = 0;
  SEMBLANCE_HOLDS((*index)->for_each([&](const Hash256& code, std::int64_t label) {
    ++visited;
    const auto hits = (*index)->range_search({&code, 1}, 0);
    SEMBLANCE_HOLDS(hits && std::any_of(hits->begin(), hits->end(), [&](const LabelledHit& hit) {
                      return hit.label == label && hit.distance == 0;
                    }));
  }));
  SEMBLANCE_HOLDS(visited == codes);
  return 0;
}
