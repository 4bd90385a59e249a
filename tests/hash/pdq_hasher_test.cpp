// SPDX-License-Identifier: Apache-2.0
#include "hash/pdq_hasher.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "hash/pdq_oracle.h"
#include "hash/pictures.h"
#include "semblance/pdq.h"

namespace semblance {
namespace {

using hash::PdqHasher;
using pictures::make_picture;
using pictures::Picture;

struct Size {
  std::uint32_t width, height;
};

// Sides around every border of the arithmetic: 5, 64, multiples of 128, 512, windows of 16 and 17
// rows, 55 and 56 columns, 257 and more, 512 and more, and strips.
std::vector<Size> sizes() {
  return {{5, 5},       {5, 64},     {64, 5},     {7, 9},      {31, 47},     {63, 64},
          {64, 64},     {65, 63},    {100, 100},  {127, 127},  {128, 128},   {128, 129},
          {129, 128},   {130, 257},  {200, 150},  {255, 256},  {256, 256},   {257, 333},
          {383, 385},   {450, 600},  {511, 512},  {512, 512},  {513, 512},   {512, 513},
          {640, 480},   {768, 769},  {900, 700},  {1000, 333}, {1023, 1025}, {1366, 768},
          {1600, 1004}, {1999, 47},  {47, 1999},  {2000, 5},   {6, 2000},    {2000, 1333},
          {300, 2048},  {300, 2049}, {300, 2177}, {2049, 300}, {5000, 90},   {90, 5000},
          {7040, 66},   {7041, 66},  {8000, 80},  {80, 8000},  {20000, 20},  {20, 20000},
          {33000, 12},  {12, 33000}, {65536, 9},  {9, 65536}};
}

// How many of the bits that differ belong to a coefficient which is further from the median than
// the written algorithm's float32 running sums drift from the exact ones.
int bits_beyond_rounding(const PdqSignal& ours, const oracle::Pdq& written, Transform transform) {
  constexpr double kDrift = 0.01;  // coefficients are up to some thousands in size
  const std::array<float, 256> values = oracle::transformed(written.dct16, transform);
  std::array<float, 256> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const auto t = static_cast<std::size_t>(transform);
  int beyond = 0;
  for (std::size_t k = 0; k < 256; ++k) {
    const std::size_t byte = 31 - k / 8;
    const int bits = ours.hashes[t].bytes[byte] ^ written.signal.hashes[t].bytes[byte];
    const double gap = std::fabs(double{values[k]} - double{sorted[127]});
    if ((bits >> (k % 8) & 1) != 0 && gap > kDrift) ++beyond;
  }
  return beyond;
}

TEST(PdqHasher, AgreesWithTheWrittenAlgorithmOnPicturesWithStructure) {
  int signals = 0;
  int differing = 0;
  std::uint64_t seed = 1;
  for (const Size size : sizes()) {
    for (const int channels : {1, 3}) {
      const Picture picture = make_picture(size.width, size.height, channels, seed++);
      for (const PdqProfile profile : kPdqProfiles) {
        SCOPED_TRACE(::testing::Message() << size.width << 'x' << size.height << 'x' << channels
                                          << ' ' << name(profile));
        const oracle::Pdq written = oracle::pdq(picture.view(), profile);
        const Result<PdqSignal> ours = pdq_hash(picture.view(), profile);
        ASSERT_TRUE(ours);
        EXPECT_EQ(ours->quality, written.signal.quality);
        for (std::size_t t = 0; t < kTransforms; ++t) {
          EXPECT_EQ(bits_beyond_rounding(*ours, written, static_cast<Transform>(t)), 0);
        }
        ++signals;
        if (!(*ours == written.signal)) ++differing;
      }
    }
  }
  // One picture in a hundred has a coefficient so near to a median; with these seeds none has.
  EXPECT_LE(differing, 2) << "of " << signals;
}

// Feeds rows in portions of random size and gives all profiles' signals.
std::vector<PdqSignal> hash_in_portions(const Picture& picture, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  const PictureView view = picture.view();
  PdqHasher hasher(view.width, view.height, view.channels, kPdqProfiles);
  for (std::uint32_t done = 0; done < view.height;) {
    const std::uint32_t some =
        std::min<std::uint32_t>(view.height - done, 1 + static_cast<std::uint32_t>(rng() % 40));
    hasher.add_rows(view.data + static_cast<std::ptrdiff_t>(done) * view.stride, view.stride, some);
    done += some;
  }
  return hasher.finish();
}

TEST(PdqHasher, PortionsOfRowsDoNotMatter) {
  for (const Size size : {Size{7, 9}, {100, 100}, {640, 481}, {515, 700}, {90, 2500}, {65536, 6}}) {
    const Picture picture = make_picture(size.width, size.height, 3, size.width);
    const std::vector<PdqSignal> whole = {*pdq_hash(picture.view(), PdqProfile::kFull),
                                          *pdq_hash(picture.view(), PdqProfile::kCli512)};
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      EXPECT_EQ(hash_in_portions(picture, seed), whole) << size.width << 'x' << size.height;
    }
  }
}

// Runs the body once per target that this CPU has, with that target forced.
class PdqOnEveryTarget : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(PdqOnEveryTarget);

TEST_P(PdqOnEveryTarget, GivesTheSameBits) {
  for (const Size size : {Size{33, 65}, {64, 64}, {300, 200}, {516, 700}, {300, 2500}}) {
    const Picture picture = make_picture(size.width, size.height, 3, size.height);
    hwy::SetSupportedTargetsForTest(HWY_SCALAR);
    const std::vector<PdqSignal> scalar = hash_in_portions(picture, 2);
    hwy::SetSupportedTargetsForTest(GetParam());
    const std::vector<PdqSignal> here = hash_in_portions(picture, 1);
    EXPECT_EQ(here, scalar) << size.width << 'x' << size.height;
  }
}

TEST(PdqHasher, GivesOneSignalAProfileInTheOrderAsked) {
  const Picture picture = make_picture(600, 300, 1, 3);
  const std::array profiles = {PdqProfile::kCli512, PdqProfile::kFull, PdqProfile::kCli512};
  PdqHasher hasher(600, 300, 1, profiles);
  hasher.add_rows(picture.view().data, picture.view().stride, 300);
  const std::vector<PdqSignal> signals = hasher.finish();
  ASSERT_EQ(signals.size(), 3U);
  EXPECT_EQ(signals[0], signals[2]);
  EXPECT_EQ(signals[0], *pdq_hash(picture.view(), PdqProfile::kCli512));
  EXPECT_EQ(signals[1], *pdq_hash(picture.view(), PdqProfile::kFull));
  EXPECT_NE(signals[0].hash(), signals[1].hash());
  EXPECT_TRUE(PdqHasher(600, 300, 1, {}).finish().empty());
}

TEST(PdqHasher, ProfilesAgreeWhereNothingIsResized) {
  const Picture picture = make_picture(512, 300, 3, 4);
  const std::vector<PdqSignal> signals = hash_in_portions(picture, 1);
  EXPECT_EQ(signals[0].hashes, signals[1].hashes);
  EXPECT_EQ(signals[1].profile, PdqProfile::kCli512);
}

}  // namespace
}  // namespace semblance
