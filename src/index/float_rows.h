// SPDX-License-Identifier: Apache-2.0
// Private to src/index: unit vectors with their labels, and what decides about them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace semblance::index {

/// What a row is named by; HNSW's is signed.
inline constexpr std::size_t kMaxFloatRows = 0x7fffffff;

/// How far from 1 the length of a vector may be.
inline constexpr double kUnitTolerance = 1e-3;

/// What a builder throws, once it is told that what it builds is not wanted any more: an index that
/// is closed does not wait minutes for its merge.
struct Unwanted {};

/// Throws Unwanted if `stop` is set.
inline void go_on_unless(const std::atomic<bool>& stop) {
  if (stop.load(std::memory_order_relaxed)) throw Unwanted();
}

/// Rows that are owned elsewhere.
struct FloatRows {
  std::size_t count = 0;
  std::size_t dimension = 0;
  const float* vectors = nullptr;        // count x dimension, row-major
  const std::int64_t* labels = nullptr;  // by row

  const float* vector(std::size_t row) const noexcept { return vectors + row * dimension; }
};

/// Rows to build a segment of, in any order.
struct OwnedFloatRows {
  std::size_t dimension = 0;
  std::vector<float> vectors;
  std::vector<std::int64_t> labels;

  FloatRows view() const noexcept {
    return {labels.size(), dimension, vectors.data(), labels.data()};
  }
};

/// The product of two vectors that a hit is one by: in double, from the first value to the last.
double exact_product(const float* a, const float* b, std::size_t dimension) noexcept;

/// Whether the length of a vector is 1 to within kUnitTolerance; false if a value is not finite.
bool is_unit(std::span<const float> vector) noexcept;

/// The least product in floats, as kernels::inner_products computes it, of two unit vectors whose
/// exact product is at least `least`: no row below it can be a hit.
float float_bound(double least, std::size_t dimension) noexcept;

/// The rows in an order that depends on them alone: by label, then the bits of the vector.
std::vector<std::uint32_t> canonical_order(const FloatRows& rows);

/// The same numbers in an order that looks like chance and is always the same.
void scatter(std::vector<std::uint32_t>& numbers);

}  // namespace semblance::index
