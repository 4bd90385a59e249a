// SPDX-License-Identifier: Apache-2.0
#include "decode/video/coded_film.h"

#include <gtest/gtest.h>

namespace semblance::decode {
namespace {

constexpr std::uint32_t kGrid = 4;  // squares a side

}  // namespace

datasets::Picture coded_picture(std::uint32_t number, std::uint32_t width, std::uint32_t height) {
  datasets::Picture picture(width, height);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const std::uint32_t bit = y * kGrid / height * kGrid + x * kGrid / width;
      const std::uint32_t ground = (number >> bit & 1) != 0 ? 190 : 50;
      const std::uint32_t ripple = (x + y + number * 3) / 4 % 8;
      const auto value = static_cast<std::uint8_t>(ground + ripple);
      std::uint8_t* pixel = picture.at(x, y);
      pixel[0] = pixel[1] = pixel[2] = value;
    }
  }
  return picture;
}

std::uint32_t coded_number(const LumaPlane& luma) {
  std::uint32_t number = 0;
  for (std::uint32_t bit = 0; bit < kGrid * kGrid; ++bit) {
    // The middle of the square, away from what the coding smears over its edges.
    const std::uint32_t row = (2 * (bit / kGrid) + 1) * luma.height / (2 * kGrid);
    const std::uint32_t column = (2 * (bit % kGrid) + 1) * luma.width / (2 * kGrid);
    const std::uint8_t* at =
        luma.data + static_cast<std::ptrdiff_t>(row) * luma.stride + std::ptrdiff_t{column};
    number |= (*at > 120 ? 1u : 0u) << bit;
  }
  return number;
}

std::string coded_film(std::uint32_t frames, const datasets::VideoCoding& coding,
                       std::uint32_t width, std::uint32_t height) {
  const auto pictures = [&](std::uint32_t index) -> std::optional<datasets::Picture> {
    if (index >= frames) return std::nullopt;
    return coded_picture(index, width, height);
  };
  auto file = datasets::encode_video(pictures, coding);
  EXPECT_TRUE(file) << (file ? "" : file.error().what);
  return file ? *std::move(file) : std::string();
}

}  // namespace semblance::decode
