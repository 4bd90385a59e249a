// SPDX-License-Identifier: Apache-2.0
// Invented pictures that look like photographs to a perceptual hash.
#pragma once

#include <cstdint>

#include "datasets/picture.h"

namespace semblance::datasets {

/// Draws the scene numbered `number` of a family at the size asked for; sides of 16 pixels or more.
///
/// A random field whose spectrum falls off as that of natural pictures does, soft and hard-edged
/// shapes, texture at several scales that comes and goes over the picture, and sensor noise, in
/// colour. The result depends on the arguments alone and has the same bytes on every machine. The
/// layout is relative to the size: other sizes show the same scene, with other fine detail.
/// **Source:** Burton, Moorhead, "Color and spatial structure in natural scenes", Applied Optics 26
/// (1987), for the 1/f amplitude spectrum; value noise after Ebert et al., "Texturing and
/// Modeling".
Picture draw_scene(std::uint64_t seed, std::uint64_t number, std::uint32_t width,
                   std::uint32_t height);

}  // namespace semblance::datasets
