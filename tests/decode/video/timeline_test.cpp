// SPDX-License-Identifier: Apache-2.0
#include "decode/video/timeline.h"

#include <gtest/gtest.h>

#include <vector>

#include "decode/video/packet_clock.h"

namespace semblance::decode {
namespace {

constexpr AVRational kMs = {1, 1000};
constexpr AVRational kRate = {25, 1};
constexpr std::int64_t kNone = AV_NOPTS_VALUE;

std::vector<std::int64_t> placed_ms(Timeline line, const std::vector<std::int64_t>& stamps) {
  std::vector<std::int64_t> times;
  for (const std::int64_t stamp : stamps) times.push_back(line.place(stamp, 0) / 1000);
  return times;
}
using Times = std::vector<std::int64_t>;

TEST(TimelineTest, StampsAreTimesFromTheStart) {
  EXPECT_EQ(placed_ms({kMs, kRate, 100'000}, {100, 140, 150, 900}), (Times{0, 40, 50, 800}));
  EXPECT_EQ(placed_ms({kMs, kRate, std::nullopt}, {500, 540}), (Times{0, 40}));
  EXPECT_EQ(placed_ms({{1, 90'000}, kRate, 0}, {0, 3'600, 90'000}), (Times{0, 40, 1'000}));
}

TEST(TimelineTest, MissingStampsGoOnByTheRate) {
  EXPECT_EQ(placed_ms({kMs, kRate, 0}, {0, kNone, kNone, 200}), (Times{0, 40, 80, 200}));
  EXPECT_EQ(placed_ms({kMs, {0, 0}, 0}, {kNone, kNone}), (Times{0, 40}));
  Timeline stated(kMs, kRate, 0);
  stated.place(0, 100);
  EXPECT_EQ(stated.place(kNone, 0), 100'000);  // by the length that was stated
}

TEST(TimelineTest, TimesNeverStandStillOrGoBack) {
  EXPECT_EQ(placed_ms({kMs, kRate, 0}, {0, 0, 0, 0}), (Times{0, 40, 80, 120}));
  EXPECT_EQ(placed_ms({kMs, kRate, 0}, {100, 90, 95, 300}), (Times{100, 140, 180, 300}));
  EXPECT_EQ(placed_ms({kMs, kRate, 0}, {-500, -400, 10}), (Times{0, 40, 80}));
}

TEST(TimelineTest, StampsThatBeginAgainGoOn) {
  EXPECT_EQ(placed_ms({kMs, kRate, 0}, {8'000, 8'040, 0, 40, 500}),
            (Times{8'000, 8'040, 8'080, 8'120, 8'580}));
}

TEST(TimelineTest, StampsBeyondAllTimesMeanNothing) {
  EXPECT_EQ(placed_ms({kMs, kRate, 0}, {0, INT64_MAX, INT64_MIN + 1, std::int64_t{1} << 50, 160}),
            (Times{0, 40, 80, 120, 160}));
  Timeline coarse({1'000'000, 1}, kRate, 0);
  for (int i = 0; i < 100; ++i) {
    const std::int64_t time = coarse.place(std::int64_t{i} << 40, INT64_MAX);
    EXPECT_GE(time, 0);
    EXPECT_LE(time, kLatestUs);
  }
  EXPECT_LE(coarse.length(INT64_MAX), kLatestUs);
  EXPECT_EQ(coarse.length(-5), 0);
  Timeline nonsense({0, 0}, {-1, 0}, INT64_MIN);
  EXPECT_EQ(nonsense.place(5, 5), 0);  // the first stamp is the time that is 0
}

PacketPtr packet(std::int64_t dts, std::int64_t pts) {
  PacketPtr made(av_packet_alloc());
  made->dts = dts;
  made->pts = pts;
  return made;
}

TEST(PacketClockTest, TimesOfDisplayAreRead) {
  const Timeline line(kMs, kRate, 0);
  PacketClock clock;
  EXPECT_EQ(clock.time(*packet(-40, 0), line), 0);
  EXPECT_EQ(clock.time(*packet(0, 120), line), 120'000);
  EXPECT_EQ(clock.time(*packet(40, kNone), line), 40'000);
}

TEST(PacketClockTest, WhatDoesNotGoOnIsNotBelievedAnyMore) {
  const Timeline line(kMs, kRate, 0);
  for (const auto& [dts, pts] : {std::pair<std::int64_t, std::int64_t>{40, 80},
                                 {30, 80},
                                 {kNone, 120},
                                 {kNone, kNone},
                                 {80, 20'000},
                                 {20'000, 80}}) {
    PacketClock clock;
    EXPECT_TRUE(clock.time(*packet(0, 0), line));
    EXPECT_TRUE(clock.time(*packet(40, 40), line));
    EXPECT_FALSE(clock.time(*packet(dts, pts), line)) << dts << ' ' << pts;
    EXPECT_FALSE(clock.time(*packet(400, 400), line));
  }
}

TEST(PacketClockTest, SoManyPacketsInNoTimeAreNotBelieved) {
  const Timeline line({1, 1'000'000}, kRate, 0);
  PacketClock clock;
  int believed = 0;
  while (believed < 1'000 && clock.time(*packet(believed, believed), line)) ++believed;
  EXPECT_LT(believed, 100);
}

}  // namespace
}  // namespace semblance::decode
