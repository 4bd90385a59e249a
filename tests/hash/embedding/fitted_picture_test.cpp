// SPDX-License-Identifier: Apache-2.0
#include "hash/embedding/fitted_picture.h"

#include <gtest/gtest.h>

#include <random>

#include "hash/embedding/rasters.h"

namespace semblance::hash {
namespace {

using rasters::plain;

Raster noise(std::uint32_t width, std::uint32_t height, int channels) {
  std::mt19937 rng(width);
  Raster raster{width, height, channels, {}};
  raster.samples.resize(raster.row_bytes() * height);
  for (std::uint8_t& sample : raster.samples) sample = static_cast<std::uint8_t>(rng());
  return raster;
}

// A picture whose samples grow by `step` from left to right.
Raster ramp(std::uint32_t width, std::uint32_t height, unsigned step) {
  Raster raster{width, height, 1, {}};
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      raster.samples.push_back(static_cast<std::uint8_t>(x * step));
    }
  }
  return raster;
}

TEST(FittedPictureTest, TheSameSizeIsTheSamePicture) {
  for (const int channels : {1, 3}) {
    const Raster raster = noise(23, 17, channels);
    for (const Fit fit : {Fit::kStretch, Fit::kCrop, Fit::kPad}) {
      const FittedPicture fitted = fit_picture(raster, 23, 17, fit);
      EXPECT_EQ(fitted.picture, raster);
      EXPECT_EQ(fitted.left, 0U);
      EXPECT_EQ(fitted.top, 0U);
    }
  }
}

TEST(FittedPictureTest, EveryFitOfOneColourIsThatColour) {
  for (const auto& [width, height] : {std::pair{1U, 1U}, {500U, 30U}, {3U, 400U}, {32U, 32U}}) {
    for (const Fit fit : {Fit::kStretch, Fit::kCrop, Fit::kPad}) {
      const FittedPicture fitted = fit_picture(plain(width, height, 255, 7, 0), 40, 32, fit);
      const Raster& shown = fitted.picture;
      EXPECT_EQ(shown, plain(shown.width, shown.height, 255, 7, 0)) << width << ' ' << height;
      EXPECT_LE(fitted.left + shown.width, 40U);
      EXPECT_LE(fitted.top + shown.height, 32U);
      if (fit == Fit::kPad) continue;
      EXPECT_EQ(shown.width, 40U);
      EXPECT_EQ(shown.height, 32U);
    }
  }
}

// By hand: halving a side, a tent over four pixels weighs 1 3 3 1 of 8, and less at the edges.
TEST(FittedPictureTest, ShrinkingIsATent) {
  const Raster row{8, 1, 1, {0, 80, 160, 8, 16, 200, 100, 40}};
  const FittedPicture fitted = fit_picture(row, 4, 1, Fit::kStretch);
  const std::vector<std::uint8_t> wanted = {
      static_cast<std::uint8_t>((3 * 0 + 3 * 80 + 160) / 7.0 + 0.5),
      static_cast<std::uint8_t>((80 + 3 * 160 + 3 * 8 + 16) / 8.0 + 0.5),
      static_cast<std::uint8_t>((8 + 3 * 16 + 3 * 200 + 100) / 8.0 + 0.5),
      static_cast<std::uint8_t>((200 + 3 * 100 + 3 * 40) / 7.0 + 0.5)};
  EXPECT_EQ(fitted.picture.samples, wanted);
}

TEST(FittedPictureTest, EnlargingIsBilinear) {
  const Raster row{2, 1, 1, {0, 200}};
  const FittedPicture fitted = fit_picture(row, 4, 1, Fit::kStretch);
  EXPECT_EQ(fitted.picture.samples, (std::vector<std::uint8_t>{0, 50, 150, 200}));
}

TEST(FittedPictureTest, CroppingShowsTheMiddle) {
  const FittedPicture wide = fit_picture(ramp(60, 20, 4), 20, 20, Fit::kCrop);
  EXPECT_EQ(wide.picture.row(5)[0], 20 * 4);
  EXPECT_EQ(wide.picture.row(5)[19], 39 * 4);
  const FittedPicture tall = fit_picture(ramp(20, 60, 4), 20, 20, Fit::kCrop);
  EXPECT_EQ(tall.picture.row(5)[0], 0);
  EXPECT_EQ(tall.picture.row(5)[19], 19 * 4);
}

TEST(FittedPictureTest, PaddingLeavesEqualEdges) {
  const FittedPicture wide = fit_picture(ramp(60, 20, 4), 30, 30, Fit::kPad);
  EXPECT_EQ(wide.picture.width, 30U);
  EXPECT_EQ(wide.picture.height, 10U);
  EXPECT_EQ(wide.top, 10U);
  EXPECT_EQ(wide.left, 0U);
  const FittedPicture tall = fit_picture(ramp(1, 2'000, 4), 30, 30, Fit::kPad);
  EXPECT_EQ(tall.picture.width, 1U);  // never none
  EXPECT_EQ(tall.picture.height, 30U);
}

// Reads and writes nothing outside (the sanitizers look), and every sample is of the picture's
// range.
TEST(FittedPictureTest, AnySizes) {
  for (const std::uint32_t width : {1U, 2U, 7U, 64U, 333U}) {
    for (const std::uint32_t height : {1U, 5U, 64U, 200U}) {
      Raster raster = noise(width, height, 3);
      for (std::uint8_t& sample : raster.samples)
        sample = static_cast<std::uint8_t>(90 + sample % 20);
      for (const std::uint32_t side : {1U, 3U, 65U}) {
        for (const Fit fit : {Fit::kStretch, Fit::kCrop, Fit::kPad}) {
          const FittedPicture fitted = fit_picture(raster, side, side + 2, fit);
          for (const std::uint8_t sample : fitted.picture.samples) {
            ASSERT_GE(sample, 90);
            ASSERT_LT(sample, 110);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace semblance::hash
