// SPDX-License-Identifier: Apache-2.0
#include "datasets/graphic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <set>
#include <string>
#include <vector>

#include "core/digest.h"
#include "datasets/hash_list.h"
#include "semblance/pdq.h"

namespace semblance::datasets {
namespace {

std::string digest(const std::vector<std::uint8_t>& luma) {
  return sha256_hex({reinterpret_cast<const char*>(luma.data()), luma.size()});
}

// Hashes of the first graphics of a family that have a usable one.
std::vector<Hash256> hashes(std::size_t count, const GraphicOptions& options) {
  std::vector<Hash256> hashes;
  for (std::uint64_t i = 0; hashes.size() < count; ++i) {
    const auto luma = draw_graphic(1, i, 64, options);
    auto signal = pdq_hash({luma.data(), 64, 64, 64, 1});
    EXPECT_TRUE(signal);
    if (signal && signal->quality >= kDefaultQualityFloor) hashes.push_back(signal->hash());
  }
  return hashes;
}

// Of all pairs, how many of their sixteen 16-bit rows differ in at most one bit: what an index
// with a table for each row has to look at.
double near_rows(const std::vector<Hash256>& hashes) {
  double near = 0.0;
  double pairs = 0.0;
  for (std::size_t a = 0; a < hashes.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b, pairs += 1.0) {
      for (std::size_t i = 0; i < Hash256::kBytes; i += 2) {
        const int bits =
            std::popcount(static_cast<unsigned>(hashes[a].bytes[i] ^ hashes[b].bytes[i])) +
            std::popcount(static_cast<unsigned>(hashes[a].bytes[i + 1] ^ hashes[b].bytes[i + 1]));
        near += bits <= 1 ? 1.0 : 0.0;
      }
    }
  }
  return near / pairs;
}

// A machine on which this fails draws other graphics than the rest: no figure made there can be
// compared. It also changes, with this constant, whenever the drawing does.
TEST(GraphicTest, HasTheSameBytesOnEveryMachine) {
  std::vector<std::uint8_t> many;
  for (std::uint64_t i = 0; i < 100; ++i) {
    const auto luma = draw_graphic(1, i, 64);
    many.insert(many.end(), luma.begin(), luma.end());
  }
  EXPECT_EQ(digest(many), "83f13aa00172625071c954f42fc04f5b8e848b850f6521050b500b6f31ebde57");
}

TEST(GraphicTest, DependsOnSeedNumberAndOptions) {
  const auto one = draw_graphic(1, 5, 64);
  EXPECT_EQ(one, draw_graphic(1, 5, 64));
  EXPECT_NE(one, draw_graphic(2, 5, 64));
  EXPECT_NE(one, draw_graphic(1, 6, 64));
  std::size_t others = 0;
  for (std::uint64_t i = 0; i < 20; ++i) {
    others += draw_graphic(1, i, 64) != draw_graphic(1, i, 64, {20, 30}) ? 1U : 0U;
  }
  EXPECT_GT(others, 15U);
}

TEST(GraphicTest, DrawsEverySide) {
  for (const std::uint32_t side : {16U, 17U, 64U, 333U}) {
    for (std::uint64_t i = 0; i < 12; ++i) {
      EXPECT_EQ(draw_graphic(3, i, side).size(), std::size_t{side} * side);
    }
  }
}

TEST(GraphicTest, TheSameGraphicInAnotherSizeIsTheSameToTheHash) {
  int near = 0;
  for (std::uint64_t i = 0; i < 40; ++i) {
    const auto small = draw_graphic(5, i, 64);
    const auto large = draw_graphic(5, i, 512);
    auto one = pdq_hash({small.data(), 64, 64, 64, 1});
    auto other = pdq_hash({large.data(), 512, 512, 512, 1});
    ASSERT_TRUE(one && other);
    if (one->quality < kDefaultQualityFloor) continue;
    near += hamming_distance(one->hash(), other->hash()) <= 60 ? 1 : -1;
  }
  EXPECT_GT(near, 20);
}

TEST(GraphicTest, HashesCrowdInTheRowsOfTheTransform) {
  Random random(1);
  std::vector<Hash256> even(1000);
  for (Hash256& hash : even) hash = random_hash(random);
  const double of_chance = near_rows(even);
  const double few = near_rows(hashes(1000, {}));
  const double many = near_rows(hashes(1000, {12, 24}));
  EXPECT_GT(few, 6.0 * of_chance);
  EXPECT_GT(few, 2.0 * many);
}

TEST(GraphicTest, HashesRepeatRarely) {
  const std::vector<Hash256> some = hashes(2000, {});
  EXPECT_GT(std::set<Hash256>(some.begin(), some.end()).size(), 1990U);
}

}  // namespace
}  // namespace semblance::datasets
