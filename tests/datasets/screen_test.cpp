// SPDX-License-Identifier: Apache-2.0
#include "datasets/screen.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <utility>

#include "datasets/composition.h"
#include "datasets/scene.h"

namespace semblance::datasets {
namespace {

// Whether the part stands somewhere in the picture, told by its first row, then by all of it.
bool contains(const Picture& picture, const Picture& part) {
  const Picture head = cut(part, {0, 0, part.width, 1});
  for (std::size_t y = 0; y + part.height <= picture.height; ++y) {
    for (std::size_t x = 0; x + part.width <= picture.width; ++x) {
      if (cut(picture, {x, y, 1, 1}) != cut(part, {0, 0, 1, 1})) continue;
      if (cut(picture, {x, y, part.width, 1}) != head) continue;
      if (cut(picture, {x, y, part.width, part.height}) == part) return true;
    }
  }
  return false;
}

TEST(ScreenshotTest, APhoneShowsTheWholePicture) {
  const Picture picture = draw_scene(2, 9, 320, 240);
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    Random random(seed);
    const Picture out = screenshot(picture, Screen::kPhone, 320.0 / 720.0, random);
    ASSERT_EQ(std::pair(out.width, out.height), std::pair(720U, 1440U));
    EXPECT_TRUE(contains(out, picture)) << seed;
  }
}

TEST(ScreenshotTest, ADesktopShowsTheWholePicture) {
  const Picture picture = draw_scene(2, 9, 480, 300);
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    Random random(seed);
    const Picture out = screenshot(picture, Screen::kDesktop, 480.0 / 1440.0, random);
    ASSERT_EQ(std::pair(out.width, out.height), std::pair(1440U, 900U));
    EXPECT_TRUE(contains(out, picture)) << seed;
  }
}

TEST(ScreenshotTest, AnyShapeFitsAtAnyShare) {
  for (const auto& [width, height] : {std::pair{16U, 640U}, {640U, 16U}, {16U, 16U}}) {
    const Picture picture = draw_scene(2, 1, width, height);
    for (const Screen screen : {Screen::kPhone, Screen::kDesktop}) {
      for (const double share : {0.25, 0.5, 1.0}) {
        Random random(1);
        Random again(1);
        const Picture out = screenshot(picture, screen, share, random);
        EXPECT_EQ(out, screenshot(picture, screen, share, again));
      }
    }
  }
}

}  // namespace
}  // namespace semblance::datasets
