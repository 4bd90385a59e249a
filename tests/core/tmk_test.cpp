// SPDX-License-Identifier: Apache-2.0
#include "semblance/tmk.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

namespace semblance {
namespace {

class Noise {
 public:
  explicit Noise(std::uint64_t seed) : state_(seed) {}
  float next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<float>(static_cast<std::int64_t>(state_) >> 32) * 0x1p-31F;
  }

 private:
  std::uint64_t state_;
};

TmkSignal random_signal(std::uint64_t seed) {
  Noise noise(seed);
  TmkSignal signal;
  signal.frames = 123;
  for (float& value : signal.mean) value = noise.next();
  signal.cosines.resize(kTmkWaves);
  signal.sines.resize(kTmkWaves);
  for (std::size_t k = 0; k < kTmkWaves; ++k) {
    const float weight = std::sqrt(kTmkFourier[k / kTmkDimension % kTmkCoefficients]) / 16;
    signal.cosines[k] = weight * noise.next();
    signal.sines[k] = weight * noise.next();
  }
  return signal;
}

void put(std::vector<std::uint8_t>& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t k = 0; k < 4; ++k) bytes[at + k] = static_cast<std::uint8_t>(value >> (8 * k));
}

std::string refusal(const std::vector<std::uint8_t>& bytes) {
  const auto signal = parse_tmk(bytes);
  if (signal) return "read";
  EXPECT_EQ(signal.error().code, Errc::kBadFormat);
  return signal.error().what;
}

TEST(TmkFileTest, BytesRoundTrip) {
  const TmkSignal signal = random_signal(1);
  const std::vector<std::uint8_t> bytes = to_bytes(signal);
  ASSERT_EQ(bytes.size(), kTmkBytes);
  const auto parsed = parse_tmk(bytes);
  ASSERT_TRUE(parsed) << parsed.error().what;
  EXPECT_EQ(*parsed, signal);
}

TEST(TmkFileTest, TheHeadIsTheReferences) {
  const std::vector<std::uint8_t> bytes = to_bytes(random_signal(1));
  EXPECT_EQ(std::string(bytes.begin(), bytes.begin() + 12), "TMK1FVECPDQF");
  std::vector<std::uint8_t> expected(36);
  std::size_t at = 0;
  for (const std::uint32_t value : {15U, 4U, 32U, 256U, 123U, 2731U, 4391U, 9767U, 14653U}) {
    put(expected, at, value);
    at += 4;
  }
  EXPECT_EQ(std::vector<std::uint8_t>(bytes.begin() + 12, bytes.begin() + 48), expected);
}

TEST(TmkFileTest, OtherShapesAreRefusedAndNamed) {
  const std::vector<std::uint8_t> good = to_bytes(random_signal(2));
  struct Case {
    std::size_t at;
    std::uint32_t value;
    const char* what;
  };
  for (const Case& one :
       {Case{0, 0, "read tmk: it does not begin with TMK1FVECPDQF"},
        {12, 4, "read tmk: frames per second 4, not 15"},
        {16, 0x7fffffff, "read tmk: periods 2147483647, not 4"},
        {20, 0x80000000, "read tmk: coefficients -2147483648, not 32"},
        {24, 512, "read tmk: dimensions 512, not 256"},
        {28, 0xffffffff, "read tmk: a negative number of frames"},
        {36, 4390, "read tmk: period 4390, not 4391"},
        {48, std::bit_cast<std::uint32_t>(0.07081F), "read tmk: other Fourier coefficients"},
        {52, 0x7fc00000, "read tmk: other Fourier coefficients"},
        {176, 0x7f800000, "read tmk: a figure that is not finite"},
        {1200, 0x7fc00000, "read tmk: a figure that is not finite"},
        {kTmkBytes - 4, 0xff800000, "read tmk: a figure that is not finite"}}) {
    std::vector<std::uint8_t> bad = good;
    put(bad, one.at, one.value);
    EXPECT_EQ(refusal(bad), one.what);
  }
}

TEST(TmkFileTest, FiguresThatNoVideoHasAreRefused) {
  const std::vector<std::uint8_t> good = to_bytes(random_signal(2));
  std::vector<std::uint8_t> bad = good;
  put(bad, 176 + 4 * 255, std::bit_cast<std::uint32_t>(-16'321.0F));
  EXPECT_EQ(refusal(bad), "read tmk: a mean that no frames have");
  for (const std::size_t at : {std::size_t{1200}, 1200 + 4 * kTmkWaves, kTmkBytes - 4}) {
    bad = good;
    put(bad, at, std::bit_cast<std::uint32_t>(1e30F));
    EXPECT_EQ(refusal(bad), "read tmk: a wave longer than any video's") << at;
  }
  TmkSignal longest;
  longest.cosines.assign(kTmkWaves, 0);
  longest.sines.assign(kTmkWaves, 0);
  longest.cosines[kTmkDimension] = std::sqrt(kTmkFourier[1]) * 1.0005F;
  EXPECT_EQ(refusal(to_bytes(longest)), "read") << "rounding";
  longest.cosines[kTmkDimension] = std::sqrt(kTmkFourier[1]) * 1.002F;
  EXPECT_EQ(refusal(to_bytes(longest)), "read tmk: a wave longer than any video's");
}

TEST(TmkFileTest, CoefficientsMayDifferByRounding) {
  std::vector<std::uint8_t> bytes = to_bytes(random_signal(2));
  put(bytes, 48, std::bit_cast<std::uint32_t>(std::nextafter(kTmkFourier[0], 1.0F)));
  EXPECT_TRUE(parse_tmk(bytes));
}

TEST(TmkFileTest, AnyOtherLengthIsRefused) {
  std::vector<std::uint8_t> bytes = to_bytes(random_signal(2));
  for (const std::size_t size : {0U, 11U, 31U, 32U, 175U, 1200U, 263'343U}) {
    EXPECT_NE(refusal({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}), "read")
        << size;
  }
  bytes.push_back(0);
  EXPECT_EQ(refusal(bytes), "read tmk: 263345 bytes, not 263344");
}

TEST(TmkScoresTest, Level1IsTheCosineOfTheMeans) {
  TmkSignal a = random_signal(3);
  TmkSignal b = random_signal(4);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t d = 0; d < kTmkDimension; ++d) {
    ab += static_cast<double>(a.mean[d]) * static_cast<double>(b.mean[d]);
    aa += static_cast<double>(a.mean[d]) * static_cast<double>(a.mean[d]);
    bb += static_cast<double>(b.mean[d]) * static_cast<double>(b.mean[d]);
  }
  EXPECT_NEAR(static_cast<double>(tmk_level1(a, b)), ab / std::sqrt(aa * bb), 1e-6);
  EXPECT_NEAR(tmk_level1(a, a), 1, 1e-6F);
  for (float& value : b.mean) value = -2;
  for (float& value : a.mean) value = 1;
  EXPECT_FLOAT_EQ(tmk_level1(a, b), -1);
  b.mean.fill(0);
  EXPECT_EQ(tmk_level1(a, b), 0);
  EXPECT_EQ(tmk_level1(b, b), 0);
}

// The kernel as it is written down, at one offset of one period.
double written(const TmkSignal& u, const TmkSignal& v, std::size_t period, int offset) {
  double sum = 0;
  for (std::size_t j = 0; j < kTmkCoefficients; ++j) {
    const std::size_t at = (period * kTmkCoefficients + j) * kTmkDimension;
    double cc = 0, ss = 0, sc = 0, cs = 0;
    for (std::size_t d = at; d < at + kTmkDimension; ++d) {
      const auto product = [d](const std::vector<float>& a, const std::vector<float>& b) {
        return static_cast<double>(a[d]) * static_cast<double>(b[d]);
      };
      cc += product(u.cosines, v.cosines);
      ss += product(u.sines, v.sines);
      sc += product(u.sines, v.cosines);
      cs += product(u.cosines, v.sines);
    }
    const double angle = 2 * std::numbers::pi * offset / kTmkPeriodFrames[period];
    const auto n = static_cast<double>(j);
    sum += j == 0 ? cc : std::cos(n * angle) * (cc + ss) + std::sin(n * angle) * (sc - cs);
  }
  double whole = static_cast<double>(kTmkFourier[0]);
  for (std::size_t j = 1; j < 32; ++j) whole += 2 * static_cast<double>(kTmkFourier[j]);
  return sum / whole;
}

// A signal that is strong in one period only, with one wave, so that where the largest value lies
// is known: at the offset between the two.
TmkSignal wave(std::size_t period, int offset) {
  TmkSignal signal;
  signal.cosines.assign(kTmkWaves, 0);
  signal.sines.assign(kTmkWaves, 0);
  for (std::size_t j = 0; j < kTmkCoefficients; ++j) {
    const double angle =
        2 * std::numbers::pi * offset * static_cast<double>(j) / kTmkPeriodFrames[period];
    const double root = std::sqrt(static_cast<double>(kTmkFourier[j]));
    const std::size_t at = (period * kTmkCoefficients + j) * kTmkDimension + 5;
    signal.cosines[at] = static_cast<float>(root * std::cos(angle));
    signal.sines[at] = static_cast<float>(root * std::sin(angle));
  }
  return signal;
}

TEST(TmkScoresTest, Level2IsTheLargestOverAllPeriodsAndOffsets) {
  const TmkSignal a = random_signal(5);
  const TmkSignal b = random_signal(6);
  double largest = -1;
  for (std::size_t period = 0; period < kTmkPeriods; ++period) {
    // A maximum of waves no shorter than period / 31 lies between such offsets: not far off.
    for (int offset = 0; offset < kTmkPeriodFrames[period]; offset += 17) {
      largest = std::max(largest, written(a, b, period, offset));
    }
  }
  EXPECT_GE(static_cast<double>(tmk_level2(a, b)), largest - 1e-6);
  EXPECT_NEAR(static_cast<double>(tmk_level2(a, b)), largest, 2e-3);
}

TEST(TmkScoresTest, ShiftedVideosAreFoundWhateverTheShift) {
  for (std::size_t period = 0; period < kTmkPeriods; ++period) {
    // One wave of its kind and its own shift have kernel 1 / whole * sum of a_j.
    const double self = written(wave(period, 0), wave(period, 0), period, 0);
    EXPECT_NEAR(static_cast<double>(tmk_level2(wave(period, 0), wave(period, 0))), self, 1e-6);
    for (const int offset : {1, 100, 2000, 2730}) {
      EXPECT_NEAR(static_cast<double>(tmk_level2(wave(period, offset), wave(period, 0))), self,
                  1e-6)
          << period << ' ' << offset;
      EXPECT_NEAR(static_cast<double>(tmk_level2(wave(period, 0), wave(period, offset))), self,
                  1e-6)
          << period << ' ' << offset;
    }
  }
}

TEST(TmkScoresTest, SignalsThatAreNoneScoreNothing) {
  const TmkSignal empty;
  EXPECT_EQ(tmk_level1(empty, empty), 0);
  EXPECT_EQ(tmk_level2(empty, random_signal(1)), 0);
  EXPECT_EQ(tmk_level2(random_signal(1), empty), 0);
}

}  // namespace
}  // namespace semblance
