// SPDX-License-Identifier: Apache-2.0
#include "hash/tmk/constant_rate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace semblance::hash {
namespace {

struct Frame {
  std::int64_t start_us;
  std::int64_t length_us;
};

// Which frame is given out at each place of the output.
std::vector<std::size_t> given(const std::vector<Frame>& frames) {
  ConstantRate rate;
  std::vector<std::size_t> out;
  std::size_t before = 0;
  bool any = false;
  for (std::size_t n = 0; n < frames.size(); ++n) {
    const auto step = rate.next(frames[n].start_us, frames[n].length_us);
    if (!step) continue;
    out.insert(out.end(), step->previous, any ? before : n);
    out.insert(out.end(), step->current, n);
    before = n;
    any = true;
  }
  out.insert(out.end(), rate.finish(), before);
  return out;
}

// Frames of a constant rate, `num` in `den` seconds.
std::vector<Frame> at_rate(std::int64_t num, std::int64_t den, std::size_t count) {
  std::vector<Frame> frames;
  for (std::size_t n = 0; n < count; ++n) {
    const std::int64_t start = (static_cast<std::int64_t>(n) * den * 1'000'000 + num / 2) / num;
    frames.push_back({start, (den * 1'000'000 + num / 2) / num});
  }
  return frames;
}

// How many frames the ffmpeg 5.1.9 command gives of six seconds of each rate, with `-r 15`; it was
// run on H.264 in MP4.
TEST(ConstantRateTest, CountsAreThoseOfTheCommand) {
  struct Case {
    std::int64_t num, den;
    std::size_t frames, given;
  };
  for (const Case& one : std::vector<Case>{{5, 1, 30, 90},
                                           {7, 1, 42, 90},
                                           {10, 1, 60, 91},
                                           {25, 2, 75, 90},
                                           {149, 10, 90, 91},
                                           {15, 1, 90, 90},
                                           {16, 1, 96, 92},
                                           {20, 1, 120, 92},
                                           {24, 1, 144, 92},
                                           {24'000, 1001, 144, 92},
                                           {25, 1, 150, 92},
                                           {30'000, 1001, 180, 92},
                                           {30, 1, 180, 92},
                                           {50, 1, 300, 92},
                                           {60'000, 1001, 360, 92},
                                           {60, 1, 360, 92},
                                           {90, 1, 540, 92},
                                           {30, 1, 564, 284},
                                           {30, 1, 673, 338}}) {
    EXPECT_EQ(given(at_rate(one.num, one.den, one.frames)).size(), one.given)
        << one.num << '/' << one.den << ' ' << one.frames;
  }
}

TEST(ConstantRateTest, FifteenASecondPassUnchanged) {
  const std::vector<std::size_t> out = given(at_rate(15, 1, 100));
  ASSERT_EQ(out.size(), 100U);
  for (std::size_t n = 0; n < out.size(); ++n) EXPECT_EQ(out[n], n);
}

// The command lets the output run ahead before it drops: so does this.
TEST(ConstantRateTest, ThirtyASecondAreHalvedAfterTheFirstFour) {
  EXPECT_EQ(given(at_rate(30, 1, 13)), (std::vector<std::size_t>{0, 1, 2, 3, 5, 7, 9, 11}));
}

TEST(ConstantRateTest, FewerAreRepeated) {
  EXPECT_EQ(given(at_rate(5, 1, 3)), (std::vector<std::size_t>{0, 0, 0, 1, 1, 1, 2, 2, 2}));
}

TEST(ConstantRateTest, AGapIsFilledWithTheFrameBeforeIt) {
  std::vector<Frame> frames = at_rate(15, 1, 3);
  frames.push_back({1'000'000, 66'667});
  const std::vector<std::size_t> out = given(frames);
  ASSERT_EQ(out.size(), 16U);
  EXPECT_EQ(out[2], 2U);
  EXPECT_EQ(out[13], 2U);
  EXPECT_EQ(out[15], 3U);
}

// A late first frame has none before it: it is repeated itself.
TEST(ConstantRateTest, ALateFirstFrameFillsItsOwnGap) {
  const std::vector<std::size_t> out = given({{1'000'000, 66'667}, {1'066'667, 66'667}});
  EXPECT_EQ(out.size(), 17U);
  EXPECT_EQ(std::count(out.begin(), out.end(), 0U), 16);
}

TEST(ConstantRateTest, UnknownLengthsGoByTheFrameBefore) {
  std::vector<Frame> frames = at_rate(25, 1, 150);
  for (Frame& frame : frames) frame.length_us = 0;
  EXPECT_NEAR(static_cast<double>(given(frames).size()), 92, 2);
}

// A time stamp without sense does not stand for years of a still picture.
TEST(ConstantRateTest, HostileTimesAreBounded) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  for (const std::int64_t time : {kMost, kMost / 2, std::int64_t{400'000'000'000}, kLeast}) {
    for (const std::int64_t length : {std::int64_t{0}, std::int64_t{1}, kMost, kLeast}) {
      ConstantRate rate;
      ASSERT_TRUE(rate.next(0, 40'000));
      const auto step = rate.next(time, length);
      if (step) {
        EXPECT_LE(step->previous + step->current, 3'240'000U) << time << ' ' << length;
      }
      const auto after = rate.next(80'000, 40'000);  // time goes on
      if (!step) {
        EXPECT_TRUE(after && after->current == 1);
      }
    }
  }
}

}  // namespace
}  // namespace semblance::hash
