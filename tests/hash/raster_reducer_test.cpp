// SPDX-License-Identifier: Apache-2.0
#include "hash/raster_reducer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "hash/pictures.h"

namespace semblance {
namespace {

using hash::RasterReducer;
using pictures::Picture;

Raster reduce(const Picture& picture, int kept, std::uint32_t portion) {
  RasterReducer reducer(picture.width, picture.height, picture.channels, kept);
  const PictureView view = picture.view();
  for (std::uint32_t y = 0; y < picture.height; y += portion) {
    reducer.add_rows(view.data + static_cast<std::ptrdiff_t>(y) * view.stride, view.stride,
                     std::min(portion, picture.height - y));
  }
  return reducer.finish();
}

Picture noise(std::uint32_t width, std::uint32_t height, int channels, std::uint64_t seed) {
  Picture picture{width, height, channels, {}};
  picture.pixels.resize(std::size_t{width} * height * static_cast<std::size_t>(channels));
  std::mt19937_64 rng(seed);
  for (auto& sample : picture.pixels) sample = static_cast<std::uint8_t>(rng());
  return picture;
}

// How much of pixel p sample s covers, in 1/samples of a pixel.
std::uint64_t overlap(std::uint64_t p, std::uint64_t s, std::uint64_t pixels,
                      std::uint64_t samples) {
  const std::uint64_t begin = std::max(p * samples, s * pixels);
  const std::uint64_t end = std::min((p + 1) * samples, (s + 1) * pixels);
  return end > begin ? end - begin : 0;
}

// The definition: the exact mean of what a sample covers, to the nearest, halves up.
std::uint8_t mean_of(const Picture& picture, const Raster& raster, std::uint32_t x, std::uint32_t y,
                     std::size_t channel) {
  const auto channels = static_cast<std::size_t>(picture.channels);
  const std::uint64_t w = picture.width;
  const std::uint64_t h = picture.height;
  std::uint64_t sum = 0;
  for (std::uint64_t py = y * h / raster.height; py < h; ++py) {
    const std::uint64_t down = overlap(py, y, h, raster.height);
    if (down == 0) break;
    for (std::uint64_t px = x * w / raster.width; px < w; ++px) {
      const std::uint64_t across = overlap(px, x, w, raster.width);
      if (across == 0) break;
      sum += down * across * picture.pixels[(py * w + px) * channels + channel];
    }
  }
  return static_cast<std::uint8_t>((2 * sum + w * h) / (2 * w * h));
}

void expect_means(const Picture& picture, std::uint32_t width, std::uint32_t height) {
  const Raster raster = reduce(picture, picture.channels, 7);
  ASSERT_EQ(raster.width, width);
  ASSERT_EQ(raster.height, height);
  ASSERT_EQ(raster.channels, picture.channels);
  std::mt19937_64 rng(picture.width);
  for (int n = 0; n < 3000; ++n) {
    // The corners first: what lies at the sides is what goes wrong.
    const auto x = n < 4 ? (n % 2 == 0 ? 0 : width - 1) : static_cast<std::uint32_t>(rng() % width);
    const auto y =
        n < 4 ? (n / 2 == 0 ? 0 : height - 1) : static_cast<std::uint32_t>(rng() % height);
    for (std::size_t c = 0; c < static_cast<std::size_t>(picture.channels); ++c) {
      const std::size_t at = x * static_cast<std::size_t>(raster.channels) + c;
      ASSERT_EQ(raster.row(y)[at], mean_of(picture, raster, x, y, c)) << x << ", " << y;
    }
  }
}

TEST(RasterReducer, EverySampleIsTheMeanOfWhatItCovers) {
  expect_means(noise(1025, 700, 1, 1), 1024, 699);
  expect_means(noise(700, 1531, 3, 2), 468, 1024);
  expect_means(noise(2048, 1024, 1, 3), 1024, 512);
  expect_means(noise(2999, 17, 3, 4), 1024, 6);
  expect_means(noise(1, 3000, 1, 5), 1, 1024);
  expect_means(noise(65536, 3, 1, 6), 1024, 1);
  expect_means(noise(2, 65536, 3, 7), 1, 1024);
}

TEST(RasterReducer, ASmallPictureKeepsItsPixels) {
  for (const auto& [width, height] : {std::pair{1U, 1U}, {1024U, 1024U}, {3U, 1024U}}) {
    const Picture picture = noise(width, height, 3, 8);
    const Raster raster = reduce(picture, 3, 64);
    EXPECT_EQ(raster.width, width);
    EXPECT_EQ(raster.height, height);
    EXPECT_EQ(raster.samples, picture.pixels);
  }
}

TEST(RasterReducer, PortionsDoNotMatter) {
  const Picture picture = noise(1300, 1100, 3, 9);
  for (const int kept : {1, 3}) {
    const Raster whole = reduce(picture, kept, picture.height);
    for (const std::uint32_t portion : {1U, 8U, 61U}) {
      EXPECT_EQ(reduce(picture, kept, portion), whole) << portion;
    }
  }
}

TEST(RasterReducer, LumaIsThatOfEachPixel) {
  const Picture picture = noise(1500, 40, 3, 10);
  Picture gray{picture.width, picture.height, 1, {}};
  for (std::size_t k = 0; k < picture.pixels.size(); k += 3) {
    const std::uint32_t sum =
        299U * picture.pixels[k] + 587U * picture.pixels[k + 1] + 114U * picture.pixels[k + 2];
    gray.pixels.push_back(static_cast<std::uint8_t>((sum + 500) / 1000));
  }
  EXPECT_EQ(reduce(picture, 1, 3), reduce(gray, 1, 3));
}

TEST(RasterReducer, GrayFillsThreeChannels) {
  const Picture gray = noise(1200, 30, 1, 11);
  const Raster one = reduce(gray, 1, 5);
  const Raster three = reduce(gray, 3, 5);
  ASSERT_EQ(three.samples.size(), 3 * one.samples.size());
  for (std::size_t k = 0; k < three.samples.size(); ++k) {
    ASSERT_EQ(three.samples[k], one.samples[k / 3]);
  }
}

// Rows beyond the height are nobody's.
TEST(RasterReducer, MoreRowsThanPromisedAreLeft) {
  const Picture picture = noise(1100, 50, 1, 12);
  RasterReducer reducer(1100, 40, 1, 1);
  reducer.add_rows(picture.view().data, picture.view().stride, 50);
  const Picture part{
      1100, 40, 1, {picture.pixels.begin(), picture.pixels.begin() + std::ptrdiff_t{1100} * 40}};
  EXPECT_EQ(reducer.finish(), reduce(part, 1, 40));
}

}  // namespace
}  // namespace semblance
