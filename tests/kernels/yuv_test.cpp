// SPDX-License-Identifier: Apache-2.0
#include "luma/yuv.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <array>
#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

// Runs the bodies once per target that this CPU has, with that target forced.
class YuvTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(YuvTest);

constexpr std::uint8_t kCanary = 0xc5;
using Bytes = std::vector<std::uint8_t>;

struct Rgb {
  Bytes r, g, b;
  explicit Rgb(std::size_t width)
      : r(width + 2, kCanary), g(width + 2, kCanary), b(width + 2, kCanary) {}
  friend bool operator==(const Rgb&, const Rgb&) = default;
};

TEST_P(YuvTest, RowsAreTheReferencesWhateverTheirLength) {
  std::mt19937 rng(3);
  for (std::size_t width = 0; width < 300; ++width) {
    Bytes y(width + 1), u(width / 2 + 2), v(width / 2 + 2);
    for (Bytes* plane : {&y, &u, &v}) {
      for (std::uint8_t& byte : *plane) byte = static_cast<std::uint8_t>(rng());
    }
    Rgb expected(width);
    Rgb actual(width);
    yuv_to_rgb_reference(y.data() + 1, u.data() + 1, v.data() + 1, width, expected.r.data() + 1,
                         expected.g.data() + 1, expected.b.data() + 1);
    yuv_to_rgb(y.data() + 1, u.data() + 1, v.data() + 1, width, actual.r.data() + 1,
               actual.g.data() + 1, actual.b.data() + 1);
    EXPECT_EQ(actual, expected) << width;
    EXPECT_EQ(actual.r.back(), kCanary);
  }
}

// All values of luma against all pairs of chroma from a grid that has both ends.
TEST_P(YuvTest, AllValuesAreTheReferences) {
  Bytes y(256);
  for (std::size_t k = 0; k < 256; ++k) y[k] = static_cast<std::uint8_t>(k);
  for (std::size_t cu = 0; cu < 256; cu += 5) {
    for (std::size_t cv = 0; cv < 256; cv += 5) {
      const Bytes u(128, static_cast<std::uint8_t>(cu));
      const Bytes v(128, static_cast<std::uint8_t>(cv));
      Rgb expected(256);
      Rgb actual(256);
      yuv_to_rgb_reference(y.data(), u.data(), v.data(), 256, expected.r.data(), expected.g.data(),
                           expected.b.data());
      yuv_to_rgb(y.data(), u.data(), v.data(), 256, actual.r.data(), actual.g.data(),
                 actual.b.data());
      ASSERT_EQ(actual, expected) << cu << ' ' << cv;
    }
  }
}

TEST_P(YuvTest, GrayIsStretchedAndColoursAreThoseOfBt601) {
  const std::array<std::uint8_t, 6> y = {16, 235, 126, 126, 81, 0};
  const std::array<std::uint8_t, 3> u = {128, 128, 90};
  const std::array<std::uint8_t, 3> v = {128, 128, 240};
  std::array<std::uint8_t, 6> r{}, g{}, b{};
  yuv_to_rgb(y.data(), u.data(), v.data(), 6, r.data(), g.data(), b.data());
  EXPECT_EQ(r, (std::array<std::uint8_t, 6>{0, 255, 128, 128, 253, 159}));
  EXPECT_EQ(g, (std::array<std::uint8_t, 6>{0, 255, 128, 128, 0, 0}));
  EXPECT_EQ(b, (std::array<std::uint8_t, 6>{0, 255, 128, 128, 0, 0}));
}

TEST_P(YuvTest, InterleavesAnyLength) {
  std::mt19937 rng(4);
  for (std::size_t n = 0; n < 130; ++n) {
    std::array<std::vector<std::uint16_t>, 3> planes;
    for (auto& plane : planes) {
      plane.resize(n + 1);
      for (std::uint16_t& value : plane) value = static_cast<std::uint16_t>(rng());
    }
    std::vector<std::uint16_t> expected(3 * n + 2, 0xc5c5);
    std::vector<std::uint16_t> actual = expected;
    interleave_reference(planes[0].data() + 1, planes[1].data() + 1, planes[2].data() + 1, n,
                         expected.data() + 1);
    interleave(planes[0].data() + 1, planes[1].data() + 1, planes[2].data() + 1, n,
               actual.data() + 1);
    EXPECT_EQ(actual, expected) << n;
  }
}

}  // namespace
}  // namespace semblance::kernels
