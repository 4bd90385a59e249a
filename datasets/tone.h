// SPDX-License-Identifier: Apache-2.0
// Alterations that keep every pixel in its place: light, colour, sharpness, noise and overlays.
#pragma once

#include "datasets/picture.h"
#include "datasets/random.h"

namespace semblance::datasets {

/// Multiplies every sample by `factor`, clipped.
Picture brightened(const Picture& picture, float factor);

/// Stretches samples about mid-gray by `factor`, clipped.
Picture contrasted(const Picture& picture, float factor);

/// Raises samples, as fractions of 255, to the power `quarters` / 4: above 4 darkens. At least 1.
Picture gamma_adjusted(const Picture& picture, int quarters);

/// Moves colours away from their luma by `factor`: 0 is gray, 1 unchanged.
Picture saturated(const Picture& picture, float factor);

/// Exchanges black and white.
Picture inverted(const Picture& picture);

/// Blurs by `passes` repetitions of (1 2 1) / 4 in both directions: deviation sqrt(passes / 2)
/// pixels.
Picture blurred(const Picture& picture, int passes);

/// Adds `amount` times the difference from a slightly blurred copy.
Picture sharpened(const Picture& picture, float amount);

/// Adds bell-shaped noise of the given deviation, in sample values, to each sample on its own.
Picture noisy(const Picture& picture, float deviation, Random& random);

/// Covers the lowest `fraction` of the height with a dark bar that carries text-like marks.
Picture captioned(const Picture& picture, double fraction, Random& random);

/// Lays a light, half transparent patch with text-like marks over the lower right corner, its sides
/// `fraction` of the picture's.
Picture watermarked(const Picture& picture, double fraction, Random& random);

}  // namespace semblance::datasets
