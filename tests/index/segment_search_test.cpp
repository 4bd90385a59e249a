// SPDX-License-Identifier: Apache-2.0
// The probing of tables against the plain loop, where it is known that tables were probed and that
// no scan stood in for them.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <tuple>
#include <vector>

#include "hamming/hamming.h"
#include "index/block_scan.h"
#include "index/known_codes.h"
#include "index/segment.h"

namespace semblance::index {
namespace {

// A segment in memory that notes whether its planes were read: only a scan reads them.
class WatchedSegment final : public Segment, public ReadCheck {
 public:
  WatchedSegment(std::vector<Hash256> codes, std::size_t tables) {
    std::vector<std::uint64_t> labels(codes.size());
    segment_ = build_segment({std::move(codes), std::move(labels)}, tables);
    SegmentView view = segment_->view();
    view.read_check = this;
    settle(std::move(view), segment_->bytes());
  }

  Status check(const void* first, std::size_t /*bytes*/) const override {
    const auto* const at = static_cast<const std::uint8_t*>(first);
    const std::uint8_t* const planes = view().planes;
    if (at >= planes && at < planes + plane_bytes(view().codes, view().prefix_bytes)) ++scanned_;
    return ok();
  }

  /// Blocks that were scanned so far.
  std::size_t scanned() const { return scanned_; }

 private:
  std::unique_ptr<Segment> segment_;
  mutable std::atomic<std::size_t> scanned_ = 0;
};

using Hits = std::vector<std::tuple<std::uint32_t, std::uint32_t, std::int32_t>>;

Hits found_in(const Segment& segment, const std::vector<Hash256>& queries, int max_distance) {
  std::vector<CodeHit> hits;
  EXPECT_TRUE(search_segment(segment, queries, max_distance, hits));
  Hits found;
  for (const CodeHit& hit : hits) found.emplace_back(hit.query, hit.code, hit.distance);
  std::sort(found.begin(), found.end());
  return found;
}

// By the plain loop, within the widest radius that is asked about.
Hits right_hits(const Segment& segment, const std::vector<Hash256>& queries, int widest) {
  Hits right;
  const auto codes = segment.view().all_codes();
  std::vector<std::uint16_t> distances(codes.size());
  for (std::uint32_t q = 0; q < queries.size(); ++q) {
    kernels::hamming_scan(queries[q].bytes.data(), codes[0].bytes.data(), codes.size(),
                          distances.data());
    for (std::uint32_t code = 0; code < codes.size(); ++code) {
      if (distances[code] <= widest) right.emplace_back(q, code, distances[code]);
    }
  }
  return right;
}

void turn(Hash256& code, std::size_t bit) {
  code.bytes[bit / 8] = static_cast<std::uint8_t>(code.bytes[bit / 8] ^ (1U << bit % 8));
}

// The query with so many bits turned, within so many of sixteen neighbouring groups of bits: few
// groups is far away in some tables and equal in the rest. None is evenly over all: with sixteen
// tables, a code at the edge of the radius is then found by one table alone.
Hash256 neighbour(const Hash256& query, int distance, std::size_t groups, std::mt19937_64& rng) {
  std::size_t next = rng() % 16;
  const std::size_t first = next;
  if (groups > 0) groups = std::max(groups, (static_cast<std::size_t>(distance) + 15) / 16);
  Hash256 code = query;
  while (hamming_distance(code, query) < distance) {
    const std::size_t group = groups == 0 ? next : first + rng() % groups;
    Hash256 farther = code;
    turn(farther, 16 * (group % 16) + rng() % 16);
    if (hamming_distance(farther, query) < hamming_distance(code, query)) continue;
    code = farther;
    ++next;
  }
  return code;
}

// Radii ascend.
void expect_right(const WatchedSegment& segment, const std::vector<Hash256>& queries,
                  const std::vector<int>& radii) {
  const Hits all = right_hits(segment, queries, radii.back());
  for (const int radius : radii) {
    Hits right = all;
    std::erase_if(right, [&](const auto& hit) { return std::get<2>(hit) > radius; });
    EXPECT_EQ(found_in(segment, queries, radius), right) << "max_distance " << radius;
  }
}

// Neighbours at a few distances from `least` on: so many that they are found, so few that a scan
// would not be less work.
void add_neighbours(std::vector<Hash256>& codes, const Hash256& query, int least, int most,
                    std::mt19937_64& rng) {
  for (const std::size_t groups : {0U, 1U, 2U, 4U, 8U, 16U}) {
    for (int i = 0; i < 3; ++i) {
      const int distance =
          least + static_cast<int>(rng() % static_cast<unsigned>(most - least + 1));
      codes.push_back(neighbour(query, distance, groups, rng));
    }
  }
}

class SegmentSearchTables : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Tables, SegmentSearchTables, testing::Values(13, 15, 16));

TEST_P(SegmentSearchTables, ProbesFindEveryNeighbourHoweverItsBitsAreSpread) {
  std::mt19937_64 rng(1);
  std::vector<Hash256> queries;
  std::vector<Hash256> codes;
  for (int q = 0; q < 100; ++q) {
    queries.push_back(random_code(rng));
    add_neighbours(codes, queries.back(), q % 4 == 0 ? 0 : 20, 34, rng);
  }
  while (codes.size() < 400'000) codes.push_back(random_code(rng));
  const WatchedSegment segment(std::move(codes), GetParam());
  expect_right(segment, queries, {0, 1, 8, 15, 16, 17, 24, 29, 30, 31, 32, 33});
  EXPECT_EQ(segment.scanned(), 0U) << "a scan stood in for the tables";
}

TEST_P(SegmentSearchTables, ProbesFindEveryNeighbourWhereSomeBucketsAreFat) {
  // In some tables all codes have one key, or one of a few: a query there is allotted other units.
  std::mt19937_64 rng(2);
  const Hash256 base = random_code(rng);
  const auto in_fat = [&](Hash256 code) {
    for (const std::size_t byte : {2U, 3U, 4U, 5U, 20U, 21U, 31U}) {
      code.bytes[byte] = base.bytes[byte];
    }
    return code;
  };
  std::vector<Hash256> queries;
  std::vector<Hash256> codes;
  for (int q = 0; q < 80; ++q) {
    queries.push_back(in_fat(random_code(rng)));
    add_neighbours(codes, queries.back(), q % 4 == 0 ? 0 : 16, 34, rng);
  }
  while (codes.size() < 300'000) codes.push_back(in_fat(random_code(rng)));
  const WatchedSegment segment(std::move(codes), GetParam());
  expect_right(segment, queries, {0, 5, 12, 16});
  if (GetParam() == 16) {
    EXPECT_EQ(segment.scanned(), 0U) << "a scan stood in for the tables";
  }
  expect_right(segment, queries, {20, 24, 28, 31, 33});
}

TEST(SegmentSearchTest, WideRadiiAreProbedToo) {
  std::mt19937_64 rng(3);
  std::vector<Hash256> queries;
  std::vector<Hash256> codes;
  for (int q = 0; q < 30; ++q) {
    queries.push_back(random_code(rng));
    add_neighbours(codes, queries.back(), 34, 56, rng);
  }
  while (codes.size() < 700'000) codes.push_back(random_code(rng));
  const WatchedSegment segment(std::move(codes), 16);
  expect_right(segment, queries, {40, 47, 48, 51});
  EXPECT_EQ(segment.scanned(), 0U) << "a scan stood in for the tables";
  expect_right(segment, {queries[0]}, {79, 80, 128, 255});
}

TEST(SegmentSearchTest, AQueryThatWouldBeDearIsScanned) {
  // All codes in one bucket of every table but for a few bits: nothing is thin enough to probe.
  std::mt19937_64 rng(4);
  const Hash256 base = random_code(rng);
  std::vector<Hash256> codes;
  while (codes.size() < 100'000) codes.push_back(altered(base, 6, rng));
  const WatchedSegment segment(std::move(codes), 16);
  expect_right(segment, {base, altered(base, 20, rng)}, {31});
  EXPECT_GT(segment.scanned(), 0U);
}

}  // namespace
}  // namespace semblance::index
