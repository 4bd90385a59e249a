// SPDX-License-Identifier: Apache-2.0
// Films whose every frame says in its pixels which one it is.
#pragma once

#include <cstdint>
#include <string>

#include "core/luma_plane.h"
#include "datasets/encode_video.h"

namespace semblance::decode {

/// The picture of that number, 0..65535: sixteen squares, dark or light, as its bits have it, on a
/// ground that moves from frame to frame.
datasets::Picture coded_picture(std::uint32_t number, std::uint32_t width = 128,
                                std::uint32_t height = 96);

/// The number that such a picture shows, after whatever coding.
std::uint32_t coded_number(const LumaPlane& luma);

/// Encodes the pictures 0..frames-1; the test fails if that is not possible.
std::string coded_film(std::uint32_t frames, const datasets::VideoCoding& coding,
                       std::uint32_t width = 128, std::uint32_t height = 96);

}  // namespace semblance::decode
