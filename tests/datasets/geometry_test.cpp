// SPDX-License-Identifier: Apache-2.0
#include "datasets/geometry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "datasets/scene.h"
#include "semblance/pdq.h"

namespace semblance::datasets {
namespace {

// Each pixel says where it stands: R is its column, G its row.
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

std::array<int, 2> origin(const Picture& picture) { return {picture.rgb[0], picture.rgb[1]}; }

TEST(TransformedTest, PutsTheExpectedCornerFirst) {
  const Picture picture = coordinates(7, 4);
  EXPECT_EQ(transformed(picture, Transform::kNone), picture);
  EXPECT_EQ(origin(transformed(picture, Transform::kRot90)), (std::array{6, 0}));
  EXPECT_EQ(origin(transformed(picture, Transform::kRot180)), (std::array{6, 3}));
  EXPECT_EQ(origin(transformed(picture, Transform::kRot270)), (std::array{0, 3}));
  EXPECT_EQ(origin(transformed(picture, Transform::kFlipX)), (std::array{0, 3}));
  EXPECT_EQ(origin(transformed(picture, Transform::kFlipY)), (std::array{6, 0}));
  EXPECT_EQ(origin(transformed(picture, Transform::kFlipPlus1)), (std::array{0, 0}));
  EXPECT_EQ(origin(transformed(picture, Transform::kFlipMinus1)), (std::array{6, 3}));
  EXPECT_EQ(transformed(picture, Transform::kRot90).width, 4U);
  EXPECT_EQ(transformed(picture, Transform::kFlipPlus1).height, 7U);
}

TEST(TransformedTest, QuarterTurnsAndMirrorsFormTheGroup) {
  const Picture picture = coordinates(7, 4);
  const auto then = [](const Picture& p, Transform t) { return transformed(p, t); };
  EXPECT_EQ(then(then(picture, Transform::kRot90), Transform::kRot270), picture);
  EXPECT_EQ(then(then(picture, Transform::kRot90), Transform::kRot90),
            then(picture, Transform::kRot180));
  EXPECT_EQ(then(then(picture, Transform::kFlipX), Transform::kFlipY),
            then(picture, Transform::kRot180));
  EXPECT_EQ(then(then(picture, Transform::kFlipPlus1), Transform::kFlipPlus1), picture);
  EXPECT_EQ(then(then(picture, Transform::kFlipPlus1), Transform::kRot180),
            then(picture, Transform::kFlipMinus1));
}

TEST(TransformedTest, TheHasherNamesTheTransformsAlike) {
  const Picture picture = draw_scene(1, 3, 640, 480);
  auto original = pdq_hash(picture.view());
  ASSERT_TRUE(original);
  for (std::size_t t = 0; t < kTransforms; ++t) {
    const auto transform = static_cast<Transform>(t);
    auto turned_hash = pdq_hash(transformed(picture, transform).view());
    ASSERT_TRUE(turned_hash);
    EXPECT_LE(hamming_distance(original->hashes[t], turned_hash->hash()), kDefaultMaxDistance)
        << name(transform);
  }
}

TEST(ResizeTest, KeepsAFlatPictureFlatAtAnySize) {
  Picture flat(31, 17);
  std::fill(flat.rgb.begin(), flat.rgb.end(), std::uint8_t{77});
  for (const auto& [width, height] : {std::pair{1U, 1U}, {5U, 40U}, {31U, 17U}, {100U, 3U}}) {
    const Picture out = resize(flat, width, height);
    EXPECT_EQ(out.width, width);
    EXPECT_EQ(out.height, height);
    EXPECT_TRUE(std::ranges::all_of(out.rgb, [](std::uint8_t v) { return v == 77; }));
  }
}

TEST(ResizeTest, ToTheSameSizeChangesNothing) {
  const Picture picture = draw_scene(1, 1, 40, 30);
  EXPECT_EQ(resize(picture, 40, 30), picture);
}

TEST(ResizeTest, HalvingAveragesAreas) {
  Picture checks(64, 64);  // single-pixel checks must become mid-gray, not alias
  for (std::size_t y = 0; y < 64; ++y) {
    for (std::size_t x = 0; x < 64; ++x) {
      if ((x + y) % 2 == 0) std::fill_n(checks.at(x, y), 3, std::uint8_t{255});
    }
  }
  const Picture half = rescale(checks, 0.5);
  EXPECT_EQ(half.width, 32U);
  for (std::size_t i = 0; i < half.rgb.size(); ++i) EXPECT_NEAR(half.rgb[i], 127.5, 3.0);
}

TEST(CroppedTest, TakesTheSameShareFromEachSide) {
  const Picture out = cropped(coordinates(100, 50), 0.02);
  EXPECT_EQ(out.width, 96U);
  EXPECT_EQ(out.height, 48U);
  EXPECT_EQ(origin(out), (std::array{2, 1}));
}

TEST(FramedTest, KeepsThePictureInside) {
  const Picture picture = coordinates(100, 50);
  const Picture out = framed(picture, 0.1, 9);
  EXPECT_EQ(out.width, 110U);
  EXPECT_EQ(out.height, 60U);
  EXPECT_EQ(out.at(4, 30)[0], 9);
  EXPECT_TRUE(std::equal(picture.row(0), picture.row(0) + picture.row_bytes(), out.at(5, 5)));
}

TEST(LetterboxedTest, AddsBlackAboveAndBelow) {
  const Picture out = letterboxed(coordinates(20, 50), 0.1);
  EXPECT_EQ(out.height, 60U);
  EXPECT_EQ(out.at(3, 4)[0], 0);
  EXPECT_EQ(out.at(3, 5)[0], 3);
}

TEST(TurnedTest, AQuarterTurnIsTheTransform) {
  const Picture picture = draw_scene(2, 2, 64, 64);
  const Picture by_angle = turned(picture, 0.25);
  const Picture by_name = transformed(picture, Transform::kRot90);
  for (std::size_t y = 1; y < 63; ++y) {  // the outermost ring is left black
    for (std::size_t x = 1; x < 63; ++x) {
      EXPECT_NEAR(by_angle.at(x, y)[0], by_name.at(x, y)[0], 1) << x << ' ' << y;
    }
  }
}

TEST(OnAPageTest, KeepsTheSizeAndCentresThePicture) {
  const Picture out = on_a_page(draw_scene(2, 3, 80, 60));
  EXPECT_EQ(out.width, 80U);
  EXPECT_EQ(out.at(5, 5)[1], 225);
}

}  // namespace
}  // namespace semblance::datasets
