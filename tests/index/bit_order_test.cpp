// SPDX-License-Identifier: Apache-2.0
#include "index/bit_order.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "index/known_codes.h"

namespace semblance::index {
namespace {

Hash256 one_bit(std::size_t bit) {
  Hash256 code;
  code.bytes[bit / 8] = static_cast<std::uint8_t>(1U << (bit % 8));
  return code;
}

// The bit that is set; the code has no other.
std::size_t bit_of(const Hash256& code) {
  for (std::size_t bit = 0; bit < 256; ++bit) {
    if (code == one_bit(bit)) return bit;
  }
  ADD_FAILURE() << "not one bit";
  return 256;
}

TEST(BitOrderTest, RestoreUndoesApply) {
  std::mt19937_64 rng(1);
  const BitOrder& order = BitOrder::get();
  for (int i = 0; i < 1000; ++i) {
    const Hash256 code = random_code(rng);
    EXPECT_EQ(order.restore(order.apply(code)), code);
    EXPECT_EQ(order.apply(order.restore(code)), code);
  }
}

TEST(BitOrderTest, KeepsEveryDistance) {
  std::mt19937_64 rng(2);
  const BitOrder& order = BitOrder::get();
  for (int bits = 0; bits < 300; ++bits) {
    const Hash256 a = random_code(rng);
    const Hash256 b = altered(a, bits, rng);
    EXPECT_EQ(hamming_distance(order.apply(a), order.apply(b)), hamming_distance(a, b));
  }
}

TEST(BitOrderTest, EachDiagonalHasOneBitOfEveryRowAndColumn) {
  std::set<std::size_t> seen;
  for (std::size_t diagonal = 0; diagonal < 16; ++diagonal) {
    std::set<std::size_t> rows;
    std::set<std::size_t> columns;
    for (std::size_t place = 16 * diagonal; place < 16 * (diagonal + 1); ++place) {
      const std::size_t bit = bit_of(BitOrder::get().restore(one_bit(place)));
      rows.insert(bit / 16);
      columns.insert(bit % 16);
      seen.insert(bit);
    }
    EXPECT_EQ(rows.size(), 16U) << "diagonal " << diagonal;
    EXPECT_EQ(columns.size(), 16U) << "diagonal " << diagonal;
  }
  EXPECT_EQ(seen.size(), 256U);
}

TEST(BitOrderTest, IsTheOneThatFilesOfNumberOneAreIn) {
  // A file names its order by number: another order under the same number would find nothing.
  ASSERT_EQ(kBitOrderNumber, 1U);
  for (const auto& [diagonal, row] :
       {std::pair<std::size_t, std::size_t>{0, 0}, {0, 1}, {0, 3}, {1, 0}, {3, 7}, {15, 15}}) {
    const std::size_t bit = 16 * row + (diagonal + 5 * row) % 16;
    EXPECT_EQ(bit_of(BitOrder::get().apply(one_bit(bit))), 16 * diagonal + row);
  }
}

TEST(BitOrderTest, AppliesToMany) {
  const Known known = some_codes(50, 3);
  const auto moved = apply_bit_order(known.codes);
  ASSERT_EQ(moved.size(), known.codes.size());
  for (std::size_t i = 0; i < moved.size(); ++i) {
    EXPECT_EQ(moved[i], BitOrder::get().apply(known.codes[i]));
  }
  EXPECT_TRUE(apply_bit_order({}).empty());
}

}  // namespace
}  // namespace semblance::index
