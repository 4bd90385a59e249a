// SPDX-License-Identifier: Apache-2.0
#include "areas/spans.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

// Runs the bodies once per target that this CPU has, with that target forced.
class SpansTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(SpansTest);

struct Sides {
  std::uint32_t pixels;
  std::uint32_t samples;
};
constexpr Sides kSides[] = {{1, 1},       {2, 1},       {3, 2},       {17, 16},      {64, 64},
                            {80, 64},     {1025, 1024}, {1155, 1024}, {1280, 1024},  {2048, 1024},
                            {2049, 1024}, {4000, 1024}, {65536, 1},   {65536, 1023}, {8192, 4096}};

TEST(Spans, CoverTheRowOnce) {
  for (const Sides& sides : kSides) {
    const Spans spans = make_spans(sides.pixels, sides.samples);
    ASSERT_EQ(spans.samples(), sides.samples);
    std::vector<std::uint64_t> covered(sides.pixels + 1);
    for (std::size_t s = 0; s < spans.samples(); ++s) {
      std::uint64_t units = spans.of_first[s] + spans.of_last[s];
      covered[spans.first[s]] += spans.of_first[s];
      covered[spans.last[s]] += spans.of_last[s];
      for (std::uint32_t p = spans.first[s] + 1; p < spans.last[s]; ++p) {
        covered[p] += spans.pixel_units;
        units += spans.pixel_units;
      }
      EXPECT_EQ(units, spans.sample_units) << sides.pixels << ": " << s;
    }
    EXPECT_EQ(covered.back(), 0U);
    covered.pop_back();
    for (const std::uint64_t units : covered) EXPECT_EQ(units, spans.pixel_units);
  }
}

TEST_P(SpansTest, MeansAreTheReferences) {
  std::mt19937_64 rng(21);
  for (const Sides& sides : kSides) {
    const Spans spans = make_spans(sides.pixels, sides.samples);
    for (const std::uint32_t down : {1U, 2U, 5U, 1023U, 8191U, 65536U}) {
      const std::uint64_t area = std::uint64_t{down} * spans.sample_units;
      // Noise; white, whose sums are the largest; and means that lie about a half.
      for (const int kind : {0, 1, 2}) {
        std::vector<std::uint32_t> sums(sides.pixels + Spans::kPadding, 0xffffffffU);
        for (std::uint32_t p = 0; p < sides.pixels; ++p) {
          const auto noise = static_cast<std::uint32_t>(rng() % (std::uint64_t{255} * down + 1));
          const auto near_half = static_cast<std::uint32_t>((2 * (rng() % 255) + 1) * down / 2);
          sums[p] = kind == 0 ? noise : kind == 1 ? 255 * down : near_half;
        }
        std::vector<std::uint8_t> expected(sides.samples + 1, 7);
        std::vector<std::uint8_t> actual = expected;
        mean_of_spans_reference(sums.data(), spans, area, expected.data());
        mean_of_spans(sums.data(), spans, area, actual.data());
        EXPECT_EQ(actual, expected) << sides.pixels << " to " << sides.samples << ", " << down;
      }
    }
  }
}

}  // namespace
}  // namespace semblance::kernels
