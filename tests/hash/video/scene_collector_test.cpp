// SPDX-License-Identifier: Apache-2.0
#include "hash/video/scene_collector.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace semblance::hash {
namespace {

// A hash with that many bits set, so that two of them are as far apart as the numbers.
PdqSignal signal_of(int bits, int quality = 100) {
  PdqSignal signal;
  signal.quality = quality;
  for (int k = 0; k < bits; ++k) {
    signal.hashes[0].bytes[static_cast<std::size_t>(k / 8)] |=
        static_cast<std::uint8_t>(1U << (k % 8));
  }
  signal.hashes[7].bytes[0] = static_cast<std::uint8_t>(bits);
  return signal;
}

struct Collected {
  std::vector<FrameSignal> signals;
  SceneCollector collector{[this](const FrameSignal& signal) { signals.push_back(signal); }};

  void add(std::uint32_t number, int whole, std::optional<int> trimmed = std::nullopt) {
    FrameHashes hashes{signal_of(whole), std::nullopt};
    if (trimmed) hashes.trimmed = signal_of(*trimmed);
    collector.add(0, number, number * 100, hashes);
  }
};

FrameSignal expected(FramePlace at, int bits) { return {at, signal_of(bits, at.quality).hashes}; }

TEST(SceneCollectorTest, AChangeEndsTheSceneAndGivesIt) {
  Collected to;
  to.add(0, 10);
  to.add(1, 10);
  to.add(2, 12);
  EXPECT_TRUE(to.signals.empty());
  to.add(3, 100);
  ASSERT_EQ(to.signals.size(), 1U);
  EXPECT_EQ(to.signals[0], expected({0, 0, 200, 0, FrameForm::kWhole, 100}, 10));
  to.collector.finish();
  ASSERT_EQ(to.signals.size(), 2U);
  EXPECT_EQ(to.signals[1], expected({3, 300, 300, 0, FrameForm::kWhole, 100}, 100));
}

// Within reach of the first of the scene, not of the one before: a slow change is many scenes.
TEST(SceneCollectorTest, DriftIsMeasuredFromTheFirstFrame) {
  Collected to;
  for (std::uint32_t n = 0; n <= 12; ++n) to.add(n, static_cast<int>(n));
  to.collector.finish();
  ASSERT_EQ(to.signals.size(), 3U);
  EXPECT_EQ(to.signals[0].at, (FramePlace{0, 0, 400, 0, FrameForm::kWhole, 100}));
  EXPECT_EQ(to.signals[1].at, (FramePlace{5, 500, 900, 0, FrameForm::kWhole, 100}));
  EXPECT_EQ(to.signals[2].at, (FramePlace{10, 1000, 1200, 0, FrameForm::kWhole, 100}));
  static_assert(kSceneDistance == 4);
}

TEST(SceneCollectorTest, FormsAreCollapsedByThemselves) {
  Collected to;
  to.add(0, 10, 50);
  to.add(1, 10, 90);
  to.add(2, 10);  // no borders: the trimmed scene ends
  to.add(3, 10, 90);
  to.collector.finish();
  ASSERT_EQ(to.signals.size(), 4U);
  EXPECT_EQ(to.signals[0], expected({0, 0, 0, 0, FrameForm::kTrimmed, 100}, 50));
  EXPECT_EQ(to.signals[1], expected({1, 100, 100, 0, FrameForm::kTrimmed, 100}, 90));
  EXPECT_EQ(to.signals[2], expected({0, 0, 300, 0, FrameForm::kWhole, 100}, 10));
  EXPECT_EQ(to.signals[3], expected({3, 300, 300, 0, FrameForm::kTrimmed, 100}, 90));
}

TEST(SceneCollectorTest, StreamsAreCollapsedByThemselves) {
  Collected to;
  const FrameHashes one{signal_of(10), std::nullopt};
  const FrameHashes other{signal_of(200), std::nullopt};
  to.collector.add(0, 0, 0, one);
  to.collector.add(1, 0, 5, other);
  to.collector.add(0, 1, 40, one);
  to.collector.add(1, 1, 45, other);
  to.collector.finish();
  ASSERT_EQ(to.signals.size(), 2U);
  EXPECT_EQ(to.signals[0].at, (FramePlace{0, 0, 40, 0, FrameForm::kWhole, 100}));
  EXPECT_EQ(to.signals[1].at, (FramePlace{0, 5, 45, 1, FrameForm::kWhole, 100}));
}

TEST(SceneCollectorTest, FramesWithoutStructureEndTheSceneAndAreNone) {
  Collected to;
  to.add(0, 10);
  to.collector.add(0, 1, 100, {signal_of(10, 0), std::nullopt});
  EXPECT_EQ(to.signals.size(), 1U);
  to.collector.add(0, 2, 200, {signal_of(10, 0), std::nullopt});
  to.add(3, 10);
  to.collector.finish();
  ASSERT_EQ(to.signals.size(), 2U);
  EXPECT_EQ(to.signals[0].at.end_ms, 0U);
  EXPECT_EQ(to.signals[1].at.start_ms, 300U);
}

TEST(SceneCollectorTest, TheQualityIsThatOfTheFirst) {
  Collected to;
  to.collector.add(0, 0, 0, {signal_of(10, 7), std::nullopt});
  to.collector.add(0, 1, 10, {signal_of(10, 90), std::nullopt});
  to.collector.finish();
  ASSERT_EQ(to.signals.size(), 1U);
  EXPECT_EQ(to.signals[0].at.quality, 7);
}

TEST(SceneCollectorTest, TimesThatFallCountAsTheTimeBefore) {
  Collected to;
  to.collector.add(0, 0, 500, {signal_of(10), std::nullopt});
  to.collector.add(0, 1, 300, {signal_of(10), std::nullopt});
  to.collector.add(0, 2, 100, {signal_of(200), std::nullopt});  // after a scene has ended, too
  to.collector.add(0, 3, 600, {signal_of(200), std::nullopt});
  to.collector.finish();
  ASSERT_EQ(to.signals.size(), 2U);
  EXPECT_EQ(to.signals[0].at, (FramePlace{0, 500, 500, 0, FrameForm::kWhole, 100}));
  EXPECT_EQ(to.signals[1].at, (FramePlace{2, 500, 600, 0, FrameForm::kWhole, 100}));
}

TEST(SceneCollectorTest, AfterTheEndAnotherVideoBegins) {
  Collected to;
  to.collector.add(0, 9, 900, {signal_of(10), std::nullopt});
  to.collector.finish();
  to.collector.add(0, 0, 0, {signal_of(10), std::nullopt});
  to.collector.finish();
  to.collector.finish();
  ASSERT_EQ(to.signals.size(), 2U);
  EXPECT_EQ(to.signals[1].at, (FramePlace{0, 0, 0, 0, FrameForm::kWhole, 100}));
}

}  // namespace
}  // namespace semblance::hash
