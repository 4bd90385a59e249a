// SPDX-License-Identifier: Apache-2.0
#include "jarosz/tents.h"

namespace semblance::kernels {

Tents make_tents(std::uint32_t size) {
  Tents tents;
  tents.size = size;
  const std::uint32_t window = size / 128 + (size % 128 != 0 ? 1U : 0U);
  tents.window = window;
  const std::uint32_t left_reach = window - (window + 2) / 2;
  const std::uint64_t square = std::uint64_t{window} * window;
  for (std::uint32_t i = 0; i < kReducedSide; ++i) {
    // floor((i + 0.5) * size / 64), the sample that the decimation picks.
    const auto centre = static_cast<std::uint32_t>((2 * std::uint64_t{i} + 1) * size / 128);
    tents.taps.push_back({centre - 2 * left_reach, 2 * window - 1, window, i, square});
  }
  if (window % 2 != 0) return tents;

  // An even window leans one sample beyond its centre, so the last tent ends one sample beyond the
  // side: the last of its `window` boxes has one sample less. The others form a trapezoid.
  Tap& last = tents.taps.back();
  last.count = 2 * window - 2;
  last.plateau = window - 1;
  const Tap cut_box = {size - (window - 1), window - 1, 1, kReducedSide - 1,
                       std::uint64_t{window} * (window - 1)};
  tents.taps.push_back(cut_box);
  return tents;
}

}  // namespace semblance::kernels
