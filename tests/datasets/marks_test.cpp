// SPDX-License-Identifier: Apache-2.0
#include "datasets/marks.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace semblance::datasets {
namespace {

std::size_t differing(const Picture& a, const Picture& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.rgb.size(); i += 3) {
    if (!std::equal(a.rgb.begin() + static_cast<std::ptrdiff_t>(i),
                    a.rgb.begin() + static_cast<std::ptrdiff_t>(i + 3),
                    b.rgb.begin() + static_cast<std::ptrdiff_t>(i))) {
      ++count;
    }
  }
  return count;
}

TEST(PlainTest, IsOfOneColour) {
  const Picture picture = plain(5, 3, {1, 2, 3});
  for (std::size_t y = 0; y < 3; ++y) {
    for (std::size_t x = 0; x < 5; ++x) {
      EXPECT_EQ(picture.at(x, y)[0], 1);
      EXPECT_EQ(picture.at(x, y)[1], 2);
      EXPECT_EQ(picture.at(x, y)[2], 3);
    }
  }
}

TEST(FillTest, StaysInsideThePicture) {
  Picture picture(8, 6);
  fill(picture, {6, 4, 100, 100}, gray(9));
  EXPECT_EQ(differing(picture, Picture(8, 6)), 4U);
  fill(picture, {20, 0, 3, 3}, gray(9));
  fill(picture, {0, 20, 3, 3}, gray(9));
  EXPECT_EQ(differing(picture, Picture(8, 6)), 4U);
}

TEST(WriteMarksTest, WritesInsideItsBoxTheSameEachTime) {
  const Picture page = plain(200, 60, gray(255));
  const Box box{20, 10, 150, 30};
  Picture once = page;
  Picture again = page;
  Random first(4);
  Random second(4);
  write_marks(once, box, gray(0), first);
  write_marks(again, box, gray(0), second);
  EXPECT_EQ(once, again);
  const std::size_t written = differing(once, page);
  EXPECT_GT(written, 300U);
  Picture cleared = once;
  fill(cleared, box, gray(255));
  EXPECT_EQ(cleared, page);
}

TEST(AnyColourTest, DependsOnTheSeedAlone) {
  Random first(7);
  Random second(7);
  EXPECT_EQ(any_colour(first), any_colour(second));
  EXPECT_NE(any_colour(first), any_colour(first));
}

}  // namespace
}  // namespace semblance::datasets
