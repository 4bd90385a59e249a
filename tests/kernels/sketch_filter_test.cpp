// SPDX-License-Identifier: Apache-2.0
#include "hamming/sketch_filter.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

constexpr std::uint32_t kCanary = 0xdeadbeef;

using Filter = decltype(&sketch_filter);

std::vector<std::uint32_t> listed(Filter filter, const std::uint16_t* sketches,
                                  const std::vector<SketchRun>& runs, std::uint16_t query) {
  std::size_t room = 0;
  for (const SketchRun& run : runs) room += run.count;
  std::vector<std::uint32_t> out(room + 1, kCanary);
  const std::size_t count = filter(sketches, runs.data(), runs.size(), query, out.data());
  EXPECT_LE(count, room);
  EXPECT_EQ(out.back(), kCanary) << "wrote past the sum of the counts";
  out.resize(std::min(count, room));
  return out;
}

// Runs the bodies once per target that this CPU has, with that target forced.
class SketchFilterTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(SketchFilterTest);

TEST_P(SketchFilterTest, AgreesWithTheReferenceOnRunsOfEverySize) {
  std::mt19937_64 rng(20260613);
  for (std::uint32_t count = 0; count <= 100; ++count) {
    // Sketches near the query on both sides of the run, which are not the run's to list. The array
    // ends with the slack, so that a read beyond that is seen by a sanitizer.
    for (const std::uint32_t begin : {0U, 1U, 5U, 31U}) {
      const std::size_t size = begin + count + kSketchSlack;
      const auto sketches = std::make_unique<std::uint16_t[]>(size);
      const auto query = static_cast<std::uint16_t>(rng());
      for (std::size_t i = 0; i < size; ++i) {
        sketches[i] = static_cast<std::uint16_t>(query ^ (1U << rng() % 16) ^ (1U << rng() % 16) ^
                                                 (rng() % 4 == 0 ? rng() : 0));
      }
      for (int limit = -1; limit <= 16; ++limit) {
        const std::vector<SketchRun> runs{{begin, count, limit}};
        EXPECT_EQ(listed(sketch_filter, sketches.get(), runs, query),
                  listed(sketch_filter_reference, sketches.get(), runs, query))
            << count << " from " << begin << ", limit " << limit;
      }
    }
  }
}

TEST_P(SketchFilterTest, TakesRunsInTheirOrder) {
  std::mt19937_64 rng(2);
  std::vector<std::uint16_t> sketches(20'000 + kSketchSlack);
  for (auto& sketch : sketches) sketch = static_cast<std::uint16_t>(rng());
  for (const std::size_t n : {0U, 1U, 2U, 17U, 272U}) {
    std::vector<SketchRun> runs(n);
    for (auto& run : runs) {  // anywhere, over each other, empty, refused, of any limit
      run.begin = static_cast<std::uint32_t>(rng() % 19'000);
      run.count = rng() % 5 == 0 ? 0 : static_cast<std::uint32_t>(rng() % 1000);
      run.limit = static_cast<int>(rng() % 20) - 2;
    }
    const auto query = static_cast<std::uint16_t>(rng());
    EXPECT_EQ(listed(sketch_filter, sketches.data(), runs, query),
              listed(sketch_filter_reference, sketches.data(), runs, query));
  }
}

TEST_P(SketchFilterTest, HoldsTheExtremes) {
  const std::vector<std::uint16_t> sketches(200 + kSketchSlack, 0xffff);
  const std::vector<SketchRun> all{{0, 200, 16}};
  const std::vector<SketchRun> none{{0, 200, 15}, {0, 200, -1}};
  EXPECT_EQ(listed(sketch_filter, sketches.data(), all, 0).size(), 200U);
  EXPECT_TRUE(listed(sketch_filter, sketches.data(), none, 0).empty());
  EXPECT_EQ(listed(sketch_filter, sketches.data(), {{3, 7, 0}}, 0xffff),
            (std::vector<std::uint32_t>{3, 4, 5, 6, 7, 8, 9}));
}

}  // namespace
}  // namespace semblance::kernels
