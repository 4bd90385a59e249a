// SPDX-License-Identifier: Apache-2.0
// Which orders of scans are whole progressions. What is read of them is in jpeg_luma_progressive.
#include "decode/jpeg/progressive.h"

#include <gtest/gtest.h>

#include <vector>

namespace semblance::decode::jpeg {
namespace {

struct Step {
  std::vector<int> components;
  int first, last, high, low;
};

Frame frame_of(int components, const std::vector<Step>& steps) {
  Frame frame;
  frame.progressive = true;
  frame.component_count = static_cast<std::uint8_t>(components);
  for (const Step& step : steps) {
    Scan& scan = frame.scans.emplace_back();
    scan.part_count = static_cast<std::uint8_t>(step.components.size());
    for (std::size_t i = 0; i < step.components.size(); ++i) {
      scan.parts[i].component = static_cast<std::uint8_t>(step.components[i]);
    }
    scan.first = static_cast<std::uint8_t>(step.first);
    scan.last = static_cast<std::uint8_t>(step.last);
    scan.high = static_cast<std::uint8_t>(step.high);
    scan.low = static_cast<std::uint8_t>(step.low);
  }
  return frame;
}

bool is_complete(int components, const std::vector<Step>& steps) {
  return is_complete_progression(frame_of(components, steps));
}

TEST(ProgressiveTest, TakesProgressionsThatGiveEveryBit) {
  EXPECT_TRUE(is_complete(1, {{{0}, 0, 0, 0, 0}, {{0}, 1, 63, 0, 0}}));
  EXPECT_TRUE(is_complete(1, {{{0}, 0, 0, 0, 1}, {{0}, 1, 63, 0, 0}, {{0}, 0, 0, 1, 0}}));
  EXPECT_TRUE(is_complete(1, {{{0}, 0, 0, 0, 0}, {{0}, 6, 63, 0, 0}, {{0}, 1, 5, 0, 0}}));
  EXPECT_TRUE(is_complete(
      1, {{{0}, 0, 0, 0, 0}, {{0}, 1, 63, 0, 2}, {{0}, 1, 63, 2, 1}, {{0}, 1, 63, 1, 0}}));
  EXPECT_TRUE(is_complete(
      3, {{{0, 1, 2}, 0, 0, 0, 0}, {{2}, 1, 63, 0, 0}, {{1}, 1, 63, 0, 0}, {{0}, 1, 63, 0, 0}}));
}

TEST(ProgressiveTest, RefusesProgressionsWithAHole) {
  EXPECT_FALSE(is_complete(1, {}));
  EXPECT_FALSE(is_complete(1, {{{0}, 0, 0, 0, 0}}));
  EXPECT_FALSE(is_complete(1, {{{0}, 0, 0, 0, 0}, {{0}, 1, 62, 0, 0}}));
  EXPECT_FALSE(is_complete(1, {{{0}, 0, 0, 0, 0}, {{0}, 1, 63, 0, 1}}));
  EXPECT_FALSE(is_complete(1, {{{0}, 0, 0, 0, 1}, {{0}, 1, 63, 0, 0}}));
  // A component that comes short.
  EXPECT_FALSE(is_complete(3, {{{0, 1, 2}, 0, 0, 0, 0}, {{0}, 1, 63, 0, 0}, {{1}, 1, 63, 0, 0}}));
  EXPECT_FALSE(is_complete(
      3, {{{0, 1}, 0, 0, 0, 0}, {{0}, 1, 63, 0, 0}, {{1}, 1, 63, 0, 0}, {{2}, 1, 63, 0, 0}}));
}

TEST(ProgressiveTest, RefusesScansThatDoNotFollow) {
  // The rest before the mean; a refinement of nothing; a bit left out; a bit, or a band, twice.
  EXPECT_FALSE(is_complete(1, {{{0}, 1, 63, 0, 0}, {{0}, 0, 0, 0, 0}}));
  EXPECT_FALSE(is_complete(1, {{{0}, 0, 0, 1, 0}, {{0}, 1, 63, 0, 0}}));
  EXPECT_FALSE(is_complete(1, {{{0}, 0, 0, 0, 2}, {{0}, 0, 0, 1, 0}, {{0}, 1, 63, 0, 0}}));
  EXPECT_FALSE(is_complete(
      1, {{{0}, 0, 0, 0, 1}, {{0}, 0, 0, 1, 0}, {{0}, 0, 0, 1, 0}, {{0}, 1, 63, 0, 0}}));
  EXPECT_FALSE(is_complete(1, {{{0}, 0, 0, 0, 0}, {{0}, 1, 63, 0, 0}, {{0}, 1, 63, 0, 0}}));
  EXPECT_FALSE(is_complete(1, {{{0}, 0, 0, 0, 0}, {{0}, 1, 9, 0, 0}, {{0}, 9, 63, 0, 0}}));
}

}  // namespace
}  // namespace semblance::decode::jpeg
