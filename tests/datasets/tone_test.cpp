// SPDX-License-Identifier: Apache-2.0
#include "datasets/tone.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "datasets/scene.h"

namespace semblance::datasets {
namespace {

Picture one_pixel(std::uint8_t r, std::uint8_t g, std::uint8_t b) {
  Picture picture(1, 1);
  picture.rgb = {r, g, b};
  return picture;
}

// The mean difference between neighbours in a row.
double roughness(const Picture& picture) {
  double sum = 0.0;
  for (std::size_t i = 3; i < picture.rgb.size(); ++i) {
    sum += std::abs(picture.rgb[i] - picture.rgb[i - 3]);
  }
  return sum / static_cast<double>(picture.rgb.size() - 3);
}

TEST(ToneTest, CurvesHitTheirPoints) {
  const Picture pixel = one_pixel(64, 128, 200);
  EXPECT_EQ(brightened(pixel, 1.5F), one_pixel(96, 192, 255));
  EXPECT_EQ(contrasted(pixel, 0.5F), one_pixel(96, 128, 164));
  EXPECT_EQ(inverted(pixel), one_pixel(191, 127, 55));
  EXPECT_EQ(inverted(inverted(pixel)), pixel);
}

TEST(ToneTest, GammaIsAPower) {
  for (int quarters = 1; quarters <= 12; ++quarters) {
    for (int value = 0; value < 256; ++value) {
      const auto sample = static_cast<std::uint8_t>(value);
      const double exact = 255.0 * std::pow(value / 255.0, quarters / 4.0);
      EXPECT_NEAR(gamma_adjusted(one_pixel(sample, 0, 255), quarters).rgb[0], exact, 0.51)
          << value << " to the " << quarters << " / 4";
    }
  }
  EXPECT_EQ(gamma_adjusted(one_pixel(3, 99, 250), 4), one_pixel(3, 99, 250));
}

TEST(ToneTest, WithoutSaturationEveryPixelIsItsLuma) {
  const Picture gray = saturated(one_pixel(255, 0, 0), 0.0F);
  EXPECT_EQ(gray, one_pixel(76, 76, 76));
  EXPECT_EQ(saturated(one_pixel(10, 20, 30), 1.0F), one_pixel(10, 20, 30));
}

TEST(ToneTest, BlurSmoothsAndSharpeningRoughens) {
  const Picture picture = draw_scene(1, 1, 64, 48);
  EXPECT_LT(roughness(blurred(picture, 8)), roughness(blurred(picture, 2)));
  EXPECT_LT(roughness(blurred(picture, 2)), roughness(picture));
  EXPECT_GT(roughness(sharpened(picture, 1.0F)), roughness(picture));
}

TEST(ToneTest, BlurSpreadsAPointAsBinomialWeights) {
  Picture point(7, 7);
  point.at(3, 3)[1] = 160;
  const Picture out = blurred(point, 1);
  EXPECT_EQ(out.at(3, 3)[1], 40);
  EXPECT_EQ(out.at(2, 3)[1], 20);
  EXPECT_EQ(out.at(3, 4)[1], 20);
  EXPECT_EQ(out.at(4, 4)[1], 10);
  EXPECT_EQ(out.at(5, 3)[1], 0);
  EXPECT_EQ(out.at(3, 3)[0], 0);
}

TEST(ToneTest, NoiseHasTheDeviationAskedForAndFollowsItsSeed) {
  Picture flat(100, 100);
  std::fill(flat.rgb.begin(), flat.rgb.end(), std::uint8_t{128});
  Random random(3);
  const Picture out = noisy(flat, 6.0F, random);
  double squares = 0.0;
  for (const std::uint8_t value : out.rgb) squares += (value - 128.0) * (value - 128.0);
  EXPECT_NEAR(std::sqrt(squares / 30000.0), 6.0, 0.3);
  Random again(3);
  EXPECT_EQ(noisy(flat, 6.0F, again), out);
}

TEST(ToneTest, ACaptionTouchesTheBottomAlone) {
  const Picture picture = draw_scene(1, 2, 200, 100);
  Random random(4);
  const Picture out = captioned(picture, 0.1, random);
  EXPECT_TRUE(std::equal(picture.rgb.begin(), picture.rgb.begin() + 90 * 600, out.rgb.begin()));
  EXPECT_EQ(out.at(0, 99)[0], 24);
  EXPECT_TRUE(std::find(out.rgb.begin() + 90 * 600, out.rgb.end(), 235) != out.rgb.end())
      << "the bar carries no marks";
}

TEST(ToneTest, AWatermarkTouchesItsCornerAlone) {
  const Picture picture = draw_scene(1, 2, 200, 100);
  Random random(5);
  const Picture out = watermarked(picture, 0.2, random);
  for (std::size_t y = 0; y < 100; ++y) {
    const std::size_t same = y < 80 ? 200 : 160;
    ASSERT_TRUE(std::equal(picture.row(y), picture.row(y) + 3 * same, out.row(y))) << y;
  }
  EXPECT_EQ(out.at(199, 99)[0], (picture.at(199, 99)[0] + 230 + 1) / 2);
}

}  // namespace
}  // namespace semblance::datasets
