// SPDX-License-Identifier: Apache-2.0
// What is drawn of two pictures, pixel by pixel.
#include "explain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "explain_png.h"

namespace semblance::tool {
namespace {

using Pixel = std::array<int, 3>;

constexpr Pixel kGround = {64, 64, 64};
constexpr Pixel kBlack = {0, 0, 0};
constexpr Pixel kWhite = {255, 255, 255};
constexpr Pixel kYellow = {255, 220, 0};
constexpr Pixel kQuery = {10, 20, 200};
constexpr int kMargin = 12;

Pixel at(const Drawing& drawing, int x, int y) {
  const auto first =
      3 * (static_cast<std::size_t>(y) * drawing.width + static_cast<std::size_t>(x));
  return {drawing.samples[first], drawing.samples[first + 1], drawing.samples[first + 2]};
}

std::size_t count_of(const Drawing& drawing, const Pixel& pixel) {
  std::size_t count = 0;
  for (int y = 0; y < static_cast<int>(drawing.height); ++y) {
    for (int x = 0; x < static_cast<int>(drawing.width); ++x) {
      if (at(drawing, x, y) == pixel) ++count;
    }
  }
  return count;
}

Thumbnail plain(std::uint32_t width, std::uint32_t height, const Pixel& colour) {
  Thumbnail picture{width, height, {}};
  for (std::uint32_t i = 0; i < width * height; ++i) {
    for (const int value : colour) picture.samples.push_back(static_cast<std::uint8_t>(value));
  }
  return picture;
}

// Black and white squares: all that can be of high frequency.
Thumbnail board(std::uint32_t width, std::uint32_t height) {
  Thumbnail picture{width, height, {}};
  for (std::uint32_t i = 0; i < width * height; ++i) {
    const bool white = (i % width + i / width) % 2 == 1;
    picture.samples.insert(picture.samples.end(), 3, white ? 255 : 0);
  }
  return picture;
}

BlurredEntry entry_of(std::uint32_t width, std::uint32_t height) {
  return {plain(12, 8, {90, 120, 60}), width, height};
}

Match by_features(const std::array<Point, 4>& query, const std::array<Point, 4>& entry) {
  Match match;
  match.kind = SignalKind::kOrb;
  match.geometry = Geometry{query, entry, 20, 30, false};
  return match;
}

constexpr std::array<Point, 4> kMiddle = {
    {{0.25F, 0.25F}, {0.75F, 0.25F}, {0.75F, 0.75F}, {0.25F, 0.75F}}};

TEST(Explain, TheQueryIsAtTheLeftAndTheEntryAtTheRight) {
  const auto drawing = explain(plain(100, 80, kQuery), entry_of(300, 200), {});
  ASSERT_EQ(drawing.width, 100U + 300 + 4 * kMargin);
  ASSERT_EQ(drawing.height, 200U + 2 * kMargin);
  ASSERT_EQ(drawing.samples.size(), std::size_t{3} * drawing.width * drawing.height);
  EXPECT_EQ(count_of(drawing, kQuery), 100U * 80);
  EXPECT_EQ(at(drawing, kMargin, kMargin), kQuery);
  EXPECT_EQ(at(drawing, kMargin + 99, kMargin + 79), kQuery);
  EXPECT_EQ(at(drawing, kMargin + 100, kMargin), kGround);
  EXPECT_EQ(at(drawing, 0, 0), kGround);
  EXPECT_EQ(count_of(drawing, {90, 120, 60}), 300U * 200);
  EXPECT_EQ(at(drawing, 100 + 3 * kMargin, kMargin), (Pixel{90, 120, 60}));
}

TEST(Explain, ALargeEntryIsDrawnAsLargeAsTheQueryMayBe) {
  const auto drawing = explain(plain(10, 10, kQuery), entry_of(6000, 3000), {});
  EXPECT_EQ(drawing.width, 10U + 512 + 4 * kMargin);
  EXPECT_EQ(drawing.height, 256U + 2 * kMargin);
  const auto line = explain(plain(10, 10, kQuery), entry_of(60000, 1), {});
  EXPECT_EQ(line.height, 10U + 2 * kMargin);
}

TEST(Explain, RegionsAreOutlinedOnBothWithAMarkAtTheFirstCorner) {
  const std::vector<Match> matches = {by_features(kMiddle, kMiddle)};
  const auto drawing = explain(plain(200, 100, kQuery), entry_of(400, 200), matches);
  for (const auto& [left, width, height] :
       {std::array{kMargin, 200, 100}, std::array{200 + 3 * kMargin, 400, 200}}) {
    const int x = left + width / 4;
    const int y = kMargin + height / 4;
    EXPECT_EQ(at(drawing, left + width / 2, y), kWhite);
    EXPECT_EQ(at(drawing, left + width / 2, y - 2), kBlack);
    EXPECT_EQ(at(drawing, x, kMargin + height / 2), kWhite);
    EXPECT_EQ(at(drawing, left + 3 * width / 4, kMargin + height / 2), kWhite);
    EXPECT_EQ(at(drawing, left + width / 2, kMargin + 3 * height / 4), kWhite);
    EXPECT_EQ(at(drawing, x + 3, y + 3), kWhite) << "the mark";
    EXPECT_NE(at(drawing, left + 3 * width / 4 - 3, y + 3), kWhite) << "at one corner alone";
    EXPECT_NE(at(drawing, left + width / 2, kMargin + height / 2), kWhite);
  }
}

TEST(Explain, PartsThatMatchAreYellowAndAnAbsentOneIsTheWhole) {
  Match match;
  match.kind = SignalKind::kPdq;
  match.query_probe = Probe{ProbeKind::kPanel, {2500, 2500, 5000, 5000}};
  const auto drawing =
      explain(plain(200, 100, kQuery), entry_of(400, 200), std::vector<Match>{match});
  EXPECT_EQ(at(drawing, kMargin + 50, kMargin + 50), kYellow);
  EXPECT_EQ(at(drawing, kMargin + 100, kMargin + 75), kYellow);
  EXPECT_EQ(at(drawing, kMargin + 100, kMargin), kQuery) << "of the query the part alone";
  EXPECT_EQ(at(drawing, 200 + 3 * kMargin, kMargin + 100), kYellow);
  EXPECT_EQ(count_of(drawing, kWhite), 0U);
}

TEST(Explain, WhatLiesOutsideIsCutOffAndWhatIsNoPlaceIsLeftOut) {
  constexpr float kFar = 1e30F;
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  const std::array<Point, 4> around = {{{-0.5F, 0.5F}, {0.5F, -0.5F}, {1.5F, 0.5F}, {0.5F, 1.5F}}};
  const std::array<Point, 4> far = {{{-kFar, -kFar}, {kFar, -kFar}, {kFar, kFar}, {-kFar, kFar}}};
  const std::array<Point, 4> none = {{{kNone, 0}, {1, 0}, {1, 1}, {0, 1}}};
  const std::array<Point, 4> across = {{{-kFar, 0.1F}, {kFar, 0.1F}, {0.1F, kFar}, {0.1F, -kFar}}};
  for (const auto& quad : {around, far, none, across}) {
    const auto drawing = explain(plain(60, 60, kQuery), entry_of(200, 200),
                                 std::vector<Match>{by_features(quad, quad)});
    EXPECT_EQ(drawing.width, 60U + 200 + 4 * kMargin);
    EXPECT_EQ(at(drawing, kMargin + 30, kMargin + 30), kQuery);
    EXPECT_EQ(at(drawing, 0, 0), kGround);
  }
}

// The step from a pixel to the next one is never more than what a thumbnail of few samples allows.
int steepest(const Drawing& drawing, int first_x, int end_x) {
  int most = 0;
  for (int y = kMargin; y < static_cast<int>(drawing.height) - kMargin; ++y) {
    for (int x = first_x; x + 1 < end_x; ++x) {
      most = std::max(most, std::abs(at(drawing, x + 1, y)[0] - at(drawing, x, y)[0]));
    }
  }
  return most;
}

TEST(Explain, TheEntryHasNoEdges) {
  const auto drawing = explain(plain(10, 512, kQuery), {board(12, 12), 3000, 3000}, {});
  const int left = 10 + 3 * kMargin;
  EXPECT_LE(steepest(drawing, left, left + 512), 255 / (512 / 12) + 1);
}

TEST(Explain, AnEntryThatIsTooSharpIsNotDrawn) {
  for (const BlurredEntry& entry :
       {BlurredEntry{board(13, 4), 3000, 900}, BlurredEntry{board(512, 512), 512, 512}}) {
    const auto drawing = explain(plain(10, 10, kQuery), entry, {});
    EXPECT_EQ(steepest(drawing, 10 + 3 * kMargin, static_cast<int>(drawing.width) - kMargin), 0);
  }
}

TEST(Explain, ATinyEntryIsDrawnInItsMeanColour) {
  const auto drawing = explain(plain(10, 10, kQuery), {board(12, 12), 12, 12}, {});
  EXPECT_EQ(count_of(drawing, {128, 128, 128}), 144U);
  EXPECT_EQ(count_of(drawing, kWhite) + count_of(drawing, kBlack), 0U);
}

TEST(Explain, PngIsOfTheDrawingAndNothingElse) {
  const auto png = to_png(explain(plain(20, 10, kQuery), entry_of(200, 100), {}));
  ASSERT_TRUE(png) << png.error().what;
  EXPECT_EQ(png->substr(1, 3), "PNG");
  EXPECT_EQ(png->substr(12, 4), "IHDR");
  for (const char* word : {"tEXt", "iTXt", "zTXt", "tIME", "eXIf", "gAMA"}) {
    EXPECT_EQ(png->find(word), std::string::npos) << word;
  }
  EXPECT_FALSE(to_png({}));
}

}  // namespace
}  // namespace semblance::tool
