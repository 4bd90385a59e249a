// SPDX-License-Identifier: Apache-2.0
#include "hash/probes/panels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "hash/probes/block_samples.h"
#include "hash/probes/panel_lines.h"
#include "hash/video/frames.h"

namespace semblance {
namespace {

using hash::find_panels;
using hash::PlaneArea;
using hash::ProbePlane;

// A plain page with patches of cloudy texture on it.
class Page {
 public:
  Page(std::uint32_t width, std::uint32_t height, std::uint8_t level)
      : raster_{width, height, 1, std::vector<std::uint8_t>(std::size_t{width} * height, level)} {}

  void patch(std::uint32_t left, std::uint32_t top, std::uint32_t right, std::uint32_t bottom) {
    const double phase = static_cast<double>(left + 3 * top);
    for (std::uint32_t y = top; y < bottom; ++y) {
      for (std::uint32_t x = left; x < right; ++x) {
        const double wave = std::sin(x * 0.021 + phase) + std::sin(y * 0.017 - x * 0.013);
        raster_.row(y)[x] =
            static_cast<std::uint8_t>(100 + 25 * wave + static_cast<double>(rng_() % 12));
      }
    }
  }

  ProbePlane plane() const { return ProbePlane(raster_); }

 private:
  Raster raster_;
  std::mt19937_64 rng_{7};
};

// The place in the list of the rectangle given in samples, to half a sample; -1 where it is not.
int rank(const std::vector<PlaneArea>& panels, std::uint32_t left, std::uint32_t top,
         std::uint32_t right, std::uint32_t bottom) {
  const auto near = [](std::uint32_t units, std::uint32_t samples) {
    return std::abs(static_cast<int>(units) - static_cast<int>(samples * 256)) <= 128;
  };
  for (std::size_t k = 0; k < panels.size(); ++k) {
    const PlaneArea& area = panels[k];
    if (near(area.left, left) && near(area.top, top) && near(area.right, right) &&
        near(area.bottom, bottom)) {
      return static_cast<int>(k);
    }
  }
  return -1;
}

TEST(Panels, OnePictureOnAPageComesFirst) {
  for (const auto& [width, height] : {std::pair{1000U, 800U}, {500U, 400U}, {1024U, 1024U}}) {
    Page page(width, height, 240);
    const std::uint32_t left = width * 37 / 100;
    const std::uint32_t top = height * 21 / 100;
    const std::uint32_t right = width * 83 / 100;
    const std::uint32_t bottom = height * 64 / 100;
    page.patch(left, top, right, bottom);
    EXPECT_EQ(rank(find_panels(page.plane()), left, top, right, bottom), 0) << width;
  }
}

TEST(Panels, EveryPartOfACollageIsAmongThem) {
  Page page(1020, 770, 255);
  std::vector<PlaneArea> cells;
  for (std::uint32_t row = 0; row < 2; ++row) {
    for (std::uint32_t col = 0; col < 3; ++col) {
      const std::uint32_t x = 20 + 335 * col;
      const std::uint32_t y = 20 + 375 * row;
      page.patch(x, y, x + 310, y + 350);
      cells.push_back({x, y, x + 310, y + 350});
    }
  }
  const auto panels = find_panels(page.plane());
  for (const PlaneArea& cell : cells) {
    EXPECT_GE(rank(panels, cell.left, cell.top, cell.right, cell.bottom), 0)
        << cell.left << ", " << cell.top;
  }
}

TEST(Panels, ASideOfThePictureMayBeOneOfThePanel) {
  Page page(900, 700, 30);
  page.patch(0, 0, 420, 700);
  EXPECT_GE(rank(find_panels(page.plane()), 0, 0, 420, 700), 0);
}

TEST(Panels, NothingOnAPlainPage) { EXPECT_TRUE(find_panels(Page(800, 600, 200).plane()).empty()); }

TEST(Panels, NothingInTooSmallAPlane) {
  Page page(63, 300, 200);
  page.patch(10, 30, 50, 200);
  EXPECT_TRUE(find_panels(page.plane()).empty());
}

// A grid of lines everywhere has a great many rectangles: the number and the work are bounded.
TEST(Panels, AreBoundedAndInsideThePicture) {
  Raster grid{1024, 1024, 1, std::vector<std::uint8_t>(1024 * 1024)};
  for (std::size_t y = 0; y < 1024; ++y) {
    for (std::size_t x = 0; x < 1024; ++x) {
      grid.row(y)[x] = static_cast<std::uint8_t>((x / 23 + y / 29) % 2 * 200);
    }
  }
  const ProbePlane plane(grid);
  const auto panels = find_panels(plane);
  EXPECT_LE(panels.size(), hash::kMaxPanels);
  for (const PlaneArea& area : panels) {
    EXPECT_LT(area.left, area.right);
    EXPECT_LT(area.top, area.bottom);
    EXPECT_LE(area.right, plane.picture().right);
    EXPECT_LE(area.bottom, plane.picture().bottom);
    EXPECT_NE(area, plane.picture());
  }
  EXPECT_EQ(find_panels(plane), panels);
}

TEST(Panels, OfBlocksTakeAPlaneOfAboutTheSizeOfThatOfPixels) {
  EXPECT_EQ(hash::orders_for_panels(512, 512), 0) << "every pixel";
  EXPECT_EQ(hash::orders_for_panels(513, 40), 3);
  for (std::uint32_t longer = 513; longer < 20'000; longer += 7) {
    const int orders = hash::orders_for_panels(longer * 2 / 3, longer);
    EXPECT_EQ(orders, hash::orders_for_panels(longer, longer * 2 / 3));
    const std::uint32_t samples = longer / 8 * hash::samples_of_block(orders);
    EXPECT_GE(samples, std::min(448U, longer / 8 * 4)) << longer;
    if (orders > 1) {
      EXPECT_LT(samples, 896U) << longer;
    }
  }
}

TEST(PanelLines, SupportIsTheShareThatSteps) {
  frames::Luma luma(160, 96, 50);
  for (std::size_t y = 40; y < 96; ++y) {
    for (std::size_t x = 0; x < 80; ++x) luma.at(x, y) = 150;
  }
  const hash::StepMaps steps = hash::find_steps(luma.plane());
  EXPECT_EQ(steps.across.support(40, 0, 80), hash::kWholeSupport);
  EXPECT_EQ(steps.across.support(40, 0, 160), hash::kWholeSupport / 2);
  EXPECT_EQ(steps.across.support(60, 0, 160), 0U);
  EXPECT_EQ(steps.down.support(80, 40, 96), hash::kWholeSupport);
  EXPECT_EQ(steps.down.support(80, 0, 40), 0U);
  EXPECT_EQ(steps.down.support(0, 0, 96), hash::kWholeSupport);
  EXPECT_EQ(steps.down.support(160, 0, 96), hash::kWholeSupport);
  const auto rows = hash::find_long_edges(steps.across, 40, 8);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].begin, 0U);
  EXPECT_EQ(rows[0].end, 80U);
  EXPECT_NEAR(rows[0].line, 40, 1);
}

}  // namespace
}  // namespace semblance
