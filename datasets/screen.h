// SPDX-License-Identifier: Apache-2.0
// A picture as it stands on a screen, with the interface around it.
#pragma once

#include <cstdint>

#include "datasets/picture.h"
#include "datasets/random.h"

namespace semblance::datasets {

enum class Screen : std::uint8_t {
  kPhone,    // 720 x 1440: a status bar, a heading, the picture, buttons and comments
  kDesktop,  // 1440 x 900: a window with its bars, a list at the side, the picture, text beneath
};

/// A screenshot that shows the whole picture, its larger extent `share` (0.25..1) of the screen's
/// in that direction, less what bars take where it is near 1. Light or dark, at random.
Picture screenshot(const Picture& picture, Screen screen, double share, Random& random);

}  // namespace semblance::datasets
