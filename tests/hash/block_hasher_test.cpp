// SPDX-License-Identifier: Apache-2.0
#include "hash/block_hasher.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "datasets/scene.h"
#include "hash/block_reducer.h"
#include "hash/pictures.h"
#include "semblance/pdq.h"

namespace semblance::hash {
namespace {

using pictures::Picture;

// Energy in every coefficient of the hash, as photographs have it: the green of a drawn scene.
Picture gray_scene(std::uint32_t width, std::uint32_t height, std::uint64_t number) {
  const datasets::Picture scene = datasets::draw_scene(1, number, width, height);
  Picture picture{width, height, 1, std::vector<std::uint8_t>(std::size_t{width} * height)};
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) picture.pixels[i] = scene.rgb[3 * i + 1];
  return picture;
}

// The frequencies that a JPEG encoder with steps of one would keep of a gray picture, from the
// definition; the last pixels are repeated beyond the border.
LumaBlocks blocks_of(const Picture& picture, int orders, std::uint16_t step = 1) {
  LumaBlocks blocks;
  blocks.width = picture.width;
  blocks.height = picture.height;
  blocks.cols = (picture.width + 7) / 8;
  blocks.rows = (picture.height + 7) / 8;
  blocks.orders = orders;
  blocks.steps.fill(step);
  blocks.values.resize(blocks.kept() * blocks.rows * blocks.cols);
  const auto wave = [](int order, std::uint32_t x) {
    return std::sqrt(order == 0 ? 0.125 : 0.25) *
           std::cos(static_cast<double>(2 * x + 1) * order * std::numbers::pi / 16);
  };
  for (std::size_t block = 0; block < std::size_t{blocks.rows} * blocks.cols; ++block) {
    const auto top = static_cast<std::uint32_t>(block / blocks.cols * 8);
    const auto left = static_cast<std::uint32_t>(block % blocks.cols * 8);
    for (int u = 0; u < orders; ++u) {
      for (int v = 0; u + v < orders; ++v) {
        double sum = 0.0;
        for (std::uint32_t y = 0; y < 8; ++y) {
          for (std::uint32_t x = 0; x < 8; ++x) {
            const std::size_t row = std::min(top + y, picture.height - 1);
            const std::size_t col = std::min(left + x, picture.width - 1);
            sum += (picture.pixels[row * picture.width + col] - 128.0) * wave(u, y) * wave(v, x);
          }
        }
        blocks.values[LumaBlocks::plane(u, v) * blocks.rows * blocks.cols + block] =
            static_cast<std::int16_t>(std::lround(sum / step));
      }
    }
  }
  return blocks;
}

int worst_distance(const PdqSignal& a, const PdqSignal& b) {
  int worst = 0;
  for (std::size_t t = 0; t < kTransforms; ++t) {
    worst = std::max(worst, hamming_distance(a.hashes[t], b.hashes[t]));
  }
  return worst;
}

class BlockHasherTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(BlockHasherTest);

struct Size {
  std::uint32_t width, height;
};
constexpr std::array kSizes = {Size{264, 257},  Size{300, 420},   Size{449, 600},  Size{640, 480},
                               Size{641, 1003}, Size{1000, 750},  Size{900, 641},  Size{1281, 1290},
                               Size{1300, 257}, Size{1500, 2001}, Size{4000, 500}, Size{257, 3000}};

TEST(BlockHasher, IsWithinTheMarginOfTheExactHashOfPicturesWithStructure) {
  std::uint64_t seed = 1;
  int left_to_exact = 0;  // strips, which the filter leaves little of in one direction
  for (const Size size : kSizes) {
    for (int more = 0; more < 2; ++more) {
      const Picture picture = gray_scene(size.width, size.height, seed++);
      const auto exact = pdq_hash(picture.view());
      ASSERT_TRUE(exact);
      const int orders = orders_needed(size.width, size.height);
      ASSERT_GT(orders, 0);
      const auto fast = hash_blocks(blocks_of(picture, orders));
      SCOPED_TRACE(::testing::Message() << size.width << 'x' << size.height << " seed " << seed);
      if (!fast) {
        ++left_to_exact;
        continue;
      }
      EXPECT_EQ(fast->precision(), Precision::kFast);
      EXPECT_EQ(fast->orders, orders);
      EXPECT_EQ(fast->profile, PdqProfile::kFull);
      EXPECT_LE(2 * worst_distance(*exact, *fast), kFastDistanceMargin);
      EXPECT_LE(2 * std::abs(exact->quality - fast->quality), kFastQualityMargin);
    }
  }
  EXPECT_LE(left_to_exact, 2);
}

TEST(BlockHasher, TheStepsCount) {
  const Picture picture = gray_scene(640, 480, 77);
  for (int orders = 1; orders <= LumaBlocks::kMaxOrders; ++orders) {
    const auto fine = hash_blocks(blocks_of(picture, orders));
    const auto coarse = hash_blocks(blocks_of(picture, orders, 3));
    ASSERT_TRUE(fine && coarse);
    EXPECT_LE(worst_distance(*fine, *coarse), 10) << orders;
  }
}

TEST(BlockHasher, MoreOrdersComeNearer) {
  std::array<int, LumaBlocks::kMaxOrders + 1> total{};
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Picture picture = gray_scene(480, 360, seed);
    const auto exact = pdq_hash(picture.view());
    ASSERT_TRUE(exact);
    for (int orders = 1; orders <= LumaBlocks::kMaxOrders; ++orders) {
      const auto fast = hash_blocks(blocks_of(picture, orders));
      ASSERT_TRUE(fast);
      total[static_cast<std::size_t>(orders)] += hamming_distance(exact->hash(), fast->hash());
    }
  }
  EXPECT_GE(total[1], total[2]);
  EXPECT_GE(total[2], total[4]);
}

TEST(BlockHasher, APictureWithoutStructureHasNoFastHash) {
  Picture flat{640, 480, 1, std::vector<std::uint8_t>(std::size_t{640} * 480, 90)};
  EXPECT_FALSE(hash_blocks(blocks_of(flat, 3)));
  for (std::size_t i = 0; i < flat.pixels.size(); ++i) {
    flat.pixels[i] = static_cast<std::uint8_t>(i % 640 / 3);  // a bare gradient
  }
  EXPECT_FALSE(hash_blocks(blocks_of(flat, 3)));
}

TEST(BlockHasher, UnreadBitsThatMatterLeaveThePictureToTheExactPath) {
  LumaBlocks blocks = blocks_of(gray_scene(640, 480, 5), 3, 10);
  const auto whole = hash_blocks(blocks);
  ASSERT_TRUE(whole);
  for (std::size_t plane = 1; plane < blocks.kept(); ++plane) {
    blocks.unread_bits[plane] = 2;
    const std::size_t plane_size = std::size_t{blocks.rows} * blocks.cols;
    for (std::size_t i = plane * plane_size; i < (plane + 1) * plane_size; ++i) {
      blocks.values[i] = static_cast<std::int16_t>(blocks.values[i] / 4 * 4);
    }
  }
  const auto most = hash_blocks(blocks);
  ASSERT_TRUE(most);
  EXPECT_LE(2 * worst_distance(*whole, *most), kFastDistanceMargin);
  blocks.steps[3] = 15;  // of which four are more than the picture can do without
  EXPECT_FALSE(hash_blocks(blocks));
}

// Each target's own values, against the portable ones: the same to the bit.
TEST_P(BlockHasherTest, EveryTargetGivesTheSameBits) {
  for (int orders = 1; orders <= LumaBlocks::kMaxOrders; ++orders) {
    const LumaBlocks blocks = blocks_of(gray_scene(601, 475, 9), orders);
    std::array<float, kReducedPixels> portable;
    hwy::SetSupportedTargetsForTest(HWY_SCALAR);
    reduce_blocks(blocks, portable);
    std::array<float, kReducedPixels> luma;
    hwy::SetSupportedTargetsForTest(GetParam());
    reduce_blocks(blocks, luma);
    EXPECT_EQ(luma, portable) << orders;
  }
}

TEST(BlockRule, AsksForMoreOfSmallerPictures) {
  EXPECT_EQ(orders_needed(1273, 5000), 1);
  EXPECT_EQ(orders_needed(5000, 1272), 2);
  EXPECT_EQ(orders_needed(633, 900), 2);
  EXPECT_EQ(orders_needed(632, 900), 3);
  EXPECT_EQ(orders_needed(441, 441), 3);
  EXPECT_EQ(orders_needed(440, 9000), 4);
  EXPECT_EQ(orders_needed(257, 257), 4);
  EXPECT_EQ(orders_needed(256, 9000), 0);
  EXPECT_EQ(orders_needed(1, 1), 0);
  EXPECT_EQ(orders_needed(65536, 65536), 1);
}

}  // namespace
}  // namespace semblance::hash
