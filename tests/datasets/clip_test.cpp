// SPDX-License-Identifier: Apache-2.0
#include "datasets/clip.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "datasets/scene.h"

namespace semblance::datasets {
namespace {

bool is_black(const Picture& picture, std::size_t x, std::size_t y) {
  return std::all_of(picture.at(x, y), picture.at(x, y) + 3,
                     [](auto sample) { return sample == 0; });
}

TEST(ClipTest, BordersAreOfTheSizeOfTheSides) {
  Picture white(64, 64);
  std::fill(white.rgb.begin(), white.rgb.end(), std::uint8_t{255});
  const Picture framed = bordered(white, 0.05, 200, 100);
  ASSERT_EQ(framed.width, 200U);
  ASSERT_EQ(framed.height, 100U);
  for (std::size_t y = 0; y < 100; ++y) {
    for (std::size_t x = 0; x < 200; ++x) {
      const bool inside = x >= 10 && x < 190 && y >= 5 && y < 95;
      ASSERT_EQ(is_black(framed, x, y), !inside) << x << ',' << y;
    }
  }
}

TEST(ClipTest, NoBorderAndNoOtherSizeIsThePictureItself) {
  const Picture picture = draw_scene(1, 2, 96, 64);
  EXPECT_EQ(bordered(picture, 0.0, 96, 64), picture);
}

TEST(ClipTest, TimesFollowFromTheSpeed) {
  ClipPlan plan;
  plan.known_seconds = 10;
  plan.speed = 1.25;
  plan.host.seconds = 12;
  plan.host_before = 3;
  EXPECT_EQ(plan.start(), 3.0);
  EXPECT_EQ(plan.end(), 11.0);
  EXPECT_EQ(plan.seconds(), 20.0);
}

TEST(ClipTest, EncodesTheSameBytesAgain) {
  ClipPlan plan;
  plan.known = {.seed = 3, .number = 1, .seconds = 4, .width = 96, .height = 64};
  plan.known_seconds = 1;
  plan.border = 0.05;
  plan.host = {.seed = 3, .number = 2, .seconds = 1, .width = 80, .height = 60};
  plan.host_before = 0.5;
  auto bytes = encode_clip(plan, {});
  ASSERT_TRUE(bytes) << bytes.error().what;
  auto again = encode_clip(plan, {});
  ASSERT_TRUE(again);
  EXPECT_EQ(*bytes, *again);
}

}  // namespace
}  // namespace semblance::datasets
