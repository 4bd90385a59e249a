// SPDX-License-Identifier: Apache-2.0
#include "datasets/print_scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "datasets/scene.h"

namespace semblance::datasets {
namespace {

constexpr std::array<Corner, 4> kWhole = {{{0, 0}, {1, 0}, {1, 1}, {0, 1}}};

double mean(const Picture& picture) {
  double sum = 0.0;
  for (const std::uint8_t sample : picture.rgb) sum += sample;
  return sum / static_cast<double>(picture.rgb.size());
}

TEST(SeenFromAsideTest, TheWholeSquareChangesNothing) {
  const Picture picture = draw_scene(1, 1, 90, 60);
  const Picture out = seen_from_aside(picture, kWhole, gray(0));
  for (std::size_t i = 0; i < out.rgb.size(); ++i) {
    ASSERT_LE(std::abs(out.rgb[i] - picture.rgb[i]), 1) << i;
  }
}

TEST(SeenFromAsideTest, ExchangedCornersMirror) {
  const Picture picture = draw_scene(1, 2, 64, 64);
  const Picture out = seen_from_aside(picture, {{{1, 0}, {0, 0}, {0, 1}, {1, 1}}}, gray(0));
  for (std::size_t y = 1; y < 63; ++y) {
    for (std::size_t x = 1; x < 63; ++x) {
      ASSERT_LE(std::abs(out.at(x, y)[0] - picture.at(63 - x, y)[0]), 1);
    }
  }
}

TEST(SeenFromAsideTest, CornersLandWhereTheyAreTold) {
  // Quarters of four colours: each is seen beside its corner.
  Picture picture(100, 100);
  fill(picture, {50, 0, 50, 50}, gray(60));
  fill(picture, {50, 50, 50, 50}, gray(120));
  fill(picture, {0, 50, 50, 50}, gray(180));
  const std::array<Corner, 4> corners = {{{0.2, 0.1}, {0.9, 0.2}, {0.8, 0.9}, {0.1, 0.7}}};
  const Picture out = seen_from_aside(picture, corners, gray(255));
  EXPECT_EQ(out.at(22, 14)[0], 0);
  EXPECT_EQ(out.at(86, 23)[0], 60);
  EXPECT_EQ(out.at(77, 86)[0], 120);
  EXPECT_EQ(out.at(13, 67)[0], 180);
  EXPECT_EQ(out.at(2, 2)[0], 255);
  EXPECT_EQ(out.at(97, 97)[0], 255);
}

TEST(SeenFromAsideTest, ChanceKeepsTheMiddle) {
  const Picture picture = draw_scene(1, 3, 120, 80);
  Random random(3);
  Random again(3);
  const Picture out = seen_from_aside(picture, 0.15, random);
  EXPECT_EQ(out, seen_from_aside(picture, 0.15, again));
  EXPECT_NE(out, picture);
  EXPECT_EQ(out.width, 120U);
}

TEST(HalftonedTest, KeepsTheGrayOnAverage) {
  for (const std::uint8_t shade : {std::uint8_t{60}, std::uint8_t{128}, std::uint8_t{200}}) {
    const Picture out = halftoned(plain(120, 120, gray(shade)), 4.0, 1.0);
    EXPECT_NEAR(mean(out), shade, 26.0) << int{shade};
    const auto [darkest, lightest] = std::ranges::minmax(out.rgb);
    EXPECT_LT(darkest, 40);
    EXPECT_GT(lightest, 215);
  }
  const Picture picture = draw_scene(1, 4, 64, 48);
  EXPECT_EQ(halftoned(picture, 4.0, 0.0), picture);
}

TEST(PrintedAndScannedTest, DependsOnTheSeedAlone) {
  const Picture picture = draw_scene(1, 5, 160, 120);
  Random random(8);
  Random again(8);
  Random another(9);
  const Picture out = printed_and_scanned(picture, random);
  EXPECT_EQ(out, printed_and_scanned(picture, again));
  EXPECT_NE(out, printed_and_scanned(picture, another));
}

}  // namespace
}  // namespace semblance::datasets
