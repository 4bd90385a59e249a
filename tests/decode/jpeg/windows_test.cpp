// SPDX-License-Identifier: Apache-2.0
// Each window says what reading its symbols one by one says.
#include "decode/jpeg/windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "decode/jpeg/random_scan.h"

namespace semblance::decode::jpeg {
namespace {

struct Codes {
  HuffmanCode dc, ac;
};

/// The window of `bits`, 16 bits wide, whose last 5 no code may need.
constexpr std::uint32_t widened(std::size_t window) {
  return static_cast<std::uint32_t>(window) << (16 - kWindowBits);
}

/// The `skip` entries that a window may have, by the number of symbols whose code is inside: the
/// last one, unless that are more coefficients than an entry can tell.
std::vector<std::uint32_t> read_skips(const Codes& codes, std::size_t window, bool at_start) {
  std::vector<std::uint32_t> entries;
  std::uint32_t at = 0, advance = 0, flags = 0;
  const auto next = [&](const HuffmanCode& code) {
    const HuffmanCode::Symbol symbol = code.first_of(widened(window) << at & 0xFFFF);
    const bool inside = symbol.length != 0 && at + symbol.length <= kWindowBits;
    return inside ? symbol : HuffmanCode::Symbol{};
  };
  if (at_start) {
    const HuffmanCode::Symbol dc = next(codes.dc);
    if (dc.length == 0 || dc.value > kMaxDcSize) return {skip::kStuck};
    at = std::uint32_t{dc.length} + dc.value;
    flags = skip::kEnters;
    entries.push_back(at | flags);
  }
  while (at < kWindowBits && (flags & skip::kEnds) == 0) {
    const HuffmanCode::Symbol symbol = next(codes.ac);
    const AcSymbol means = AcSymbol::of(symbol.value);
    if (symbol.length == 0 || !means.usual) break;
    at += std::uint32_t{symbol.length} + means.size;
    advance += means.advance;
    if (means.ends) flags |= skip::kEnds;
    entries.push_back(advance > skip::kMaxAdvance ? 0
                                                  : at | advance << skip::kAdvanceShift | flags);
  }
  if (entries.empty()) return {skip::kStuck};
  return entries;
}

void expect_entry(std::uint32_t entry, const std::vector<std::uint32_t>& right) {
  if (right.back() != 0) {
    ASSERT_EQ(entry, right.back());
  } else {
    ASSERT_NE(entry, 0u);
    ASSERT_THAT(right, testing::Contains(entry));
  }
}

void expect_right(const Codes& codes) {
  const auto windows = std::make_unique<Windows>();
  windows->build(codes.dc, codes.ac);
  for (std::size_t i = 0; i < kWindows; ++i) {
    SCOPED_TRACE(i);
    expect_entry(windows->start[i], read_skips(codes, i, true));
    expect_entry(windows->inside[i], read_skips(codes, i, false));
    if (testing::Test::HasFatalFailure()) return;
  }
}

/// That the entry, if there is one, gives the value of every string of bits that starts so.
void expect_value(std::uint32_t entry, std::size_t window, const HuffmanCode& code, bool is_dc) {
  const HuffmanCode::Symbol symbol = code.first_of(widened(window));
  const AcSymbol ac = AcSymbol::of(symbol.value);
  const bool usual = symbol.length != 0 && (is_dc ? symbol.value <= kMaxDcSize : ac.usual);
  const std::uint32_t size = is_dc ? symbol.value : ac.size;
  const int needed = symbol.length + (size > 0 ? 1 : 0);
  if (!usual || needed > kWindowBits) {
    ASSERT_EQ(entry, 0u);
    return;
  }
  const std::uint32_t length = symbol.length + size;
  ASSERT_EQ(entry & one::kBits, length);
  const std::uint32_t advance = is_dc ? 0u : ac.ends ? one::kMaxAdvance : ac.advance;
  ASSERT_EQ(entry >> one::kAdvanceShift & one::kAdvance, advance);
  for (const std::uint32_t behind : {0u, 0x5A5Au, 0xFFFFu}) {
    const std::uint32_t bits = static_cast<std::uint32_t>(window) << 16 | behind;
    const std::uint32_t both = bits >> (16 + kWindowBits - length);
    const std::uint32_t extra = both & ((1u << size) - 1);
    const auto value = static_cast<std::int16_t>(both + (entry >> one::kBiasShift));
    ASSERT_EQ(value, extend(extra, size));
  }
}

void expect_right_values(const Codes& codes) {
  const auto values = std::make_unique<ValueWindows>();
  values->build(codes.dc, codes.ac);
  for (std::size_t i = 0; i < kWindows; ++i) {
    expect_value(values->dc[i], i, codes.dc, true);
    expect_value(values->ac[i], i, codes.ac, false);
  }
}

TEST(WindowsTest, SayWhatTheirSymbolsSay) {
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    SCOPED_TRACE(i);
    const bool short_codes = i % 2 == 0;
    const Table dc = random_dc_table(random, short_codes),
                ac = random_ac_table(random, short_codes);
    ASSERT_TRUE(is_prefix_code(dc.spec()));
    ASSERT_TRUE(is_prefix_code(ac.spec()));
    const Codes codes{HuffmanCode(dc.spec()), HuffmanCode(ac.spec())};
    expect_right(codes);
    expect_right_values(codes);
  }
}

TEST(WindowsTest, OfTheUsualTablesTakeSeveralSymbolsAtOnce) {
  const Codes codes{HuffmanCode(usual_dc_table().spec()), HuffmanCode(usual_ac_table().spec())};
  expect_right(codes);
  expect_right_values(codes);
  const auto windows = std::make_unique<Windows>();
  windows->build(codes.dc, codes.ac);
  // 00 v: no zero, then 1 or -1; three of them and the code of another, whose sign lies behind.
  EXPECT_EQ(windows->inside[0], (4u << skip::kAdvanceShift | 12u));
}

TEST(WindowsTest, DoNotOverflowWhereEverySymbolIsALongRun) {
  // Of one bit: sixteen zeros. A window of them would go on for 176.
  Table ac{{1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {0xF0, 0x00}};
  expect_right({HuffmanCode(usual_dc_table().spec()), HuffmanCode(ac.spec())});
}

TEST(WindowsTest, OfUnusualSymbolsAreStuck) {
  // Sizes that no 8-bit samples have; a run and no coefficient.
  Table dc{{1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {12, 3}};
  Table ac{{0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {0x0B, 0x50, 0x00}};
  const Codes codes{HuffmanCode(dc.spec()), HuffmanCode(ac.spec())};
  expect_right(codes);
  expect_right_values(codes);
}

TEST(WindowsTest, OfATableWithoutSymbolsAreStuck) {
  const Table none{std::vector<std::uint8_t>(HuffmanSpec::kLengths), {}};
  ASSERT_TRUE(is_prefix_code(none.spec()));
  expect_right({HuffmanCode(none.spec()), HuffmanCode(none.spec())});
}

TEST(HuffmanTest, RefusesLengthsThatAreNoPrefixCode) {
  EXPECT_FALSE(is_prefix_code({}));
  Table table{std::vector<std::uint8_t>(HuffmanSpec::kLengths), {1, 2}};
  table.counts[0] = 2;  // the second is only ones
  EXPECT_FALSE(is_prefix_code(table.spec()));
  table.counts[0] = 1;
  table.counts[1] = 1;
  EXPECT_TRUE(is_prefix_code(table.spec()));
  table.counts[1] = 2;
  EXPECT_FALSE(is_prefix_code(table.spec()));
}

TEST(HuffmanTest, ExtendsAsTheStandardSays) {
  EXPECT_EQ(extend(0, 0), 0);
  EXPECT_EQ(extend(0, 1), -1);
  EXPECT_EQ(extend(1, 1), 1);
  EXPECT_EQ(extend(0, 3), -7);
  EXPECT_EQ(extend(3, 3), -4);
  EXPECT_EQ(extend(4, 3), 4);
  EXPECT_EQ(extend(0, 11), -2047);
  EXPECT_EQ(extend(2047, 11), 2047);
}

}  // namespace
}  // namespace semblance::decode::jpeg
