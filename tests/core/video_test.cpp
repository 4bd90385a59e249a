// SPDX-License-Identifier: Apache-2.0
#include "semblance/video.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace semblance {
namespace {

Hash256 hash_of(std::uint8_t byte) {
  Hash256 hash;
  hash.bytes.fill(byte);
  return hash;
}

VideoSignal some_signal() {
  return {Sampling::kKeyframes,
          0x01020304,
          {{{7, 100, 350, 0, FrameForm::kWhole, 100}, hash_of(0xab)},
           {{7, 100, 100, 2, FrameForm::kTrimmed, 49}, hash_of(0x01)},
           {{0xffffffff, 0xfffffffe, 0xffffffff, 255, FrameForm::kWhole, 0}, hash_of(0xff)}}};
}

TEST(SamplingTest, WordsRoundTrip) {
  EXPECT_EQ(name(Sampling::kKeyframes), "keyframes");
  EXPECT_EQ(name(Sampling::kDense), "dense");
  EXPECT_EQ(name(Sampling::kVpdq), "vpdq");
  for (const Sampling sampling : kSamplings) {
    auto parsed = parse_sampling(name(sampling));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, sampling);
  }
  for (const char* word : {"", "Dense", "dense ", "all"}) {
    auto refused = parse_sampling(word);
    ASSERT_FALSE(refused) << word;
    EXPECT_EQ(refused.error().code, Errc::kBadArgument);
  }
  EXPECT_EQ(name(FrameForm::kWhole), "whole");
  EXPECT_EQ(name(FrameForm::kTrimmed), "trimmed");
}

TEST(VideoSignalTest, BytesRoundTrip) {
  for (const VideoSignal& signal : {VideoSignal{}, some_signal()}) {
    const auto parsed = parse_video_signal(to_bytes(signal));
    ASSERT_TRUE(parsed) << parsed.error().what;
    EXPECT_EQ(*parsed, signal);
  }
}

// What stores hold: a change of it is a change of every store.
TEST(VideoSignalTest, TheBytesAreThese) {
  const VideoSignal signal{
      Sampling::kDense, 0x0102, {{{1, 2, 3, 4, FrameForm::kTrimmed, 5}, hash_of(9)}}};
  std::vector<std::uint8_t> expected = {'S', 'V', 'F', '1', 1, 2, 1, 0, 0, 1, 0, 0,
                                        0,   2,   0,   0,   0, 3, 0, 0, 0, 4, 1, 5};
  expected.insert(expected.end(), 32, 9);
  EXPECT_EQ(to_bytes(signal), expected);
}

TEST(VideoSignalTest, OtherBytesAreRefused) {
  const std::vector<std::uint8_t> good = to_bytes(some_signal());
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto parsed = parse_video_signal(std::span(good).first(size));
    // Only where a frame ends, and its head is whole, is a beginning a signal too.
    EXPECT_EQ(static_cast<bool>(parsed), size >= 9 && (size - 9) % 47 == 0) << size;
    if (!parsed) {
      EXPECT_EQ(parsed.error().code, Errc::kBadFormat);
    }
  }
  const auto refused = [&good](std::size_t at, std::uint8_t byte) {
    std::vector<std::uint8_t> bad = good;
    bad[at] = byte;
    const auto parsed = parse_video_signal(bad);
    return !parsed && parsed.error().code == Errc::kBadFormat;
  };
  constexpr std::size_t kFrame = 9;
  EXPECT_TRUE(refused(3, '2'));              // another form
  EXPECT_TRUE(refused(4, 3));                // an unknown sampling
  EXPECT_TRUE(refused(kFrame + 13, 2));      // an unknown form of a frame
  EXPECT_TRUE(refused(kFrame + 14, 101));    // a quality above 100
  EXPECT_TRUE(refused(kFrame + 9, 0));       // the end, 350, is now before the start
  EXPECT_FALSE(refused(kFrame + 20, 0x7a));  // a hash may be anything
}

TEST(ToKnownTest, KeepsTheHashAndSortsByTimeThenForm) {
  std::vector<FrameSignal> frames(4);
  frames[0].at = {3, 300, 300, 0, FrameForm::kWhole, 80};
  frames[1].at = {1, 100, 200, 0, FrameForm::kTrimmed, 70};
  frames[2].at = {1, 100, 100, 0, FrameForm::kWhole, 60};
  frames[3].at = {1, 100, 100, 1, FrameForm::kWhole, 50};
  for (std::size_t k = 0; k < frames.size(); ++k) {
    frames[k].hashes[0] = hash_of(static_cast<std::uint8_t>(k));
    frames[k].hashes[1] = hash_of(0xee);
  }
  const VideoSignal known = to_known(Sampling::kDense, 1234, frames);
  EXPECT_EQ(known.sampling, Sampling::kDense);
  EXPECT_EQ(known.duration_ms, 1234U);
  ASSERT_EQ(known.frames.size(), 4U);
  const std::vector<std::size_t> order = {2, 3, 1, 0};
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(known.frames[k].at, frames[order[k]].at) << k;
    EXPECT_EQ(known.frames[k].hash, frames[order[k]].hashes[0]) << k;
  }
}

}  // namespace
}  // namespace semblance
