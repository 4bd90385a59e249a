// SPDX-License-Identifier: Apache-2.0
#include "datasets/overlay.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "datasets/marks.h"
#include "datasets/scene.h"

namespace semblance::datasets {
namespace {

double changed(const Picture& a, const Picture& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.rgb.size(); i += 3) {
    const bool same =
        a.rgb[i] == b.rgb[i] && a.rgb[i + 1] == b.rgb[i + 1] && a.rgb[i + 2] == b.rgb[i + 2];
    count += same ? 0U : 1U;
  }
  return 3.0 * static_cast<double>(count) / static_cast<double>(a.rgb.size());
}

TEST(StickeredTest, CoversADiscOfItsDiameter) {
  const Picture picture = draw_scene(4, 1, 400, 300);
  Random random(2);
  const Picture out = stickered(picture, 1, 0.4, random);
  // A disc of 120 pixels of a picture of 120,000.
  EXPECT_NEAR(changed(out, picture), 3.1416 * 60 * 60 / 120'000, 0.005);
}

TEST(WrittenOverTest, WritesInTheMiddleAlone) {
  const Picture picture = draw_scene(4, 2, 400, 300);
  Random random(2);
  const Picture out = written_over(picture, 1, 0.1, random);
  EXPECT_GT(changed(out, picture), 0.01);
  EXPECT_TRUE(std::equal(out.row(0), out.row(130), picture.row(0)));
  EXPECT_TRUE(std::equal(out.row(175), out.row(299), picture.row(175)));
}

TEST(WrittenOverTest, WhatDoesNotFitIsLeftOff) {
  const Picture picture = draw_scene(4, 2, 16, 16);
  Random random(2);
  const Picture out = written_over(picture, 9, 0.4, random);
  EXPECT_EQ(out.width, 16U);
}

TEST(BlendedTest, GoesFromOnePictureToTheOther) {
  const Picture a = plain(8, 8, gray(100));
  const Picture b = plain(3, 5, gray(200));
  EXPECT_EQ(blended(a, b, 0.0), a);
  EXPECT_EQ(blended(a, b, 0.25), plain(8, 8, gray(125)));
  EXPECT_EQ(blended(a, b, 1.0), plain(8, 8, gray(200)));
}

}  // namespace
}  // namespace semblance::datasets
