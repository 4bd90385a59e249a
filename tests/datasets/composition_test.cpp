// SPDX-License-Identifier: Apache-2.0
#include "datasets/composition.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>
#include <vector>

#include "datasets/geometry.h"
#include "datasets/scene.h"

namespace semblance::datasets {
namespace {

Picture coordinates(std::uint32_t width, std::uint32_t height) {
  Picture picture(width, height);
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      picture.at(x, y)[0] = static_cast<std::uint8_t>(x);
      picture.at(x, y)[1] = static_cast<std::uint8_t>(y);
    }
  }
  return picture;
}

// Whether `part` stands somewhere in the picture, pixel by pixel.
bool contains(const Picture& picture, const Picture& part) {
  for (std::size_t y = 0; y + part.height <= picture.height; ++y) {
    for (std::size_t x = 0; x + part.width <= picture.width; ++x) {
      if (cut(picture, {x, y, 1, 1}) != cut(part, {0, 0, 1, 1})) continue;
      if (cut(picture, {x, y, part.width, part.height}) == part) return true;
    }
  }
  return false;
}

TEST(CutTest, TakesTheBox) {
  const Picture part = cut(coordinates(20, 10), {4, 3, 6, 5});
  EXPECT_EQ(part.width, 6U);
  EXPECT_EQ(part.height, 5U);
  EXPECT_EQ(part.at(0, 0)[0], 4);
  EXPECT_EQ(part.at(0, 0)[1], 3);
  EXPECT_EQ(part.at(5, 4)[0], 9);
  EXPECT_EQ(part.at(5, 4)[1], 7);
}

TEST(PasteTest, LeavesOffWhatLiesOutside) {
  Picture canvas = plain(10, 10, gray(200));
  paste(canvas, coordinates(6, 6), 7, 8);
  paste(canvas, coordinates(6, 6), 10, 0);
  EXPECT_EQ(canvas.at(9, 9)[0], 2);
  EXPECT_EQ(canvas.at(9, 9)[1], 1);
  EXPECT_EQ(canvas.at(6, 8)[0], 200);
}

TEST(FittedTest, KeepsTheShape) {
  const Picture wide = fitted(coordinates(200, 100), 50, 50);
  EXPECT_EQ(std::pair(wide.width, wide.height), std::pair(50U, 25U));
  const Picture high = fitted(coordinates(100, 200), 50, 40);
  EXPECT_EQ(std::pair(high.width, high.height), std::pair(20U, 40U));
}

TEST(CoveringTest, FillsTheSizeFromTheMiddle) {
  const Picture square = covering(coordinates(200, 100), 50, 50);
  EXPECT_EQ(std::pair(square.width, square.height), std::pair(50U, 50U));
  EXPECT_NEAR(square.at(0, 0)[0], 50, 2);
  EXPECT_NEAR(square.at(49, 0)[0], 149, 2);
}

TEST(CroppedAnywhereTest, KeepsTheSharesAtEveryPlace) {
  const Picture picture = coordinates(100, 50);
  bool at_left = false;
  bool at_right = false;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const Picture part = cropped_anywhere(picture, 0.9, 0.5, random);
    ASSERT_EQ(std::pair(part.width, part.height), std::pair(90U, 25U));
    at_left |= part.at(0, 0)[0] == 0;
    at_right |= part.at(89, 0)[0] == 99;
  }
  EXPECT_TRUE(at_left && at_right);
  Random random(1);
  EXPECT_EQ(cropped_anywhere(picture, 1.0, 1.0, random), picture);
}

TEST(BorderedTest, PutsEachEdgeAtItsSide) {
  const Picture out = bordered(coordinates(100, 50), {0.1, 0.2, 0.3, 0.0}, {1, 2, 200});
  EXPECT_EQ(std::pair(out.width, out.height), std::pair(140U, 60U));
  EXPECT_EQ(cut(out, {10, 10, 100, 50}), coordinates(100, 50));
  EXPECT_EQ(cut(out, {0, 0, 10, 60}), plain(10, 60, {1, 2, 200}));
  EXPECT_EQ(cut(out, {110, 0, 30, 60}), plain(30, 60, {1, 2, 200}));
}

class CollageTest : public testing::Test {
 protected:
  const Picture known_ = draw_scene(3, 1, 320, 240);
  const Picture other_ = draw_scene(3, 2, 240, 240);
  const Picture third_ = draw_scene(3, 3, 200, 320);
  const std::array<const Picture*, 2> others_ = {&other_, &third_};
};

TEST_F(CollageTest, ShowsTheWholeKnownPictureOnce) {
  Random random(5);
  // One of 4 x 2 cells of a canvas of 1280: at its own size.
  const Picture out = collage(known_, others_, {4, 2, 0.0}, random);
  EXPECT_EQ(std::pair(out.width, out.height), std::pair(1280U, 480U));
  int shown = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    if (cut(out, {i % 4 * 320, i / 4 * 240, 320, 240}) == known_) ++shown;
  }
  EXPECT_EQ(shown, 1);
}

TEST_F(CollageTest, GuttersLieBetweenAndAround) {
  Random random(6);
  const Picture out = collage(known_, others_, {4, 1, 0.01}, random);
  EXPECT_EQ(std::pair(out.width, out.height), std::pair(1280U + 5 * 13U, 240U + 26U));
  const Picture edge = cut(out, {0, 0, out.width, 13});
  EXPECT_EQ(edge, plain(out.width, 13, {edge.rgb[0], edge.rgb[1], edge.rgb[2]}));
}

TEST_F(CollageTest, AMosaicGivesTheKnownPictureItsShare) {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    Random random(seed);
    const Picture out = mosaic(known_, others_, 0.25, 0.0, random);
    EXPECT_EQ(std::pair(out.width, out.height), std::pair(1280U, 960U));
    EXPECT_TRUE(contains(out, known_)) << seed;
  }
}

TEST_F(CollageTest, AtAllOfTheSideOthersStandAboveOrBelow) {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    Random random(seed);
    const Picture out = mosaic(known_, others_, 1.0, 0.01, random);
    EXPECT_EQ(out.width, 1280U);
    EXPECT_GE(out.height, 1200U);
    const Picture whole = resize(known_, 1280, 960);
    const bool above = cut(out, {0, 0, 1280, 960}) == whole;
    const bool below = cut(out, {0, out.height - 960, 1280, 960}) == whole;
    EXPECT_TRUE(above || below) << seed;
  }
}

}  // namespace
}  // namespace semblance::datasets
