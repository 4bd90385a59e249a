// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the GPU's kernels, on the host, against the plain loop.
#include "hamming/device_math.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>
#include <set>
#include <vector>

#include "hamming/hamming.h"
#include "kernels/device_emulation.h"

namespace semblance::kernels::device {
namespace {

using Words = std::array<std::uint32_t, 8>;

Words random_words(std::mt19937_64& rng) {
  Words words;
  for (auto& word : words) word = static_cast<std::uint32_t>(rng());
  return words;
}

// `words` with `bits` of its bits flipped, chosen at random.
Words flipped(Words words, int bits, std::mt19937_64& rng) {
  std::array<unsigned, 256> order;
  for (unsigned i = 0; i < 256; ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), rng);
  for (int i = 0; i < bits; ++i) {
    const unsigned bit = order[static_cast<std::size_t>(i)];
    words[bit / 32] ^= 1U << (bit % 32);
  }
  return words;
}

int reference(const Words& a, const Words& b) {
  std::uint16_t distance = 0;
  hamming_scan_reference(reinterpret_cast<const std::uint8_t*>(a.data()),
                         reinterpret_cast<const std::uint8_t*>(b.data()), 1, &distance);
  return distance;
}

TEST(DeviceMathTest, BitsAreDealtOnceEach) {
  std::set<unsigned> seen;
  for (unsigned bit = 0; bit < 256; ++bit) seen.insert(dealt_from(bit));
  EXPECT_EQ(seen.size(), 256U);
  EXPECT_EQ(*seen.rbegin(), 255U);
}

TEST(DeviceMathTest, TheFirst96BitsTakeSixOfEveryRowAndOfEveryColumn) {
  std::array<int, 16> rows{};
  std::array<int, 16> columns{};
  for (unsigned bit = 0; bit < 96; ++bit) {
    ++rows[dealt_from(bit) / 16];
    ++columns[dealt_from(bit) % 16];
  }
  for (unsigned i = 0; i < 16; ++i) {
    EXPECT_EQ(rows[i], 6) << "row " << i;
    EXPECT_EQ(columns[i], 6) << "column " << i;
  }
}

TEST(DeviceMathTest, DealtCodesAreAsFarApartAsTheyWere) {
  std::mt19937_64 rng(1);
  for (int bits = 0; bits <= 256; ++bits) {
    const Words a = random_words(rng);
    const Words b = flipped(a, bits, rng);
    const Code code_a = deal(a.data());
    const Code code_b = deal(b.data());
    ASSERT_EQ(reference(a, b), bits);
    ASSERT_EQ(prefix_distance(code_a.low, code_b.low) + rest_distance(code_a, code_b), bits);
  }
}

TEST(DeviceMathTest, ThePrefixIsThreeWords) {
  std::mt19937_64 rng(2);
  for (int i = 0; i < 1000; ++i) {
    const Code a = deal(random_words(rng).data());
    const Code b = deal(random_words(rng).data());
    int expected = 0;
    for (int w = 0; w < 3; ++w) expected += count_bits(a.low.word[w] ^ b.low.word[w]);
    ASSERT_EQ(prefix_distance(a.low, b.low), expected);
  }
}

TEST(DeviceMathTest, KeysAreOrderedAsHitsAre) {
  const std::uint32_t last = 0xffffffffU;
  const std::vector<std::uint64_t> keys = {
      hit_key(0, 0, 0),      hit_key(0, 0, last), hit_key(0, 1, 0),         hit_key(0, 255, last),
      hit_key(0, 256, 0),    hit_key(1, 0, 0),    hit_key(1, 256, last),    hit_key(2, 0, 0),
      hit_key(4095, 256, 7), hit_key(4096, 0, 0), hit_key(8388607, 256, 0),
  };
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
}

// The lanes of any set take consecutive slots, and the one that adds for all is among them.
TEST(DeviceMathTest, LanesThatAppendTogetherTakeASlotEach) {
  std::mt19937_64 rng(3);
  std::vector<std::uint32_t> sets = {1U, 0x80000000U, 0xffffffffU, 0x80000001U, 0x0000fff0U};
  for (int i = 0; i < 200; ++i) sets.push_back(static_cast<std::uint32_t>(rng() & rng()) | 2U);
  for (const std::uint32_t active : sets) {
    unsigned expected = 0;
    for (unsigned lane = 0; lane < 32; ++lane) {
      if ((active >> lane & 1U) == 0) continue;
      if (expected == 0) {
        EXPECT_EQ(leader_of(active), lane);
      }
      EXPECT_EQ(rank_of(active, lane), expected++);
    }
    EXPECT_EQ(expected, static_cast<unsigned>(count_bits(active)));
  }
}

TEST(DeviceMathTest, EightStepsOfSignsGiveEachBitOnce) {
  for (unsigned bit = 0; bit < 32; ++bit) {
    int ones = 0;
    for (unsigned step = 0; step < 8; ++step) {
      const std::uint32_t bytes = sign_bytes(1U << bit, step);
      for (unsigned i = 0; i < 4; ++i) {
        const auto sign = static_cast<std::int8_t>(bytes >> (8 * i));
        ASSERT_TRUE(sign == 1 || sign == -1);
        if (sign == 1) continue;
        ++ones;
        EXPECT_EQ(step + 8 * i, bit);
      }
    }
    EXPECT_EQ(ones, 1) << "bit " << bit;
  }
}

TEST(DeviceMathTest, DistancesFromSumsAndTheirThresholds) {
  for (int distance = 0; distance <= 256; ++distance) {
    const int dot = (256 - distance) - distance;
    EXPECT_EQ(distance_from_dot(dot), distance);
    for (const int max_distance : {0, 1, 31, 32, 255, 256}) {
      EXPECT_EQ(dot >= least_dot(max_distance), distance <= max_distance);
    }
  }
  EXPECT_EQ(distance_from_overlap(128, 128, 128), 0);
  EXPECT_EQ(distance_from_overlap(256, 0, 0), 256);
  EXPECT_EQ(distance_from_overlap(130, 122, 112), 28);
}

// One tile, fragments as the kernels load them, through the instruction as PTX documents it.
template <class Form>
void expect_tile(std::mt19937_64& rng) {
  std::vector<Words> queries;
  std::vector<Words> codes;
  for (unsigned i = 0; i < kTileQueries; ++i) queries.push_back(random_words(rng));
  for (unsigned i = 0; i < kTileCodes; ++i) {
    codes.push_back(flipped(queries[i], static_cast<int>(i * 36), rng));
  }
  const auto planes_of = [](const std::vector<Words>& all) {
    return Planes::of(reinterpret_cast<const std::uint8_t*>(all.data()), all.size());
  };
  const Planes of_queries = planes_of(queries);
  const Planes of_codes = planes_of(codes);
  Scan scan{};
  scan.query_low = of_queries.low.data();
  scan.query_high = of_queries.high.data();
  scan.query_count = kTileQueries;
  scan.code_low = of_codes.low.data();
  scan.code_high = of_codes.high.data();
  scan.end_row = kTileCodes;

  std::array<ShareOfSums, 32> sums{};
  for (unsigned step = 0; step < Form::kSteps; ++step) {
    std::array<ShareOfA, 32> a;
    std::array<ShareOfB, 32> b;
    for (unsigned lane = 0; lane < 32; ++lane) {
      const Quad share = share_of_queries<Form>(scan, 0, step, lane);
      std::ranges::copy(share.word, a[lane].begin());
      TiledCodes<Form> held;
      load_codes<Form>(scan, 0, lane, held);
      std::ranges::copy(held.half[0][step], b[lane].begin());
    }
    if constexpr (Form::kSteps == 1) {
      emulate_shared_ones(a, b, sums);
    } else {
      emulate_signed_bytes(a, b, sums);
    }
  }
  const auto ones = [](const Words& words) { return reference(words, Words{}); };
  for (unsigned lane = 0; lane < 32; ++lane) {
    for (unsigned i = 0; i < 4; ++i) {
      const Words& query = queries[sum_row(lane, i)];
      const Words& code = codes[sum_column(lane, i)];
      const int score = Form::score(sums[lane][i], ones(query), ones(code));
      EXPECT_EQ(Form::distance(score), reference(query, code)) << "lane " << lane << " sum " << i;
    }
  }
}

TEST(DeviceMathTest, ATileOfSignsGivesTheDistances) {
  std::mt19937_64 rng(4);
  expect_tile<SignForm>(rng);
}

TEST(DeviceMathTest, ATileOfSharedOnesGivesTheDistances) {
  std::mt19937_64 rng(5);
  expect_tile<OverlapForm>(rng);
}

}  // namespace
}  // namespace semblance::kernels::device
