// SPDX-License-Identifier: Apache-2.0
#include "index/float_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <utility>

namespace semblance::index {

double exact_product(const float* a, const float* b, std::size_t dimension) noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < dimension; ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return sum;
}

bool is_unit(std::span<const float> vector) noexcept {
  const double length = std::sqrt(exact_product(vector.data(), vector.data(), vector.size()));
  return std::abs(length - 1) <= kUnitTolerance;  // false for what is not a number
}

float float_bound(double least, std::size_t dimension) noexcept {
  // What the kernel promises, for lengths up to 1 + kUnitTolerance, and a little more.
  const double off = 1.01 * 0x1p-24 * static_cast<double>(dimension) + 1e-30;
  const double bound = std::clamp(least, -2.0, 2.0) - off;
  return std::nextafter(static_cast<float>(bound), -std::numeric_limits<float>::infinity());
}

std::vector<std::uint32_t> canonical_order(const FloatRows& rows) {
  std::vector<std::uint32_t> order(rows.count);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&rows](std::uint32_t a, std::uint32_t b) {
    if (rows.labels[a] != rows.labels[b]) return rows.labels[a] < rows.labels[b];
    const auto bytes = rows.dimension * sizeof(float);
    return std::memcmp(rows.vector(a), rows.vector(b), bytes) < 0;
  });
  return order;
}

void scatter(std::vector<std::uint32_t>& numbers) {
  std::mt19937_64 rng(1);  // the standard says what it yields, and not what std::shuffle does
  for (std::size_t i = numbers.size(); i > 1; --i) {
    std::swap(numbers[i - 1], numbers[static_cast<std::size_t>(rng() % i)]);
  }
}

}  // namespace semblance::index
