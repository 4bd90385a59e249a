// SPDX-License-Identifier: Apache-2.0
#include "hash/tmk/tmk_hasher.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <cmath>
#include <cstddef>
#include <numbers>
#include <random>
#include <vector>

#include "hash/pdq_oracle.h"

namespace semblance::hash {
namespace {

constexpr std::size_t kFrameBytes = std::size_t{3} * kTmkSide * kTmkSide;
using Rgb = std::vector<std::uint8_t>;

// Frames of noise that changes smoothly enough to have a norm, and is never the same twice.
std::vector<Rgb> noise(std::size_t count, std::uint32_t seed = 1) {
  std::mt19937 rng(seed);
  std::vector<Rgb> frames(count, Rgb(kFrameBytes));
  for (Rgb& frame : frames) {
    for (std::uint8_t& byte : frame) byte = static_cast<std::uint8_t>(rng());
  }
  return frames;
}

std::int64_t time_of(std::size_t n) {
  return (static_cast<std::int64_t>(n) * 1'000'000 + 7) / kTmkFramesPerSecond;
}

void add(TmkHasher& hasher, const Rgb& frame, std::size_t n) {
  hasher.add(std::span<const std::uint8_t, kFrameBytes>(frame.data(), kFrameBytes), time_of(n),
             66'667);
}

std::optional<TmkSignal> hash_of(const std::vector<Rgb>& frames) {
  TmkHasher hasher;
  for (std::size_t n = 0; n < frames.size(); ++n) add(hasher, frames[n], n);
  return hasher.finish();
}

std::array<float, 256> vector_of(const Rgb& frame) {
  return oracle::pdq({frame.data(), kTmkSide, kTmkSide, 3 * kTmkSide, 3}, PdqProfile::kFull).dct16;
}

std::vector<float> unit(const std::array<float, 256>& vector) {
  float squares = 0;
  for (const float value : vector) squares += value * value;
  std::vector<float> out;
  for (const float value : vector) out.push_back(value / std::sqrt(squares));
  return out;
}

// The formulas of the paper as they are written down, one vector of one period at a time.
std::vector<float> written(const std::vector<std::array<float, 256>>& vectors, std::size_t period,
                           std::size_t j, double (*wave)(double)) {
  std::vector<float> sums(256);
  for (std::size_t t = 0; t < vectors.size(); ++t) {
    const std::vector<float> vector = unit(vectors[t]);
    const double angle = 2 * std::numbers::pi * static_cast<double>(j) * static_cast<double>(t) /
                         kTmkPeriodFrames[period];
    for (std::size_t d = 0; d < 256; ++d) {
      sums[d] = static_cast<float>(sums[d] + vector[d] * wave(angle));
    }
  }
  float squares = 0;
  for (const float value : sums) squares += value * value;
  if (squares > 0) {
    for (float& value : sums) value = value / std::sqrt(squares) * std::sqrt(kTmkFourier[j]);
  }
  return sums;
}

class TmkHasherTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(TmkHasherTest);

// More frames than go into the sums together, and not a multiple of them.
TEST_P(TmkHasherTest, FeaturesAreThoseWrittenDownToTheBit) {
  const std::vector<Rgb> frames = noise(37);
  const auto signal = hash_of(frames);
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->frames, 37);
  ASSERT_EQ(signal->cosines.size(), kTmkWaves);
  ASSERT_EQ(signal->sines.size(), kTmkWaves);

  std::vector<std::array<float, 256>> vectors;
  std::array<float, 256> mean{};
  for (const Rgb& frame : frames) {
    vectors.push_back(vector_of(frame));
    for (std::size_t d = 0; d < 256; ++d) mean[d] += vectors.back()[d];
  }
  for (float& value : mean) value /= 37.0F;
  EXPECT_EQ(signal->mean, mean);

  const auto part = [](const std::vector<float>& all, std::size_t period, std::size_t j) {
    const auto from = all.begin() + static_cast<std::ptrdiff_t>((period * 32 + j) * 256);
    return std::vector<float>(from, from + 256);
  };
  for (const std::size_t period : {0U, 3U}) {
    for (const std::size_t j : {0U, 1U, 17U, 31U}) {
      EXPECT_EQ(part(signal->cosines, period, j), written(vectors, period, j, std::cos))
          << period << ' ' << j;
      EXPECT_EQ(part(signal->sines, period, j), written(vectors, period, j, std::sin))
          << period << ' ' << j;
    }
  }
}

TEST(TmkHashersTest, NoFrameNoSignal) {
  TmkHasher hasher;
  EXPECT_FALSE(hasher.finish());
  EXPECT_FALSE(hash_of({}));
}

TEST(TmkHashersTest, BlankFramesGiveZeros) {
  const auto signal = hash_of(std::vector<Rgb>(20, Rgb(kFrameBytes)));
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->frames, 20);
  EXPECT_EQ(signal->mean, (std::array<float, 256>{}));
  EXPECT_EQ(signal->cosines, std::vector<float>(kTmkWaves));
  EXPECT_EQ(tmk_level1(*signal, *signal), 0);
}

TEST(TmkHashersTest, CanBeUsedAgainAfterTheEnd) {
  const std::vector<Rgb> frames = noise(20);
  TmkHasher hasher;
  for (int round = 0; round < 2; ++round) {
    for (std::size_t n = 0; n < frames.size(); ++n) add(hasher, frames[n], n);
    EXPECT_EQ(hasher.finish(), hash_of(frames)) << round;
  }
}

// Thirty a second: what goes in is what the rate gives out of them.
TEST(TmkHashersTest, FramesAreBroughtToFifteenASecond) {
  const std::vector<Rgb> frames = noise(13);
  TmkHasher hasher;
  for (std::size_t n = 0; n < frames.size(); ++n) {
    hasher.add(std::span<const std::uint8_t, kFrameBytes>(frames[n].data(), kFrameBytes),
               static_cast<std::int64_t>(n) * 1'000'000 / 30, 33'333);
  }
  std::vector<Rgb> expected;
  for (const std::size_t n : {0U, 1U, 2U, 3U, 5U, 7U, 9U, 11U}) expected.push_back(frames[n]);
  EXPECT_EQ(hasher.finish(), hash_of(expected));
}

TEST(TmkHashersTest, AGapRepeatsTheFrameBeforeIt) {
  const std::vector<Rgb> frames = noise(2);
  TmkHasher hasher;
  add(hasher, frames[0], 0);
  add(hasher, frames[1], 20);
  std::vector<Rgb> expected(19, frames[0]);
  expected.insert(expected.end(), 2, frames[1]);
  const auto signal = hasher.finish();
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->frames, 21);
  EXPECT_GT(tmk_level2(*signal, *hash_of(expected)), 0.999F);
}

// Summed in one step, a long still is what it is frame by frame, but for rounding.
TEST(TmkHashersTest, LongStillsAreTheSumsOfTheirFrames) {
  constexpr std::size_t kLong = 1500;
  const std::vector<Rgb> frames = noise(3);
  TmkHasher hasher;
  add(hasher, frames[0], 0);
  add(hasher, frames[1], 1);
  add(hasher, frames[2], 1 + kLong);
  for (std::size_t n = 2; n < 5; ++n) add(hasher, frames[0], n + kLong);
  const auto signal = hasher.finish();
  ASSERT_TRUE(signal);

  // The last place of a gap goes to the frame after it.
  std::vector<Rgb> one_by_one = {frames[0]};
  one_by_one.insert(one_by_one.end(), kLong - 1, frames[1]);
  one_by_one.insert(one_by_one.end(), 2, frames[2]);
  one_by_one.insert(one_by_one.end(), 3, frames[0]);
  const auto expected = hash_of(one_by_one);
  ASSERT_TRUE(expected);
  EXPECT_EQ(signal->frames, expected->frames);
  EXPECT_GT(tmk_level1(*signal, *expected), 0.99999F);
  for (std::size_t k = 0; k < kTmkWaves; ++k) {
    ASSERT_NEAR(signal->cosines[k], expected->cosines[k], 1e-4) << k;
    ASSERT_NEAR(signal->sines[k], expected->sines[k], 1e-4) << k;
  }
}

// No time stamp makes work without end, nor more frames than their number can say.
TEST(TmkHashersTest, TimesOfYearsAreBoundedWork) {
  const std::vector<Rgb> frames = noise(2);
  TmkHasher hasher;
  add(hasher, frames[0], 0);
  for (std::size_t n = 1; n < 1000; ++n) add(hasher, frames[n % 2], n * 3'000'000);
  const auto signal = hasher.finish();
  ASSERT_TRUE(signal);
  EXPECT_GT(signal->frames, 2'000'000'000);
  for (const float value : signal->cosines) ASSERT_TRUE(std::isfinite(value));
  for (const float value : signal->sines) ASSERT_TRUE(std::isfinite(value));
}

TEST(TmkHashersTest, ScoresTellTheSameFromOthers) {
  const auto one = hash_of(noise(60, 1));
  const auto other = hash_of(noise(60, 2));
  ASSERT_TRUE(one && other);
  EXPECT_NEAR(tmk_level1(*one, *one), 1, 1e-6);
  EXPECT_NEAR(tmk_level2(*one, *one), 1, 1e-5);
  EXPECT_LT(tmk_level1(*one, *other), 0.7F);
  EXPECT_LT(tmk_level2(*one, *other), 0.7F);
}

}  // namespace
}  // namespace semblance::hash
