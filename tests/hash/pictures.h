// SPDX-License-Identifier: Apache-2.0
// Pictures made from a seed, with structure at low frequencies as photographs have it.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

#include "semblance/pdq.h"

namespace semblance::pictures {

/// Owned pixels of a made picture, rows tight.
struct Picture {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  int channels = 1;
  std::vector<std::uint8_t> pixels;

  PictureView view() const {
    return {pixels.data(), width, height,
            static_cast<std::ptrdiff_t>(width) * static_cast<std::ptrdiff_t>(channels), channels};
  }
};

/// Waves of random direction, length and phase over each channel, with a little noise: enough
/// structure that no coefficient which decides a bit is near the median by construction.
inline Picture make_picture(std::uint32_t width, std::uint32_t height, int channels,
                            std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  const auto uniform = [&rng](double low, double high) {
    return low + (high - low) * static_cast<double>(rng() >> 11) * 0x1p-53;
  };
  constexpr int kWaves = 12;
  const std::size_t samples = std::size_t{width} * height * static_cast<std::size_t>(channels);
  Picture picture{width, height, channels, std::vector<std::uint8_t>(samples)};
  std::vector<double> down(std::size_t{height} * 2 * kWaves);
  std::vector<double> across(std::size_t{width} * 2 * kWaves);
  for (int c = 0; c < channels; ++c) {
    for (std::size_t w = 0; w < kWaves; ++w) {
      // A wave over the plane is a sum of two products of waves along the sides.
      const double fy = uniform(-9, 9) * std::numbers::pi / height;
      const double fx = uniform(-9, 9) * std::numbers::pi / width;
      const double phase = uniform(0, 2 * std::numbers::pi);
      const double size = uniform(4, 22);
      for (std::size_t y = 0; y < height; ++y) {
        down[(y * kWaves + w) * 2] = size * std::cos(fy * static_cast<double>(y) + phase);
        down[(y * kWaves + w) * 2 + 1] = -size * std::sin(fy * static_cast<double>(y) + phase);
      }
      for (std::size_t x = 0; x < width; ++x) {
        across[(x * kWaves + w) * 2] = std::cos(fx * static_cast<double>(x));
        across[(x * kWaves + w) * 2 + 1] = std::sin(fx * static_cast<double>(x));
      }
    }
    for (std::size_t y = 0; y < height; ++y) {
      for (std::size_t x = 0; x < width; ++x) {
        double value = 127 + static_cast<double>(rng() % 16);
        for (std::size_t w = 0; w < std::size_t{2} * kWaves; ++w) {
          value += down[y * kWaves * 2 + w] * across[x * kWaves * 2 + w];
        }
        picture.pixels[(y * width + x) * static_cast<std::size_t>(channels) +
                       static_cast<std::size_t>(c)] =
            static_cast<std::uint8_t>(std::fmin(255, std::fmax(0, value)));
      }
    }
  }
  return picture;
}

}  // namespace semblance::pictures
