// SPDX-License-Identifier: Apache-2.0
#include "semblance/float_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace semblance {
namespace {

constexpr std::size_t kDimension = 256;

std::vector<float> direction(std::mt19937& rng) {
  std::normal_distribution<float> normal;
  std::vector<float> vector(kDimension);
  double squares = 0;
  for (float& one : vector) {
    one = normal(rng);
    squares += static_cast<double>(one) * one;
  }
  for (float& one : vector) one = static_cast<float>(one / std::sqrt(squares));
  return vector;
}

double product(const float* a, const float* b) {
  double sum = 0;
  for (std::size_t i = 0; i < kDimension; ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

TEST(FloatIndex, FindsWhatAComparisonOfAllWouldFind) {
  std::mt19937 rng(1);
  constexpr std::size_t kVectors = 1'000;
  std::vector<float> vectors;
  std::vector<std::int64_t> labels;
  const std::vector<float> centre = direction(rng);
  for (std::size_t i = 0; i < kVectors; ++i) {
    std::vector<float> vector = direction(rng);
    // Some are like the centre, more or less.
    const float part = i % 3 == 0 ? static_cast<float>(i) / kVectors : 0;
    for (std::size_t d = 0; d < kDimension; ++d) vector[d] += 3 * part * centre[d];
    vectors.insert(vectors.end(), vector.begin(), vector.end());
    labels.push_back(static_cast<std::int64_t>(5'000 - i));
  }
  const auto index = make_float_index(kDimension);
  const std::size_t half = kVectors / 2;
  ASSERT_TRUE(
      index->add(std::span(vectors).first(half * kDimension), std::span(labels).first(half)));
  ASSERT_TRUE(
      index->add(std::span(vectors).subspan(half * kDimension), std::span(labels).subspan(half)));
  EXPECT_EQ(index->size(), kVectors);
  for (const float least : {-10.0F, 0.0F, 0.7F, 2.0F, 99.0F}) {
    const auto hits = index->search(centre, least);
    ASSERT_TRUE(hits);
    std::vector<std::int64_t> found;
    for (std::size_t i = 0; i < hits->size(); ++i) {
      const FloatHit& hit = (*hits)[i];
      found.push_back(hit.label);
      const auto row = static_cast<std::size_t>(5'000 - hit.label);
      EXPECT_NEAR(hit.product, product(&vectors[row * kDimension], centre.data()), 1e-4);
      if (i > 0) {
        EXPECT_GE((*hits)[i - 1].product, hit.product);
      }
    }
    std::sort(found.begin(), found.end());
    std::vector<std::int64_t> expected;
    for (std::size_t row = kVectors; row-- > 0;) {
      const double exact = product(&vectors[row * kDimension], centre.data());
      ASSERT_GT(std::abs(exact - least), 1e-5) << "too near to tell";
      if (exact > least) expected.push_back(labels[row]);
    }
    EXPECT_EQ(found, expected) << least;
  }
}

TEST(FloatIndex, EqualProductsComeByLabel) {
  std::mt19937 rng(2);
  const std::vector<float> vector = direction(rng);
  const auto index = make_float_index(kDimension);
  for (const std::int64_t label : {7, 3, 5}) {
    ASSERT_TRUE(index->add(vector, std::span(&label, 1)));
  }
  const auto hits = index->search(vector, 0.5F);
  ASSERT_TRUE(hits);
  ASSERT_EQ(hits->size(), 3U);
  EXPECT_EQ((*hits)[0].label, 3);
  EXPECT_EQ((*hits)[2].label, 7);
}

TEST(FloatIndex, AnEmptyOneGivesNothing) {
  std::mt19937 rng(3);
  const auto index = make_float_index(kDimension);
  const auto hits = index->search(direction(rng), -100);
  ASSERT_TRUE(hits);
  EXPECT_TRUE(hits->empty());
  EXPECT_TRUE(index->add({}, {}));
}

TEST(FloatIndex, WhatIsNoVectorIsRefused) {
  std::mt19937 rng(4);
  const auto index = make_float_index(kDimension);
  std::vector<float> vector = direction(rng);
  const std::int64_t label = 1;
  const std::int64_t negative = -1;
  const auto refused = [](const auto& result) {
    return !result && result.error().code == Errc::kBadArgument;
  };
  EXPECT_TRUE(refused(index->add(std::span(vector).first(255), std::span(&label, 1))));
  EXPECT_TRUE(refused(index->add(vector, {})));
  EXPECT_TRUE(refused(index->add(vector, std::span(&negative, 1))));
  EXPECT_TRUE(refused(index->search(std::span(vector).first(10), 0)));
  EXPECT_TRUE(refused(index->search(vector, std::numeric_limits<float>::quiet_NaN())));
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    vector[17] = bad;
    EXPECT_TRUE(refused(index->add(vector, std::span(&label, 1))));
    EXPECT_TRUE(refused(index->search(vector, 0)));
  }
  EXPECT_EQ(index->size(), 0U);
}

}  // namespace
}  // namespace semblance
