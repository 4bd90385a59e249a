// SPDX-License-Identifier: Apache-2.0
#include "hash/embedding/small_picture.h"

#include <gtest/gtest.h>

#include <random>

#include "hash/embedding/rasters.h"

namespace semblance::hash {
namespace {

constexpr std::size_t kSide = SmallPicture::kSide;

// Of 1 channel, so that the samples are luma.
Raster noise(std::uint32_t width, std::uint32_t height, std::uint32_t seed) {
  std::mt19937 rng(seed);
  Raster raster{width, height, 1, std::vector<std::uint8_t>(std::size_t{width} * height)};
  for (std::uint8_t& sample : raster.samples) sample = static_cast<std::uint8_t>(rng());
  return raster;
}

// The mean of what a sample covers, the obvious way.
double mean(const Raster& raster, std::size_t row, std::size_t column) {
  const auto covered = [](std::size_t part, std::uint32_t length, std::uint32_t pixel) {
    const double begin = static_cast<double>(part) * length / kSide;
    const double end = static_cast<double>(part + 1) * length / kSide;
    return std::max(0.0, std::min(end, pixel + 1.0) - std::max(begin, double{1} * pixel));
  };
  double sum = 0;
  double all = 0;
  for (std::uint32_t y = 0; y < raster.height; ++y) {
    const double down = covered(row, raster.height, y);
    if (down == 0) continue;
    for (std::uint32_t x = 0; x < raster.width; ++x) {
      const double weight = down * covered(column, raster.width, x);
      sum += weight * raster.row(y)[x];
      all += weight;
    }
  }
  return sum / all;
}

TEST(SmallPictureTest, SamplesAreTheMeansOfTheirAreas) {
  struct Size {
    std::uint32_t width, height;
  };
  // Shapes that divide and do not, larger and smaller than the square, and more rows to a sample
  // than a sum of 16 bits holds.
  for (const auto [width, height] :
       {Size{64, 64}, {128, 192}, {100, 77}, {1, 1}, {7, 300}, {63, 65}, {1000, 3}, {3, 33'000}}) {
    const Raster raster = noise(width, height, width);
    const SmallPicture small = make_small(raster);
    for (const std::size_t row : {0U, 1U, 31U, 62U, 63U}) {
      for (const std::size_t column : {0U, 13U, 32U, 63U}) {
        EXPECT_NEAR(small.luma[row * kSide + column], 16 * mean(raster, row, column), 0.51)
            << width << " x " << height << " at " << row << ", " << column;
      }
    }
  }
}

TEST(SmallPictureTest, WhiteRowsDoNotOverflow) {
  const SmallPicture small = make_small(rasters::plain(2, 70'000, 255, 255, 255));
  for (const std::int16_t sample : small.luma) ASSERT_EQ(sample, 255 * 16);
}

TEST(SmallPictureTest, ColoursAreThoseOfBt601) {
  const SmallPicture red = make_small(rasters::plain(90, 60, 255, 0, 0));
  EXPECT_NEAR(red.luma[100], 0.299 * 255 * 16, 1);
  EXPECT_NEAR(red.red[100], 127.5 * 16, 2);
  EXPECT_NEAR(red.blue[100], -0.168736 * 255 * 16, 2);
  const SmallPicture blue = make_small(rasters::plain(90, 60, 0, 0, 255));
  EXPECT_NEAR(blue.blue[100], 127.5 * 16, 2);
}

TEST(SmallPictureTest, GrayIsTheSameInOneChannelAndInThree) {
  const Raster gray = noise(200, 150, 5);
  Raster colour{200, 150, 3, {}};
  for (const std::uint8_t sample : gray.samples)
    colour.samples.insert(colour.samples.end(), 3, sample);
  const SmallPicture one = make_small(gray);
  const SmallPicture three = make_small(colour);
  EXPECT_EQ(one.luma, three.luma);
  EXPECT_EQ(three.blue, SmallPicture::Plane{});
  EXPECT_EQ(three.red, SmallPicture::Plane{});
}

TEST(SmallPictureTest, WhatIsNoPictureIsRefused) {
  EXPECT_TRUE(check(noise(3, 2, 1)));
  for (Raster raster : {Raster{}, Raster{0, 5, 1, {}}, Raster{5, 0, 3, {}},
                        Raster{2, 2, 2, std::vector<std::uint8_t>(8)},
                        Raster{2, 2, 3, std::vector<std::uint8_t>(11)},
                        Raster{2, 2, 3, std::vector<std::uint8_t>(13)},
                        Raster{0xffffffff, 0xffffffff, 3, std::vector<std::uint8_t>(3)}}) {
    const Status status = check(raster);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Errc::kBadArgument);
  }
}

}  // namespace
}  // namespace semblance::hash
