// SPDX-License-Identifier: Apache-2.0
// The stored value of a picture's features: what is read is written back the same, and lies within
// the picture.
#include "semblance/features.h"

#include <algorithm>

#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  const auto set = features_from_bytes({data, size});
  if (!set) {
    SEMBLANCE_HOLDS(set.error().code == Errc::kBadFormat);
    return 0;
  }
  const std::vector<std::uint8_t> written = to_bytes(*set);
  SEMBLANCE_HOLDS(std::equal(written.begin(), written.end(), data, data + size));
  SEMBLANCE_HOLDS(set->features.size() <= kMaxFeatures);
  for (const Feature& feature : set->features) {
    SEMBLANCE_HOLDS(feature.x < set->width * 32 && feature.y < set->height * 32);
    SEMBLANCE_HOLDS(feature.size > 0);
  }
  return 0;
}
