// SPDX-License-Identifier: Apache-2.0
// Where blocks start, whatever the number of lanes: on random blocks of random codes, whose starts
// are known, and on random bits, where all must say the same.
#include "decode/jpeg/block_walk.h"

#include <gtest/gtest.h>

#include <optional>

#include "decode/jpeg/random_scan.h"

namespace semblance::decode::jpeg {
namespace {

using Starts = std::vector<std::uint32_t>;

std::optional<Starts> walk(const RandomScan& scan, std::size_t lanes) {
  EntropyBits bits;
  if (!bits.assign(scan.entropy, scan.intervals)) return std::nullopt;
  Starts starts(scan.starts.size());
  BlockWalk blocks;
  if (!blocks.run(bits, *scan.codes, scan.interval_blocks, starts, lanes)) return std::nullopt;
  return starts;
}

void expect_found(const RandomScan& scan) {
  for (std::size_t lanes = 1; lanes <= BlockWalk::kMaxLanes; ++lanes) {
    SCOPED_TRACE(lanes);
    const std::optional<Starts> starts = walk(scan, lanes);
    ASSERT_TRUE(starts);
    ASSERT_EQ(*starts, scan.starts);
  }
}

TEST(BlockWalkTest, FindsEveryBlockOfRandomScans) {
  Random random(7);
  for (std::uint32_t i = 0; i < 60; ++i) {
    SCOPED_TRACE(i);
    ScanShape shape;
    shape.across = static_cast<std::uint8_t>(1 + up_to(random, 1));
    shape.down = static_cast<std::uint8_t>(1 + up_to(random, 1));
    shape.chroma = up_to(random, 3) != 0;
    if (!shape.chroma) shape.across = shape.down = 1;
    shape.short_codes = i % 3 != 0;
    shape.units = 1 + up_to(random, 3000);
    shape.end_in = 1 + up_to(random, i % 5 == 0 ? 200 : 8);
    expect_found(*random_scan(random, shape));
  }
}

TEST(BlockWalkTest, FindsEveryBlockBetweenRestarts) {
  Random random(8);
  for (std::uint32_t i = 0; i < 40; ++i) {
    SCOPED_TRACE(i);
    ScanShape shape;
    shape.units = 1 + up_to(random, 800);
    shape.restart_interval = 1 + up_to(random, i % 2 == 0 ? 3 : 300);
    expect_found(*random_scan(random, shape));
  }
}

TEST(BlockWalkTest, FindsEveryBlockWhereReadersNeverFallIntoStep) {
  // Every code has as many bits as every other: a reader that starts between two never comes right.
  Table table{{0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {}};
  table.symbols.assign(12, 0);
  RandomScan scan;
  scan.dc = {table, table};
  scan.ac = {table, table};
  scan.frame.component_count = 1;
  Scan& only = scan.frame.scans.emplace_back();
  only.part_count = 1;
  only.parts[0] = {0, scan.dc[0].spec(), scan.ac[0].spec()};
  scan.codes = std::make_unique<McuCodes>();
  scan.codes->build(scan.frame, only);
  BitWriter bits;
  for (std::uint32_t i = 0; i < 60'000; ++i) {
    scan.starts.push_back(static_cast<std::uint32_t>(bits.size()));
    bits.put(1, 4);
    bits.put(1, 4);
  }
  scan.entropy = bits.bytes();
  scan.interval_blocks = scan.starts.size();
  expect_found(scan);
}

/// Whether each number of lanes refuses the scan.
void expect_refused(const RandomScan& scan) {
  for (std::size_t lanes = 1; lanes <= BlockWalk::kMaxLanes; ++lanes) {
    EXPECT_FALSE(walk(scan, lanes)) << lanes;
  }
}

TEST(BlockWalkTest, RefusesBitsThatAreMissingOrLeftOver) {
  Random random(9);
  for (const std::size_t units : {std::size_t{1}, std::size_t{50}, std::size_t{4000}}) {
    ScanShape shape;
    shape.units = units;
    auto scan = random_scan(random, shape);
    expect_found(*scan);
    scan->entropy.push_back(0x55);  // a byte too many
    expect_refused(*scan);
    scan->entropy.resize(scan->entropy.size() - 3);
    if (scan->entropy.back() == 0xFF) scan->entropy.push_back(0);
    expect_refused(*scan);
  }
}

TEST(BlockWalkTest, RefusesACoefficientBehindTheLast) {
  RandomScan scan;
  scan.dc = {usual_dc_table(), usual_dc_table()};
  scan.ac = {usual_ac_table(), usual_ac_table()};
  scan.frame.component_count = 1;
  Scan& only = scan.frame.scans.emplace_back();
  only.part_count = 1;
  only.parts[0] = {0, scan.dc[0].spec(), scan.ac[0].spec()};
  scan.codes = std::make_unique<McuCodes>();
  scan.codes->build(scan.frame, only);
  scan.starts.resize(1);
  scan.interval_blocks = 1;
  const auto write = [&](std::uint32_t runs, std::uint32_t ones, bool ends) {
    BitWriter bits;
    bits.put(0, 2);  // a mean as the last one's
    for (std::uint32_t i = 0; i < runs; ++i) bits.put(0x7F9, 11);
    for (std::uint32_t i = 0; i < ones; ++i) bits.put(1, 3);
    if (ends) bits.put(0b1010, 4);
    bits.align();
    scan.entropy = bits.bytes();
    std::vector<std::uint8_t> stuffed;
    for (const std::uint8_t byte : scan.entropy) {
      stuffed.push_back(byte);
      if (byte == 0xFF) stuffed.push_back(0);
    }
    scan.entropy = stuffed;
    return walk(scan, 1).has_value();
  };
  EXPECT_TRUE(write(0, 0, true));
  EXPECT_TRUE(write(0, 62, true));
  EXPECT_TRUE(write(0, 63, false));
  EXPECT_TRUE(write(3, 14, true));
  EXPECT_TRUE(write(3, 15, false));
  EXPECT_FALSE(write(0, 63, true));  // an end behind the end, in the padding
  EXPECT_FALSE(write(0, 66, true));
  EXPECT_FALSE(write(4, 0, true));  // a run of zeros to the last one
  EXPECT_FALSE(write(4, 1, true));
  EXPECT_FALSE(write(5, 0, true));
}

TEST(BlockWalkTest, SaysTheSameOfRandomBitsWhateverTheLanes) {
  Random random(11);
  int read = 0;
  for (std::uint32_t i = 0; i < 80; ++i) {
    SCOPED_TRACE(i);
    ScanShape shape;
    shape.units = 2000 + up_to(random, 4000);
    shape.short_codes = i % 2 == 0;
    auto scan = random_scan(random, shape);
    // A few bits of a true scan, or all of them.
    const std::uint32_t changes = i % 4 == 0 ? 20'000 : 1 + up_to(random, 3);
    for (std::uint32_t j = 0; j < changes; ++j) {
      std::uint8_t& byte =
          scan->entropy[up_to(random, static_cast<std::uint32_t>(scan->entropy.size() - 1))];
      if (byte != 0xFF && byte != 0) byte = static_cast<std::uint8_t>(random() % 255);
    }
    const std::optional<Starts> one = walk(*scan, 1);
    read += one ? 1 : 0;
    for (std::size_t lanes = 2; lanes <= BlockWalk::kMaxLanes; ++lanes) {
      ASSERT_EQ(walk(*scan, lanes), one) << lanes;
    }
  }
  RecordProperty("read", read);
}

}  // namespace
}  // namespace semblance::decode::jpeg
