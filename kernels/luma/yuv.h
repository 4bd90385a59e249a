// SPDX-License-Identifier: Apache-2.0
// From the luma and the halved chroma of video to R, G, B, as libswscale's fastest path rounds it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace semblance::kernels {

/// Rows of R, G and B, each by itself: what a row of 4:2:0 video shows.
///
///   y        `width` samples of 16..235, any alignment
///   u, v     (width + 1) / 2 samples of 16..240 around 128; sample x / 2 belongs to pixel x
///   r, g, b  `width` samples, any alignment; must not overlap an input
///
/// With t(s, o, c) = ((s - o) * 8 * c) >> 16, rounded down, and results clamped to 0..255:
/// R = t(y, 16, 9539) + t(v, 128, 13075), B = t(y, 16, 9539) + t(u, 128, 16525), and
/// G = t(y, 16, 9539) + t(u, 128, -3209) + t(v, 128, -6660). These are BT.601's coefficients in
/// 1/8192. Pure integers: every target gives the same bits.
/// **Source:** the behaviour of libswscale 6.7 from YUV420P to RGB24 of the same size, without
/// SWS_ACCURATE_RND, on x86 (its vector code, whose arithmetic is of 16 bits).
void yuv_to_rgb(const std::uint8_t* y, const std::uint8_t* u, const std::uint8_t* v,
                std::size_t width, std::uint8_t* r, std::uint8_t* g, std::uint8_t* b) noexcept;

/// out[3 * s + c] = plane c [s], for s in [0, n). Any alignment; must not overlap.
void interleave(const std::uint16_t* first, const std::uint16_t* second, const std::uint16_t* third,
                std::size_t n, std::uint16_t* out) noexcept;

/// The obvious loops: the oracles.
void yuv_to_rgb_reference(const std::uint8_t* y, const std::uint8_t* u, const std::uint8_t* v,
                          std::size_t width, std::uint8_t* r, std::uint8_t* g,
                          std::uint8_t* b) noexcept;
void interleave_reference(const std::uint16_t* first, const std::uint16_t* second,
                          const std::uint16_t* third, std::size_t n, std::uint16_t* out) noexcept;

}  // namespace semblance::kernels
