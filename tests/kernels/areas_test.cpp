// SPDX-License-Identifier: Apache-2.0
#include "areas/areas.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

// Runs the bodies once per target that this CPU has, with that target forced.
class AreasTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(AreasTest);

constexpr std::size_t kLengths[] = {0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 64, 65, 130};
constexpr std::uint32_t kCanary = 0xa5a5a5a5;

TEST_P(AreasTest, AWeighedRowIsTheReferencesToTheLastBit) {
  std::mt19937_64 rng(11);
  for (const std::size_t n : kLengths) {
    for (const std::uint32_t weight : {0U, 1U, 257U, 1024U, 65535U}) {
      std::vector<std::uint8_t> row(n);
      for (auto& sample : row) sample = static_cast<std::uint8_t>(rng());
      std::vector<std::uint32_t> expected(n + 1, kCanary);
      for (std::size_t s = 0; s < n; ++s)
        expected[s] = static_cast<std::uint32_t>(rng() % (1U << 24));
      std::vector<std::uint32_t> actual = expected;
      add_weighed_row_reference(row.data(), weight, n, expected.data());
      add_weighed_row(row.data(), weight, n, actual.data());
      EXPECT_EQ(actual, expected) << n << " samples, weight " << weight;
    }
  }
}

TEST_P(AreasTest, SumsBetweenLinesAreTheReferencesToTheLastBit) {
  std::mt19937_64 rng(12);
  for (const std::size_t n : kLengths) {
    std::vector<std::uint32_t> rows[4];
    for (auto& row : rows) {
      row.resize(n);
      for (auto& sum : row) sum = static_cast<std::uint32_t>(rng());
    }
    for (const std::uint32_t part : {0U, 1U, 128U, 256U}) {
      const SumLine first{rows[0].data(), rows[1].data(), part};
      const SumLine last{rows[2].data(), rows[3].data(), 256 - part};
      std::vector<std::uint32_t> expected(n + 1, kCanary);
      std::vector<std::uint32_t> actual(n + 1, kCanary);
      sums_between_reference(first, last, n, expected.data());
      sums_between(first, last, n, actual.data());
      EXPECT_EQ(actual, expected) << n << " columns, part " << part;
    }
  }
}

TEST_P(AreasTest, WeighedIntegratedAndSplitRowsAreTheReferences) {
  std::mt19937_64 rng(13);
  for (const std::size_t n : kLengths) {
    std::vector<std::uint8_t> row(3 * n);
    for (auto& sample : row) sample = static_cast<std::uint8_t>(rng());
    std::vector<std::uint32_t> above(n);
    for (auto& sum : above) sum = static_cast<std::uint32_t>(rng());
    std::vector<std::uint32_t> expected(n + 1, kCanary);
    std::vector<std::uint32_t> actual = expected;
    weigh_row_reference(row.data(), 65535, n, expected.data());
    weigh_row(row.data(), 65535, n, actual.data());
    EXPECT_EQ(actual, expected) << n;
    integrate_row_reference(row.data(), above.data(), n, expected.data());
    integrate_row(row.data(), above.data(), n, actual.data());
    EXPECT_EQ(actual, expected) << n;

    std::vector<std::uint8_t> planes[3];
    std::vector<std::uint8_t> wanted[3];
    for (std::size_t c = 0; c < 3; ++c) {
      planes[c].assign(n + 1, 7);
      wanted[c].assign(n + 1, 7);
    }
    split_channels_reference(row.data(), n, wanted[0].data(), wanted[1].data(), wanted[2].data());
    split_channels(row.data(), n, planes[0].data(), planes[1].data(), planes[2].data());
    for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(planes[c], wanted[c]) << n;
    std::vector<std::uint8_t> joined(3 * n + 1, 7);
    join_channels(planes[0].data(), planes[1].data(), planes[2].data(), n, joined.data());
    row.push_back(7);
    EXPECT_EQ(joined, row) << n;
  }
}

TEST_P(AreasTest, MeansBetweenPlacesAreTheReferences) {
  std::mt19937_64 rng(14);
  std::vector<std::uint32_t> row(300);
  for (auto& sum : row) sum = static_cast<std::uint32_t>(rng());
  for (const std::size_t n : kLengths) {
    std::vector<std::int32_t> at[2];
    std::vector<std::uint32_t> part[2];
    for (std::size_t side = 0; side < 2; ++side) {
      for (std::size_t s = 0; s < n; ++s) {
        at[side].push_back(static_cast<std::int32_t>(rng() % 299));
        part[side].push_back(static_cast<std::uint32_t>(rng() % 257));
      }
    }
    const Stretch places{at[0].data(), part[0].data(), at[1].data(), part[1].data()};
    std::vector<float> expected(n + 1, -1.0F);
    std::vector<float> actual = expected;
    means_between_reference(row.data(), places, 1e-3F, n, expected.data());
    means_between(row.data(), places, 1e-3F, n, actual.data());
    EXPECT_EQ(actual, expected) << n;
  }
}

}  // namespace
}  // namespace semblance::kernels
