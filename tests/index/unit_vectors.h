// SPDX-License-Identifier: Apache-2.0
// Unit vectors made up for tests and benchmarks: in clusters, and at a known cosine of another.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace semblance {

/// Draws unit vectors; the same seed gives the same vectors.
class UnitVectors {
 public:
  UnitVectors(std::size_t dimension, std::uint64_t seed) : dimension_(dimension), rng_(seed) {}

  /// In any direction.
  std::vector<float> any() {
    std::vector<double> values(dimension_);
    for (double& value : values) value = normal_(rng_);
    return unit(values);
  }

  /// One whose product with `vector` is `cosine` (up to rounding), else in any direction.
  std::vector<float> near(std::span<const float> vector, double cosine) {
    std::vector<double> values(dimension_);
    double along = 0;
    double length = 0;
    for (std::size_t i = 0; i < dimension_; ++i) {
      values[i] = normal_(rng_);
      along += values[i] * static_cast<double>(vector[i]);
      length += static_cast<double>(vector[i]) * static_cast<double>(vector[i]);
    }
    double across = 0;
    for (std::size_t i = 0; i < dimension_; ++i) {
      values[i] -= along / length * static_cast<double>(vector[i]);
      across += values[i] * values[i];
    }
    const double scale = across > 0 ? std::sqrt((1 - cosine * cosine) / across) : 0;
    for (std::size_t i = 0; i < dimension_; ++i) {
      values[i] = cosine * static_cast<double>(vector[i]) + scale * values[i];
    }
    return unit(values);
  }

  /// `count` vectors, row-major, in clusters of about `cluster`: each has a product of `cosine`
  /// with the centre of its cluster, and about its square with the others.
  std::vector<float> clustered(std::size_t count, std::size_t cluster, double cosine) {
    std::vector<float> vectors;
    vectors.reserve(count * dimension_);
    std::vector<std::vector<float>> centres;
    for (std::size_t c = 0; c * cluster < count; ++c) centres.push_back(any());
    for (std::size_t i = 0; i < count; ++i) {
      const auto vector = near(centres[rng_() % centres.size()], cosine);
      vectors.insert(vectors.end(), vector.begin(), vector.end());
    }
    return vectors;
  }

  std::size_t below(std::size_t end) { return rng_() % end; }

 private:
  std::vector<float> unit(const std::vector<double>& values) const {
    double squares = 0;
    for (const double value : values) squares += value * value;
    std::vector<float> vector(dimension_);
    for (std::size_t i = 0; i < dimension_; ++i) {
      vector[i] = static_cast<float>(values[i] / std::sqrt(squares));
    }
    return vector;
  }

  const std::size_t dimension_;
  std::mt19937_64 rng_;
  std::normal_distribution<double> normal_;
};

}  // namespace semblance
