// SPDX-License-Identifier: Apache-2.0
#include "extract/thumbnail.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <vector>

#include "extract/media.h"

namespace semblance::extract {
namespace {

Raster gray(std::uint32_t width, std::uint32_t height, std::vector<std::uint8_t> samples) {
  return {width, height, 1, std::move(samples)};
}

TEST(Thumbnail, IsTheMeanOfWhatEachSampleCovers) {
  const auto small = make_thumbnail(gray(4, 2, {0, 10, 100, 200, 20, 31, 100, 1}), 2);
  EXPECT_EQ(small, (Thumbnail{2, 1, {15, 15, 15, 100, 100, 100}}));
}

TEST(Thumbnail, SamplesThatAreCutCountByTheirPart) {
  const auto small = make_thumbnail(gray(3, 1, {0, 90, 255}), 2);
  // Two thirds of the first and one of the second; and the other way about.
  EXPECT_EQ(small, (Thumbnail{2, 1, {30, 30, 30, 200, 200, 200}}));
}

TEST(Thumbnail, ColoursStayApart) {
  const Raster raster{2, 1, 3, {10, 20, 30, 30, 40, 51}};
  EXPECT_EQ(make_thumbnail(raster, 1), (Thumbnail{1, 1, {20, 30, 41}})) << "halves up";
}

TEST(Thumbnail, ASmallPictureKeepsItsSize) {
  const Raster raster{2, 1, 3, {10, 20, 30, 30, 40, 51}};
  EXPECT_EQ(make_thumbnail(raster, 512), (Thumbnail{2, 1, raster.samples}));
}

TEST(Thumbnail, NoSideIsLost) {
  Raster line = gray(1000, 1, std::vector<std::uint8_t>(1000));
  std::iota(line.samples.begin(), line.samples.end(), std::uint8_t{0});
  const auto small = make_thumbnail(line, 12);
  EXPECT_EQ(small.width, 12U);
  EXPECT_EQ(small.height, 1U);
  EXPECT_EQ(small.samples.size(), 36U);
}

TEST(Thumbnail, IsOfTheWholePictureAsStored) {
  const auto extractor = make_in_process_extractor();
  Plan plan;
  plan.thumbnail_side = 100;
  const auto drawn = test::make_picture(400, 200, 3);
  for (const std::string& bytes : {test::to_png(drawn), test::to_jpeg(drawn)}) {
    const auto found = test::extract_all(*extractor, bytes, plan);
    EXPECT_EQ(found.ending, Ending{});
    ASSERT_TRUE(found.thumbnail);
    EXPECT_EQ(found.thumbnail->width, 100U);
    EXPECT_EQ(found.thumbnail->height, 50U);
    // Sixteen pixels a sample: near the one in the middle, as the picture is smooth.
    for (std::uint32_t y = 0; y < 50; ++y) {
      for (std::uint32_t x = 0; x < 100; ++x) {
        for (std::uint32_t c = 0; c < 3; ++c) {
          ASSERT_NEAR(found.thumbnail->samples[3 * (100 * y + x) + c],
                      drawn.rgb[3 * (400 * (4 * y + 2) + 4 * x + 2) + c], 24);
        }
      }
    }
  }
}

TEST(Thumbnail, NothingElseTurnsForItsSake) {
  const auto extractor = make_in_process_extractor();
  Plan plan;
  plan.probes = {ProbeKind::kTrimmed};
  plan.features = 100;
  plan.embedders = {"gist"};
  const std::string bytes = test::to_png(test::make_picture(300, 200, 5));
  auto without = test::extract_all(*extractor, bytes, plan);
  EXPECT_FALSE(without.thumbnail);
  plan.thumbnail_side = 12;
  auto with = test::extract_all(*extractor, bytes, plan);
  ASSERT_TRUE(with.thumbnail);
  with.thumbnail.reset();
  test::expect_same(with, without, "without its thumbnail");
}

TEST(Thumbnail, WhatIsTooLargeIsNotAskedFor) {
  const auto extractor = make_in_process_extractor();
  Plan plan;
  plan.thumbnail_side = kMaxThumbnailSide + 1;
  const auto found = test::extract_all(*extractor, test::to_png(test::make_picture(8, 8, 1)), plan);
  EXPECT_EQ(found.ending.reason, Reason::kUnsupported);
  EXPECT_NE(found.ending.detail.find("513"), std::string::npos) << found.ending.detail;
}

}  // namespace
}  // namespace semblance::extract
