// SPDX-License-Identifier: Apache-2.0
#include "index/packed_integers.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

namespace semblance::index {
namespace {

TEST(PackedIntegersTest, BitsForHoldsTheLargestAndNoMore) {
  EXPECT_EQ(bits_for(0), 1U);
  EXPECT_EQ(bits_for(1), 1U);
  EXPECT_EQ(bits_for(2), 2U);
  for (unsigned bits = 1; bits < 64; ++bits) {
    const std::uint64_t power = std::uint64_t{1} << bits;
    EXPECT_EQ(bits_for(power - 1), bits);
    EXPECT_EQ(bits_for(power), bits + 1);
  }
  EXPECT_EQ(bits_for(~std::uint64_t{0}), 64U);
}

TEST(PackedIntegersTest, ReadsWhatWasWrittenInEveryWidth) {
  std::mt19937_64 rng(1);
  for (unsigned bits = 1; bits <= kMaxPackedBits; ++bits) {
    for (const std::size_t count : {0U, 1U, 2U, 7U, 8U, 9U, 64U, 65U, 300U}) {
      // An array of its own, so that a sanitizer sees what is read or written beyond it.
      const std::size_t size = packed_bytes(count, bits);
      const auto bytes = std::make_unique<std::uint8_t[]>(size);
      std::vector<std::uint64_t> values(count);
      const std::uint64_t largest = (std::uint64_t{1} << bits) - 1;
      for (auto& value : values) value = rng() % 3 == 0 ? largest : rng() & largest;
      for (std::size_t i = 0; i < count; ++i) pack(bytes.get(), bits, i, values[i]);
      const PackedView view{bytes.get(), bits};
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(view.at(i), values[i]) << bits << " bits, " << i << " of " << count;
        ASSERT_LE(view.address(i) + 8, bytes.get() + size);
      }
    }
  }
}

TEST(PackedIntegersTest, OneWritesOverNoOther) {
  for (const unsigned bits : {1U, 7U, 13U, 57U}) {
    std::vector<std::uint8_t> bytes(packed_bytes(20, bits));
    pack(bytes.data(), bits, 9, (std::uint64_t{1} << bits) - 1);
    const PackedView view{bytes.data(), bits};
    for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(view.at(i) != 0, i == 9) << bits << " bits";
  }
}

}  // namespace
}  // namespace semblance::index
