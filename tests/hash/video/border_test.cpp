// SPDX-License-Identifier: Apache-2.0
#include "hash/video/border.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "datasets/scene.h"
#include "hash/video/frames.h"

namespace semblance::hash {
namespace {

using frames::bordered;
using frames::coded;
using frames::Luma;
using frames::luma_of;

// A picture without borders of its own.
const datasets::Picture& scene() {
  static const datasets::Picture drawn = datasets::draw_scene(3, 1, 320, 240);
  return drawn;
}

TEST(BorderTest, APictureWithoutBordersHasNone) {
  for (std::uint64_t n = 0; n < 20; ++n) {
    const Luma luma = luma_of(datasets::draw_scene(4, n, 200, 120));
    EXPECT_EQ(find_borders(luma.plane()), std::nullopt) << n;
  }
}

TEST(BorderTest, BordersOfAnyOneLevelAreFoundToThePixel) {
  for (const std::uint8_t gray : std::to_array<std::uint8_t>({0, 16, 90, 128, 235, 255})) {
    const Luma all = luma_of(bordered(scene(), 21, 34, gray));
    EXPECT_EQ(find_borders(all.plane()), (Enclosed{21, 34, 320, 240})) << int{gray};
    const Luma pillars = luma_of(bordered(scene(), 40, 0, gray));
    EXPECT_EQ(find_borders(pillars.plane()), (Enclosed{40, 0, 320, 240})) << int{gray};
    const Luma letters = luma_of(bordered(scene(), 0, 40, gray));
    EXPECT_EQ(find_borders(letters.plane()), (Enclosed{0, 40, 320, 240})) << int{gray};
  }
}

TEST(BorderTest, CodingDoesNotMoveTheEdges) {
  for (const int quality : {90, 70, 50, 30}) {
    for (const std::uint8_t gray : std::to_array<std::uint8_t>({16, 128, 255})) {
      // Edges within blocks of 8 and between them.
      for (const std::uint32_t wide : {13U, 16U, 20U}) {
        const Luma luma = luma_of(coded(bordered(scene(), wide, wide + 1, gray), quality));
        const auto found = find_borders(luma.plane());
        ASSERT_TRUE(found) << quality << ' ' << int{gray} << ' ' << wide;
        EXPECT_NEAR(found->left, wide, 1) << quality << ' ' << int{gray};
        EXPECT_NEAR(found->top, wide + 1, 1) << quality << ' ' << int{gray};
        EXPECT_NEAR(found->left + found->width, wide + 320, 1) << quality << ' ' << int{gray};
        EXPECT_NEAR(found->top + found->height, wide + 241, 1) << quality << ' ' << int{gray};
      }
    }
  }
}

TEST(BorderTest, AFewPixelsInTheBorderDoNotHideIt) {
  Luma luma = luma_of(bordered(scene(), 24, 24, 0));
  for (std::size_t k = 0; k < 3; ++k) {
    luma.at(100 + k, 3) = 255;
    luma.at(2, 60 + k) = 255;
  }
  EXPECT_EQ(find_borders(luma.plane()), (Enclosed{24, 24, 320, 240}));
}

TEST(BorderTest, OnlyTheOutermostLayerIsTaken) {
  const datasets::Picture film = bordered(scene(), 40, 0, 16);  // pillars of its own
  const Luma luma = luma_of(bordered(film, 20, 20, 255));
  EXPECT_EQ(find_borders(luma.plane()), (Enclosed{20, 20, 400, 240}));
  // Rows of one level, and columns of another between them: only the rows are whole.
  const Luma both = luma_of(bordered(film, 0, 20, 255));
  EXPECT_EQ(find_borders(both.plane()), (Enclosed{0, 20, 400, 240}));
}

TEST(BorderTest, ThinAndVeryWideBordersAreNone) {
  const Luma thin = luma_of(bordered(scene(), 3, 2, 0));  // under 1 % of 326 and 244
  EXPECT_EQ(find_borders(thin.plane()), std::nullopt);
  const Luma wide = luma_of(bordered(scene(), 1500, 0, 0));  // over 45 % a side
  EXPECT_EQ(find_borders(wide.plane()), std::nullopt);
}

TEST(BorderTest, BlankFramesHaveNoBorder) {
  for (const int level : {0, 16, 128, 255}) {
    const Luma luma(200, 100, static_cast<std::uint8_t>(level));
    EXPECT_EQ(find_borders(luma.plane()), std::nullopt) << level;
  }
}

TEST(BorderTest, TooLittleMayNotRemain) {
  Luma luma(100, 100, 16);
  for (std::size_t y = 45; y < 55; ++y) {
    for (std::size_t x = 0; x < 100; ++x) luma.at(x, y) = static_cast<std::uint8_t>(x * y);
  }
  EXPECT_EQ(find_borders(luma.plane()), std::nullopt);
}

// Reads nothing outside of the plane (the sanitizers look), whatever the size; what is found lies
// within the frame.
TEST(BorderTest, AnySizeStrideAndNoise) {
  std::mt19937 rng(5);
  for (std::uint32_t width = 1; width < 90; width += 3) {
    for (const std::uint32_t height : {1U, 5U, 31U, 32U, 33U, 64U, 300U}) {
      for (const unsigned spread : {1U, 6U, 12U, 256U}) {
        Luma luma(width, height, 0, width % 5);
        for (std::uint8_t& byte : luma.bytes) byte = static_cast<std::uint8_t>(rng() % spread);
        for (std::size_t y = height / 3; y < height - height / 3; ++y) {
          for (std::size_t x = 0; x < width; ++x) luma.at(x, y) = static_cast<std::uint8_t>(rng());
        }
        const auto found = find_borders(luma.plane());
        if (!found) continue;
        EXPECT_GE(found->width, kEnclosedLeast);
        EXPECT_GE(found->height, kEnclosedLeast);
        EXPECT_LE(found->left + found->width, width);
        EXPECT_LE(found->top + found->height, height);
      }
    }
  }
}

// Rows may run upwards in memory.
TEST(BorderTest, NegativeStride) {
  Luma luma = luma_of(bordered(scene(), 20, 30, 0));
  const std::uint8_t* last = luma.bytes.data() + (luma.height - 1) * luma.stride;
  const LumaPlane upside_down{last, -static_cast<std::ptrdiff_t>(luma.stride), luma.width,
                              luma.height, false};
  EXPECT_EQ(find_borders(upside_down), (Enclosed{20, 30, 320, 240}));
}

}  // namespace
}  // namespace semblance::hash
