// SPDX-License-Identifier: Apache-2.0
#include "jarosz/block_tents.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

namespace semblance::kernels {
namespace {

// Block sides of 5 and more; even and odd windows; sides that end within a block.
const std::vector<std::uint32_t> kSizes = {40,  64,  100, 128, 129, 256,  257,  300,
                                           383, 512, 640, 769, 960, 1023, 2048, 4001};

using Line = std::function<double(double)>;  // a value for each sample

// What the exact matrix makes of a line.
std::vector<double> filtered(std::uint32_t size, const Line& line) {
  std::vector<double> out(kReducedSide, 0.0);
  for (const Tap& tap : make_tents(size).taps) {
    for (std::uint32_t k = 0; k < tap.count; ++k) {
      out[tap.output] += tap.weight(k) * line(tap.first + k) / static_cast<double>(tap.divisor);
    }
  }
  return out;
}

double wave(std::uint32_t x, int order) {
  return std::cos(static_cast<double>(2 * x + 1) * order * std::numbers::pi / 16);
}

// The orthonormal coefficient, from its definition; the last block goes on beyond the side.
double coefficient(std::uint32_t block, int order, const Line& line) {
  double sum = 0.0;
  for (std::uint32_t x = 0; x < kBlockSide; ++x) {
    sum += line(block * kBlockSide + x) * wave(x, order);
  }
  return sum * std::sqrt(order == 0 ? 0.125 : 0.25);
}

std::vector<double> filtered_by_blocks(std::uint32_t size, int orders, BlockModel model,
                                       const Line& line) {
  const BlockTents tents = make_block_tents(size, orders, model);
  std::vector<double> out(kReducedSide, 0.0);
  for (std::size_t i = 0; i < kReducedSide; ++i) {
    EXPECT_LE(tents.first[i] + tents.count[i], (size + kBlockSide - 1) / kBlockSide);
    for (int o = 0; o < orders; ++o) {
      for (std::uint32_t k = 0; k < tents.count[i]; ++k) {
        out[i] += double{tents.weight(i, o)[k]} * coefficient(tents.first[i] + k, o, line);
      }
    }
  }
  return out;
}

void expect_near(const std::vector<double>& actual, const std::vector<double>& expected,
                 double tolerance) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], tolerance) << "output " << i;
  }
}

TEST(BlockTents, PolynomialsOfTheFrequenciesThatAreKnownAreFilteredExactly) {
  for (const std::uint32_t size : kSizes) {
    for (const int orders : {1, 2}) {
      const int known = orders * (2 * static_cast<int>(polynomial_reach(orders)) + 1);
      for (int degree = 0; degree < known; ++degree) {
        const Line line = [&](double x) { return 100 * std::pow(x / size - 0.4, degree); };
        SCOPED_TRACE(::testing::Message() << size << ", orders " << orders << ", x^" << degree);
        expect_near(filtered_by_blocks(size, orders, BlockModel::kPolynomial, line),
                    filtered(size, line), 1e-3);
      }
    }
  }
}

TEST(BlockTents, WavesThatAreKnownAreFilteredExactly) {
  for (const std::uint32_t size : kSizes) {
    for (int orders = 1; orders <= kMaxBlockOrders; ++orders) {
      // In each block another mixture of the known waves.
      const Line line = [&](double x) {
        const auto sample = static_cast<std::uint32_t>(x);
        double value = 0.0;
        for (int o = 0; o < orders; ++o) {
          const double size_of_wave = 50 * std::sin(1.7 * (sample / kBlockSide) + o);
          value += size_of_wave * wave(sample % kBlockSide, o);
        }
        return value;
      };
      SCOPED_TRACE(::testing::Message() << size << ", orders " << orders);
      expect_near(filtered_by_blocks(size, orders, BlockModel::kWaves, line), filtered(size, line),
                  1e-3);
    }
  }
}

TEST(BlockTents, ASmoothLineIsFilteredTheBetterTheMoreIsKnown) {
  for (const std::uint32_t size : {640U, 1000U, 2048U}) {
    const Line line = [&](double x) {
      return 100 * std::sin(40 * x / size) + 20 * std::cos(x / 11);
    };
    const std::vector<double> exact = filtered(size, line);
    const auto error = [&](int orders, BlockModel model) {
      const std::vector<double> out = filtered_by_blocks(size, orders, model, line);
      double worst = 0.0;
      // Not the border, where the last block knows more than the picture.
      for (std::size_t i = 1; i + 1 < kReducedSide; ++i) {
        worst = std::fmax(worst, std::abs(out[i] - exact[i]));
      }
      return worst;
    };
    EXPECT_LT(error(1, BlockModel::kPolynomial), error(1, BlockModel::kWaves));
    EXPECT_LT(error(2, BlockModel::kPolynomial), error(2, BlockModel::kWaves));
    EXPECT_LT(error(2, BlockModel::kPolynomial), error(1, BlockModel::kPolynomial));
    EXPECT_LT(error(4, BlockModel::kWaves), error(3, BlockModel::kWaves));
  }
}

}  // namespace
}  // namespace semblance::kernels
