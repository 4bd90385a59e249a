// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace semblance::tool {
namespace {

using testing::HasSubstr;
using testing::Not;

ProgressView halfway() {
  ProgressView view;
  view.unit = "files";
  view.items = 1500;
  view.total_items = 4000;
  view.bytes = 50'000'000;
  view.total_bytes = 100'000'000;
  view.outcomes = "3 matched, 1,490 clean, 7 not evaluated";
  return view;
}

TEST(RenderProgress, AWideTerminalSeesEverything) {
  const std::string line = render_progress(halfway(), {150, 5'000'000}, 200);
  EXPECT_THAT(line, HasSubstr("[##########..........]  50 %"));
  EXPECT_THAT(line, HasSubstr("1,500/4,000 files"));
  EXPECT_THAT(line, HasSubstr("50.0 MB/100.0 MB"));
  EXPECT_THAT(line, HasSubstr("150 files/s, 5.0 MB/s"));
  EXPECT_THAT(line, HasSubstr("3 matched, 1,490 clean, 7 not evaluated"));
  EXPECT_THAT(line, HasSubstr("0:10 left"));
}

TEST(RenderProgress, NoLineIsEverWiderThanTheTerminal) {
  for (int width = 0; width < 200; ++width) {
    EXPECT_LE(static_cast<int>(render_progress(halfway(), {150, 5e6}, width).size()), width);
  }
  EXPECT_THAT(render_progress(halfway(), {150, 5e6}, 40), HasSubstr("50 %"));
}

TEST(RenderProgress, WithoutTotalsThereIsNeitherShareNorTimeLeft) {
  ProgressView view = halfway();
  view.total_items = view.total_bytes = 0;
  const std::string line = render_progress(view, {150, 5e6}, 200);
  EXPECT_THAT(line, Not(HasSubstr("%")));
  EXPECT_THAT(line, Not(HasSubstr("left")));
}

TEST(RenderProgress, MoreDoneThanCountedIsNotMoreThanAll) {
  ProgressView view = halfway();
  view.bytes = 300'000'000;  // the evidence grew while it was scanned
  EXPECT_THAT(render_progress(view, {150, 5e6}, 200), HasSubstr("100 %"));
}

TEST(HumanFigures, AreRoundedAtTheBordersOfUnits) {
  EXPECT_EQ(human_bytes(999), "999 B");
  EXPECT_EQ(human_bytes(1000), "1.0 kB");
  EXPECT_EQ(human_bytes(999'960), "1.0 MB");
  EXPECT_EQ(human_duration(59.6), "1:00");
  EXPECT_EQ(human_duration(3723), "1:02:03");
  EXPECT_EQ(human_duration(200'000), "2 d 7 h");
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

}  // namespace
}  // namespace semblance::tool
