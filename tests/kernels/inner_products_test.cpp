// SPDX-License-Identifier: Apache-2.0
#include "products/inner_products.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <hwy/tests/hwy_gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace semblance::kernels {
namespace {

// Runs the bodies once per target that this CPU has, with that target forced.
class InnerProductsTest : public hwy::TestWithParamTarget {};
HWY_TARGET_INSTANTIATE_TEST_SUITE_P(InnerProductsTest);

constexpr float kCanary = -77.25F;

std::vector<float> random_floats(std::mt19937_64& rng, std::size_t count) {
  std::vector<float> values(count);
  for (float& value : values) {
    value = static_cast<float>(static_cast<double>(rng() >> 11) * 0x1p-52 - 1);
  }
  return values;
}

TEST_P(InnerProductsTest, AreTheReferencesToTheBit) {
  std::mt19937_64 rng(5);
  for (const std::size_t dimension : {1U, 2U, 3U, 15U, 16U, 17U, 31U, 64U, 255U, 256U, 300U}) {
    for (const std::size_t count : {0U, 1U, 2U, 3U, 4U, 5U, 9U}) {
      // One off every alignment, and a canary behind.
      const std::vector<float> query = random_floats(rng, dimension + 1);
      const std::vector<float> rows = random_floats(rng, dimension * count + 1);
      std::vector<float> expected(count + 1, kCanary);
      std::vector<float> actual = expected;
      inner_products_reference(query.data() + 1, rows.data() + 1, count, dimension,
                               expected.data());
      inner_products(query.data() + 1, rows.data() + 1, count, dimension, actual.data());
      EXPECT_EQ(actual, expected) << count << " rows of " << dimension;
    }
  }
}

TEST_P(InnerProductsTest, AreWithinTheBoundThatIsStated) {
  std::mt19937_64 rng(6);
  for (const std::size_t dimension : {1U, 16U, 100U, 1024U, 4096U}) {
    const std::vector<float> query = random_floats(rng, dimension);
    const std::vector<float> row = random_floats(rng, dimension);
    double exact = 0;
    double of_query = 0;
    double of_row = 0;
    for (std::size_t i = 0; i < dimension; ++i) {
      exact += static_cast<double>(query[i]) * row[i];
      of_query += static_cast<double>(query[i]) * query[i];
      of_row += static_cast<double>(row[i]) * row[i];
    }
    float product = 0;
    inner_products(query.data(), row.data(), 1, dimension, &product);
    EXPECT_LE(std::abs(product - exact),
              static_cast<double>(dimension) * 0x1p-24 * std::sqrt(of_query * of_row));
  }
}

// A fused multiply-add would keep what the product of two floats loses.
TEST_P(InnerProductsTest, FuseNothing) {
  std::vector<float> query(32, 0.0F);
  std::vector<float> row(32, 0.0F);
  query[0] = row[0] = 1.0F;
  query[16] = 1.0F + 0x1p-12F;  // the same partial sum
  row[16] = -(1.0F + 0x1p-12F);
  float product = 0;
  inner_products(query.data(), row.data(), 1, 32, &product);
  EXPECT_EQ(product, 1.0F - (1.0F + 0x1p-11F));
}

}  // namespace
}  // namespace semblance::kernels
