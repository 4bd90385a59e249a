// SPDX-License-Identifier: Apache-2.0
#include "semblance/embedding.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

namespace semblance {
namespace {

std::vector<float> noise(std::size_t size, std::uint32_t seed) {
  std::mt19937 rng(seed);
  std::vector<float> vector(size);
  for (float& value : vector) value = static_cast<float>(rng() >> 8) * 0x1p-23F - 1;
  return vector;
}

TEST(EmbeddingTest, NamesOfModels) {
  for (const char* name : {"gist", "sscd_disc-mixup.v2", "0", "a.b"}) {
    EXPECT_TRUE(is_model_name(name)) << name;
  }
  EXPECT_TRUE(is_model_name(std::string(64, 'a')));
  EXPECT_FALSE(is_model_name(std::string(65, 'a')));
  for (const char* name : {"", "Gist", "a b", "a/b", "a:b", "\xc3\xa9", "a\n"}) {
    EXPECT_FALSE(is_model_name(name)) << name;
  }
}

TEST(EmbeddingTest, NormaliseScalesToLengthOne) {
  std::vector<float> vector = {3, -4};
  ASSERT_TRUE(normalise(vector));
  EXPECT_FLOAT_EQ(vector[0], 0.6F);
  EXPECT_FLOAT_EQ(vector[1], -0.8F);
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    std::vector<float> any = noise(kMaxDimension, seed);
    ASSERT_TRUE(normalise(any));
    EXPECT_NEAR(cosine(any, any), 1, 1e-6);
  }
}

// The squares of these are out of a float's range.
TEST(EmbeddingTest, NormaliseOfVeryLargeAndVerySmallValues) {
  for (const float size : {std::numeric_limits<float>::max(), std::numeric_limits<float>::min(),
                           std::numeric_limits<float>::denorm_min()}) {
    std::vector<float> vector = {size, 0, -size, size, size};
    ASSERT_TRUE(normalise(vector)) << size;
    EXPECT_FLOAT_EQ(vector[0], 0.5F) << size;
    EXPECT_FLOAT_EQ(vector[2], -0.5F) << size;
  }
}

TEST(EmbeddingTest, NormaliseRefusesWhatHasNoDirection) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  for (std::vector<float> vector :
       {std::vector<float>{}, {0, 0, -0.0F}, {1, nan}, {infinity, 1}, {1, -infinity}}) {
    const std::vector<float> before = vector;
    const Status status = normalise(vector);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Errc::kBadArgument);
    for (std::size_t i = 0; i < vector.size(); ++i) {  // untouched
      EXPECT_EQ(std::bit_cast<std::uint32_t>(vector[i]), std::bit_cast<std::uint32_t>(before[i]));
    }
  }
}

TEST(EmbeddingTest, CosineOfKnownAngles) {
  const std::vector<float> east = {1, 0};
  const std::vector<float> north = {0, 1};
  const std::vector<float> west = {-1, 0};
  const std::vector<float> between = {std::sqrt(0.5F), std::sqrt(0.5F)};
  EXPECT_EQ(cosine(east, east), 1);
  EXPECT_EQ(cosine(east, north), 0);
  EXPECT_EQ(cosine(east, west), -1);
  EXPECT_NEAR(cosine(east, between), std::sqrt(0.5), 1e-7);
  EXPECT_EQ(cosine({}, {}), 0);
  EXPECT_EQ(cosine(east, std::vector<float>{1, 0, 0}), 0);
}

// The order of the sum is part of the promise: these bits are those of any machine.
TEST(EmbeddingTest, CosineHasTheSameBitsEverywhere) {
  const std::vector<float> a = noise(512, 1);
  const std::vector<float> b = noise(512, 2);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const volatile double product = double{a[i]} * double{b[i]};  // rounded: no fused addition
    sum += product;
  }
  EXPECT_EQ(cosine(a, b), static_cast<float>(sum));
  EXPECT_EQ(cosine(a, b), cosine(b, a));
}

}  // namespace
}  // namespace semblance
