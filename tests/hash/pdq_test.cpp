// SPDX-License-Identifier: Apache-2.0
// Published values of PDQ for pictures that a few lines describe, and the border cases of pdq_hash.
#include "semblance/pdq.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "hash/pdq_oracle.h"
#include "hash/pictures.h"
#include "semblance/limits.h"

namespace semblance {
namespace {

using pictures::Picture;

template <class Value>
Picture gray_picture(std::uint32_t side, Value value) {
  Picture picture{side, side, 1, {}};
  for (std::uint32_t y = 0; y < side; ++y) {
    for (std::uint32_t x = 0; x < side; ++x) {
      picture.pixels.push_back(static_cast<std::uint8_t>(value(x, y)));
    }
  }
  return picture;
}

using Hexes = std::array<std::string_view, kTransforms>;  // in the order of Transform

void expect_vector(const Picture& picture, int quality, const Hexes& hexes) {
  const Result<PdqSignal> signal = pdq_hash(picture.view());
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->quality, quality);
  for (std::size_t t = 0; t < kTransforms; ++t) {
    EXPECT_EQ(to_hex(signal->hashes[t]), hexes[t]) << name(static_cast<Transform>(t));
  }
}

// The values of these vectors were made with Meta's C++ library, ThreatExchange commit baefb4e of
// July 2026, built with g++ 12.2 on x86-64: hash, quality and the dihedral hashes without resize.

TEST(PdqVectors, FiveByFivePixelsOfNoise) {
  const Picture picture = {
      5, 5, 3, {161, 24,  159, 111, 239, 156, 192, 214, 121, 137, 38,  132, 152, 126, 78,
                221, 85,  149, 25,  228, 60,  51,  31,  2,   20,  27,  185, 206, 50,  175,
                191, 240, 121, 157, 7,   29,  77,  46,  166, 174, 139, 171, 13,  205, 89,
                73,  124, 180, 105, 173, 175, 149, 220, 114, 149, 34,  37,  103, 74,  107,
                63,  2,   201, 78,  102, 176, 60,  156, 120, 91,  197, 75,  68,  160, 183}};
  expect_vector(picture, 100,
                {"64d99b269b2664d9e1f06e5be0f8318c1e079b2664d99b269b2664d9e1f04e5b",
                 "6a5a61d897269e2764d96b5a64d996a59b2661d8685a61d897259e2764d96b5a",
                 "318c318cce73ce73b4a5c4f1b5ad9b264b52318c318c318cce73ce73b4a5e4f1",
                 "3f0fcb72ca73348d318cc1f0358c3c0fce73cb723f0fcb72c2f0348d318cc1f0",
                 "64d964d99b269b26e1f093a4e0f8ce731e0f64d964d964d99b269b26e1f0b1a4",
                 "318cce73ce73318c94a53b0eb58d64d94b52ce73318cce73ce73318cb4a51b0e",
                 "6a5a9e279f2661d864d994a564d9695a9b269e276a5a9e27972561d864d994a5",
                 "3f0f348dca73cb72318c3e0f318cc3f0ce73348d3f0f348dc270cb72318c3e0f"});
}

TEST(PdqVectors, Checkerboard) {
  const auto squares = [](std::uint32_t x, std::uint32_t y) {
    return (x / 32 + y / 32) % 2 == 1 ? 255 : 0;
  };
  expect_vector(gray_picture(256, squares), 100,
                {"aafd00d5aad500d5a8d500d5a0d500d5ff2aff2a80d5ff2a80d5ff2a80d5ff2a",
                 "aaffff2aaad5ff2aa8d5ff2aa0d5ff2aff2a00d580d500d580d500d500d500d5",
                 "ffa8aa7fff80aa7ffd80aa7ff580aa7faa7f5580d5805580d5805580d5805580",
                 "ffaa5580ff805580fd805580f5805580aa7faa7fd580aa7fd580aa7f5580aa7f",
                 "aafdff2aaad5ff2aa8d5ff2aa0d5ff2aff2a00d580d500d580d500d580d500d5",
                 "ffa85580ff805580fd805580f5805580aa7faa7fd580aa7fd580aa7fd580aa7f",
                 "aaff00d5aad500d5a8d500d5a0d500d5ff2aff2a80d5ff2a80d5ff2a00d5ff2a",
                 "ffaaaa7fff80aa7ffd80aa7ff580aa7faa7f5580d5805580d580558055805580"});
}

// Half of its coefficients are rounding noise of the DCT alone: the buffer is exact, so they, too,
// must be the reference's.
TEST(PdqVectors, HalfBlackHalfWhite) {
  const auto halves = [](std::uint32_t x, std::uint32_t /*y*/) { return x < 128 ? 0 : 255; };
  expect_vector(gray_picture(256, halves), 71,
                {"0000cccc0000cccc333300003333cccc0000000033333333000033333333cccc",
                 "51010a360a36510151010a360a36510151010a360a36510151010a360a365101",
                 "0000666600006666666600006666666600000000666699990000999966666666",
                 "001400145b235b23001400145b235b23001400145b235b23001400145b235b23",
                 "00003333000033333333000033333333000000003333cccc0000cccc33333333",
                 "0000999900009999666600006666999900000000666666660000666666669999",
                 "510151010a360a36510151010a360a36510151010a360a36510151010a360a36",
                 "00145b235b23001400145b235b23001400145b235b23001400145b235b230014"});
}

// 64 x 64 is hashed as it is, so even the noise of a flat picture is the reference's.
TEST(PdqVectors, FlatWhite) {
  const auto white = [](std::uint32_t /*x*/, std::uint32_t /*y*/) { return 255; };
  const Result<PdqSignal> signal = pdq_hash(gray_picture(64, white).view());
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->quality, 0);
  EXPECT_EQ(to_hex(signal->hash()),
            "00001134000011342c4b00002c4b1134000000002c4b2c4b00002c4b8200554b");
}

TEST(PdqVectors, FlatBlackHasNoBit) {
  const auto black = [](std::uint32_t /*x*/, std::uint32_t /*y*/) { return 0; };
  const Result<PdqSignal> signal = pdq_hash(gray_picture(300, black).view());
  ASSERT_TRUE(signal);
  EXPECT_EQ(*signal, PdqSignal{});
}

TEST(Pdq, ASideUnderFivePixelsHasNoHash) {
  for (const auto& [width, height] : std::vector<std::array<std::uint32_t, 2>>{
           {1, 1}, {4, 4}, {4, 64}, {64, 4}, {4, 500}, {500, 1}}) {
    const Picture picture = pictures::make_picture(width, height, 3, 1);
    for (const PdqProfile profile : kPdqProfiles) {
      const Result<PdqSignal> signal = pdq_hash(picture.view(), profile);
      ASSERT_TRUE(signal);
      EXPECT_EQ(*signal, (PdqSignal{profile, 0, {}})) << width << 'x' << height;
    }
  }
}

// The reference resizes first and looks at the sides of the result.
TEST(Pdq, ALongStripHasAHashInTheProfileThatResizesIt) {
  const Picture picture = pictures::make_picture(600, 3, 3, 1);
  EXPECT_EQ(pdq_hash(picture.view(), PdqProfile::kFull)->quality, 0);
  EXPECT_EQ(*pdq_hash(picture.view(), PdqProfile::kCli512),
            oracle::pdq(picture.view(), PdqProfile::kCli512).signal);
  EXPECT_GT(pdq_hash(picture.view(), PdqProfile::kCli512)->quality, 50);
}

TEST(Pdq, HonoursTheStride) {
  const Picture picture = pictures::make_picture(101, 77, 3, 9);
  const std::size_t tight = 303;
  std::vector<std::uint8_t> padded;
  std::vector<std::uint8_t> upside_down;
  for (std::size_t y = 0; y < 77; ++y) {
    const auto* row = picture.pixels.data() + y * tight;
    padded.insert(padded.end(), row, row + tight);
    padded.insert(padded.end(), 17, 0xee);
    upside_down.insert(upside_down.begin(), row, row + tight);
  }
  const Result<PdqSignal> expected = pdq_hash(picture.view());
  EXPECT_EQ(*pdq_hash({padded.data(), 101, 77, 320, 3}), *expected);
  EXPECT_EQ(*pdq_hash({upside_down.data() + 76 * tight, 101, 77, -303, 3}), *expected);
}

// Gray taken as it is; not as the weighted sum of three equal channels, which differs by rounding.
TEST(Pdq, GrayAndEqualChannelsAgreeOnAPictureWithStructure) {
  const Picture gray = pictures::make_picture(200, 150, 1, 12);
  Picture rgb{200, 150, 3, {}};
  for (const std::uint8_t value : gray.pixels) rgb.pixels.insert(rgb.pixels.end(), 3, value);
  EXPECT_EQ(*pdq_hash(gray.view()), *pdq_hash(rgb.view()));
}

// Turning the pixels and asking for the turned hash are close; the sampling grid is not symmetric.
TEST(Pdq, TransformsAreThoseOfThePixels) {
  const std::uint32_t n = 192;
  const Picture picture = pictures::make_picture(n, n, 1, 21);
  const auto at = [&](std::uint32_t x, std::uint32_t y) { return picture.pixels[y * n + x]; };
  const std::uint32_t m = n - 1;
  const std::array<Picture, kTransforms> turned = {
      picture,
      gray_picture(n, [&](std::uint32_t x, std::uint32_t y) { return at(m - y, x); }),
      gray_picture(n, [&](std::uint32_t x, std::uint32_t y) { return at(m - x, m - y); }),
      gray_picture(n, [&](std::uint32_t x, std::uint32_t y) { return at(y, m - x); }),
      gray_picture(n, [&](std::uint32_t x, std::uint32_t y) { return at(x, m - y); }),
      gray_picture(n, [&](std::uint32_t x, std::uint32_t y) { return at(m - x, y); }),
      gray_picture(n, [&](std::uint32_t x, std::uint32_t y) { return at(y, x); }),
      gray_picture(n, [&](std::uint32_t x, std::uint32_t y) { return at(m - y, m - x); })};
  const PdqSignal signal = *pdq_hash(picture.view());
  for (std::size_t t = 0; t < kTransforms; ++t) {
    const PdqSignal of_turned = *pdq_hash(turned[t].view());
    EXPECT_LE(hamming_distance(signal.hashes[t], of_turned.hash()), 20)
        << name(static_cast<Transform>(t));
    for (std::size_t other = 0; other < kTransforms; ++other) {
      if (other == t) continue;
      EXPECT_GT(hamming_distance(signal.hashes[other], of_turned.hash()), 60)
          << name(static_cast<Transform>(t)) << " and " << name(static_cast<Transform>(other));
    }
  }
}

TEST(Pdq, RefusesWhatIsNoPicture) {
  const std::array<std::uint8_t, 12> pixels{};
  EXPECT_EQ(pdq_hash({nullptr, 2, 2, 6, 3}).error().code, Errc::kBadArgument);
  EXPECT_EQ(pdq_hash({pixels.data(), 0, 2, 6, 3}).error().code, Errc::kBadArgument);
  EXPECT_EQ(pdq_hash({pixels.data(), 2, 0, 6, 3}).error().code, Errc::kBadArgument);
  EXPECT_EQ(pdq_hash({pixels.data(), 2, 2, 6, 4}).error().code, Errc::kBadArgument);
}

TEST(Pdq, ASideOverTheBoundIsOverTheLimit) {
  const std::vector<std::uint8_t> pixels(std::size_t{kMaxSide + 1} * 5);
  const auto hash = [&](std::uint32_t width, std::uint32_t height, PdqProfile profile) {
    return pdq_hash({pixels.data(), width, height, static_cast<std::ptrdiff_t>(width), 1}, profile);
  };
  for (const PdqProfile profile : kPdqProfiles) {
    EXPECT_TRUE(hash(kMaxSide, 5, profile));
    EXPECT_TRUE(hash(5, kMaxSide, profile));
    const auto wide = hash(kMaxSide + 1, 5, profile), tall = hash(5, kMaxSide + 1, profile);
    ASSERT_FALSE(wide);
    ASSERT_FALSE(tall);
    EXPECT_EQ(wide.error().code, Errc::kLimit);
    EXPECT_EQ(tall.error().code, Errc::kLimit);
  }
}

}  // namespace
}  // namespace semblance
