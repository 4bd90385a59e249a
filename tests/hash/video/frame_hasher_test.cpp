// SPDX-License-Identifier: Apache-2.0
#include "hash/video/frame_hasher.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <utility>
#include <vector>

#include "datasets/scene.h"
#include "hash/video/frames.h"
#include "luma/yuv.h"
#include "semblance/pdq.h"

namespace semblance::hash {
namespace {

using frames::bordered;
using frames::Luma;
using frames::luma_of;

PdqSignal gray_hash(const Luma& luma) {
  const PictureView view{luma.bytes.data(), luma.width, luma.height,
                         static_cast<std::ptrdiff_t>(luma.stride), 1};
  const auto signal = pdq_hash(view, PdqProfile::kFull);
  EXPECT_TRUE(signal);
  return signal ? *signal : PdqSignal{};
}

// A scene that fills its frame, in a size that no reducer was made for before.
Luma frame(std::uint64_t number, std::uint32_t width, std::uint32_t height) {
  return luma_of(datasets::draw_scene(8, number, width, height));
}

TEST(FrameHasherTest, TheWholeIsPdqOfTheLumaAsAGrayPicture) {
  FrameHasher hasher;
  // The sizes change back and forth, and repeat.
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> sizes = {
      {320, 240}, {320, 240}, {64, 64}, {240, 320}, {100, 50}, {100, 50}, {320, 240}};
  std::uint64_t number = 0;
  for (const auto& [width, height] : sizes) {
    const Luma luma = frame(++number, width, height);
    const FrameHashes hashes = hasher.hash(luma.plane());
    EXPECT_EQ(hashes.whole, gray_hash(luma)) << width << " x " << height;
    EXPECT_EQ(hashes.whole, hasher.hash_whole(luma.plane()));
    EXPECT_FALSE(hashes.trimmed);
  }
}

TEST(FrameHasherTest, TheTrimmedIsPdqOfWhatTheBordersEnclose) {
  FrameHasher hasher;
  for (std::uint32_t wide = 10; wide < 60; wide += 13) {
    const datasets::Picture scene = datasets::draw_scene(8, wide, 300, 200);
    const Luma luma = luma_of(bordered(scene, wide, 70 - wide, 16));
    const FrameHashes hashes = hasher.hash(luma.plane());
    EXPECT_EQ(hashes.whole, gray_hash(luma));
    ASSERT_TRUE(hashes.trimmed);
    EXPECT_EQ(*hashes.trimmed, gray_hash(luma_of(scene)));
  }
}

TEST(FrameHasherTest, PaddingOfRowsIsNotLookedAt) {
  const Luma tight = frame(1, 160, 90);
  Luma padded(160, 90, 255, 37);
  for (std::size_t y = 0; y < 90; ++y) {
    for (std::size_t x = 0; x < 160; ++x) padded.at(x, y) = tight.bytes[y * 160 + x];
  }
  FrameHasher hasher;
  EXPECT_EQ(hasher.hash(padded.plane()), hasher.hash(tight.plane()));
}

// 16..235 is 0..255 with less room: the same bits but for the rounding of samples, and the quality
// of the full range rather than 219 / 255 of it.
TEST(FrameHasherTest, LimitedRangeIsStretched) {
  FrameHasher hasher;
  for (std::uint64_t number = 0; number < 12; ++number) {
    const datasets::Picture scene = datasets::draw_scene(9, number, 400, 300);
    const PdqSignal full = hasher.hash_whole(luma_of(scene).plane());
    const PdqSignal limited = hasher.hash_whole(luma_of(scene, true).plane());
    EXPECT_LE(hamming_distance(full.hash(), limited.hash()), 2) << number;
    EXPECT_LE(std::abs(full.quality - limited.quality), 1) << number;
  }
  // Where the quality is not at its ceiling: a soft ramp.
  Luma full(128, 128);
  Luma limited(128, 128);
  limited.limited_range = true;
  for (std::size_t y = 0; y < 128; ++y) {
    for (std::size_t x = 0; x < 128; ++x) {
      full.at(x, y) = static_cast<std::uint8_t>(x * 2);
      limited.at(x, y) = static_cast<std::uint8_t>(16 + x * 219 / 128);
    }
  }
  const int expected = hasher.hash_whole(full.plane()).quality;
  EXPECT_GT(expected, 20);
  EXPECT_LT(expected, 80);
  EXPECT_NEAR(hasher.hash_whole(limited.plane()).quality, expected, 15);
}

TEST(FrameHasherTest, TinyFramesHaveNoHash) {
  FrameHasher hasher;
  for (const auto& [width, height] : {std::pair{1U, 1U}, {4U, 500U}, {500U, 4U}}) {
    const Luma luma(width, height, 77);
    const FrameHashes hashes = hasher.hash(luma.plane());
    EXPECT_EQ(hashes.whole, PdqSignal{}) << width << " x " << height;
    EXPECT_FALSE(hashes.trimmed);
  }
  EXPECT_GT(hasher.hash(frame(1, 64, 48).plane()).whole.quality, 0);
}

TEST(FrameHasherTest, BlankFramesHaveNoQuality) {
  FrameHasher hasher;
  for (const bool limited : {false, true}) {
    Luma luma(320, 180, 16);
    luma.limited_range = limited;
    EXPECT_EQ(hasher.hash(luma.plane()).whole.quality, 0);
    EXPECT_FALSE(hasher.hash(luma.plane()).trimmed);
  }
}

// Planes of noise over slow waves, and the R, G, B that libswscale makes of them.
struct Yuv {
  std::uint32_t width;
  std::uint32_t height;
  std::size_t stride;  // of luma; twice that of chroma
  std::vector<std::uint8_t> y, u, v;

  Yuv(std::uint32_t columns, std::uint32_t rows, std::size_t padding)
      : width(columns), height(rows), stride(columns + 2 * padding) {
    std::mt19937 rng(columns * 7 + rows);
    const datasets::Picture picture = datasets::draw_scene(10, rows, columns, rows);
    y.assign(stride * rows, 0);
    u.assign(stride / 2 * rows / 2, 0);
    v = u;
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t x = 0; x < columns; ++x) y[row * stride + x] = *picture.at(x, row);
      for (std::size_t x = 0; x < columns / 2 && row < rows / 2; ++x) {
        u[row * (stride / 2) + x] = static_cast<std::uint8_t>(100 + rng() % 60);
        v[row * (stride / 2) + x] = static_cast<std::uint8_t>(*picture.at(2 * x, 2 * row) / 2 + 64);
      }
    }
  }

  YuvPlanes planes() const {
    const auto step = static_cast<std::ptrdiff_t>(stride);
    return {y.data(), u.data(), v.data(), step, step / 2, step / 2, width, height};
  }

  PdqSignal hash_of_rgb() const {
    datasets::Picture rgb(width, height);
    std::vector<std::uint8_t> r(width), g(width), b(width);
    for (std::size_t row = 0; row < height; ++row) {
      kernels::yuv_to_rgb_reference(y.data() + row * stride, u.data() + row / 2 * (stride / 2),
                                    v.data() + row / 2 * (stride / 2), width, r.data(), g.data(),
                                    b.data());
      for (std::size_t x = 0; x < width; ++x) {
        rgb.at(x, row)[0] = r[x];
        rgb.at(x, row)[1] = g[x];
        rgb.at(x, row)[2] = b[x];
      }
    }
    const auto signal = pdq_hash(rgb.view(), PdqProfile::kFull);
    EXPECT_TRUE(signal);
    return signal ? *signal : PdqSignal{};
  }
};

TEST(FrameHasherTest, AsRgbIsPdqOfTheConvertedPictureToTheBit) {
  FrameHasher hasher;
  // Windows of 1 to 16 rows and columns, even and odd; heights that end within a strip; again.
  for (const auto& [width, height] :
       std::vector<std::pair<std::uint32_t, std::uint32_t>>{{130, 100},
                                                            {100, 130},
                                                            {480, 720},
                                                            {480, 720},
                                                            {722, 406},
                                                            {1280, 720},
                                                            {2048, 66},
                                                            {66, 2048},
                                                            {480, 720}}) {
    const Yuv frame(width, height, width % 3);
    const auto signal = hasher.hash_as_rgb(frame.planes());
    ASSERT_TRUE(signal) << width << " x " << height;
    EXPECT_EQ(*signal, frame.hash_of_rgb()) << width << " x " << height;
  }
}

TEST(FrameHasherTest, AsRgbLeavesOtherSizesToTheCaller) {
  FrameHasher hasher;
  const Yuv frame(2064, 140, 2);
  for (const auto& [width, height] : std::vector<std::pair<std::uint32_t, std::uint32_t>>{
           {129, 130}, {130, 129}, {128, 128}, {64, 64}, {2050, 140}, {4, 132}, {132, 4}}) {
    YuvPlanes planes = frame.planes();
    planes.width = width;
    planes.height = height;
    EXPECT_FALSE(hasher.hash_as_rgb(planes)) << width << " x " << height;
    EXPECT_FALSE(hasher.hash_as_rgb(planes)) << width << " x " << height;  // and again
  }
}

TEST(FrameHasherTest, CanBeMoved) {
  const Luma luma = frame(2, 90, 70);
  FrameHasher first;
  const FrameHashes hashes = first.hash(luma.plane());
  FrameHasher second = std::move(first);
  EXPECT_EQ(second.hash(luma.plane()), hashes);
}

}  // namespace
}  // namespace semblance::hash
