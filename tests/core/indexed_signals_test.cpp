// SPDX-License-Identifier: Apache-2.0
// By which hashes an entry is searched, and which videos were looked at everywhere.
#include <gtest/gtest.h>

#include "semblance/store.h"
#include "semblance/video.h"

namespace semblance {
namespace {

KnownFrame frame(std::uint32_t start_ms, std::uint32_t end_ms, std::uint8_t byte = 1,
                 std::uint8_t quality = 100, std::uint8_t stream = 0) {
  KnownFrame frame;
  frame.at.start_ms = start_ms;
  frame.at.end_ms = end_ms;
  frame.at.quality = quality;
  frame.at.stream = stream;
  frame.hash.bytes.fill(byte);
  return frame;
}

BankSignal signal_of(const VideoSignal& video) {
  return {{SignalKind::kVpdq, to_bytes(video)}, std::nullopt, std::nullopt, ""};
}

TEST(IndexedSignals, ArePicturesAndTheDifferentHashesOfFrames) {
  BankSignal picture{
      {SignalKind::kPdq, std::vector<std::uint8_t>(32, 9)}, 60, PdqProfile::kCli512, ""};
  BankSignal silent{
      {SignalKind::kPdq, std::vector<std::uint8_t>(32, 8)}, std::nullopt, std::nullopt, ""};
  BankSignal md5{
      {SignalKind::kMd5, std::vector<std::uint8_t>(16, 7)}, std::nullopt, std::nullopt, ""};
  const BankSignal video = signal_of(
      {Sampling::kDense, 0, {frame(0, 0, 5, 20), frame(1, 1, 3, 90), frame(2, 2, 5, 70)}});
  const std::vector<BankSignal> signals = {picture, silent, video, md5};
  const auto all = indexed_signals(signals, 17, 4);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 4U);
  for (const IndexedSignal& one : *all) {
    EXPECT_EQ(one.entry, 17);
    EXPECT_EQ(one.bank, 4);
  }
  EXPECT_EQ((*all)[0].profile, PdqProfile::kCli512);
  EXPECT_EQ((*all)[0].quality, 60);
  EXPECT_EQ((*all)[1].profile, PdqProfile::kFull);
  EXPECT_FALSE((*all)[1].quality);
  EXPECT_EQ((*all)[2].hash.bytes[0], 3);
  EXPECT_EQ((*all)[2].quality, 90);
  EXPECT_EQ((*all)[3].hash.bytes[0], 5);
  EXPECT_EQ((*all)[3].quality, 70);
  EXPECT_EQ((*all)[3].profile, PdqProfile::kFull);
}

TEST(IndexedSignals, PartsSayWhatTheyAreOfAndOtherKindsAreNotSearchedSo) {
  const Probe part{ProbeKind::kWindow, {0, 100, 6'000, 7'000}};
  BankSignal window{
      {SignalKind::kPdq, std::vector<std::uint8_t>(32, 9)}, 60, PdqProfile::kFull, "", part};
  BankSignal whole = window;
  whole.part.reset();
  const BankSignal vector{{SignalKind::kEmbedding, std::vector<std::uint8_t>(32, 9)}, {}, {}, ""};
  const BankSignal features{{SignalKind::kOrb, std::vector<std::uint8_t>(32, 9)}, {}, {}, ""};
  const std::vector<BankSignal> signals = {whole, window, vector, features};
  const auto all = indexed_signals(signals, 1, 1);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_FALSE((*all)[0].part);
  EXPECT_EQ((*all)[1].part, part);
}

TEST(IndexedSignals, AVideoThatCannotBeReadIsAnError) {
  BankSignal bad = signal_of({Sampling::kDense, 0, {frame(0, 0)}});
  bad.value.bytes.pop_back();
  const auto refused = indexed_signals({&bad, 1}, 1, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kBadFormat);
}

TEST(IndexedSignals, AVideoIsDenseWhereNoTimeWasLeftOut) {
  const auto dense = [](Sampling sampling, std::vector<KnownFrame> frames) {
    return is_dense({sampling, 0, std::move(frames)});
  };
  EXPECT_TRUE(dense(Sampling::kDense, {frame(0, 0), frame(5'000, 5'000)}));
  EXPECT_FALSE(dense(Sampling::kKeyframes, {frame(0, 0), frame(1, 1)}));
  EXPECT_TRUE(dense(Sampling::kVpdq, {}));
  EXPECT_TRUE(dense(Sampling::kVpdq, {frame(0, 0), frame(42, 42), frame(92, 92)}));
  EXPECT_FALSE(dense(Sampling::kVpdq, {frame(0, 0), frame(1'001, 1'001)}));
  EXPECT_FALSE(dense(Sampling::kVpdq, {frame(0, 0), frame(125, 125), frame(250, 250)}));
  EXPECT_TRUE(dense(Sampling::kVpdq, {frame(0, 1'000), frame(1'040, 1'040)}));
  // Without times, or out of their order, it says nothing of what lies between.
  EXPECT_FALSE(dense(Sampling::kVpdq, {frame(0, 0), frame(0, 0)}));
  EXPECT_FALSE(dense(Sampling::kVpdq, {frame(40, 40), frame(0, 0), frame(80, 80)}));
  EXPECT_TRUE(dense(Sampling::kVpdq, {frame(0, 0)}));
  EXPECT_TRUE(dense(Sampling::kVpdq, {frame(0, 0), frame(0, 0), frame(40, 40)}));
  // Each stream for itself.
  EXPECT_FALSE(dense(Sampling::kVpdq, {frame(0, 0), frame(40, 40, 1, 100, 1),
                                       frame(80, 80, 1, 100, 1), frame(120, 120)}));
}

}  // namespace
}  // namespace semblance
