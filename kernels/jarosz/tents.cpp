// SPDX-License-Identifier: Apache-2.0
#include "jarosz/tents.h"

namespace semblance::kernels {

Tents make_tents(std::uint32_t size) {
  Tents tents;
  tents.size = size;
  tents.window = box_window(size);
  for (std::uint32_t t = 0; t < tap_count(size); ++t) tents.taps.push_back(make_tap(size, t));
  return tents;
}

}  // namespace semblance::kernels
