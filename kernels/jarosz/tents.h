// SPDX-License-Identifier: Apache-2.0
// PDQ's filter and point sampling along one side of a picture, as a sparse matrix of integers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace semblance::kernels {

/// Sides of the buffer that the filter reduces a picture to.
inline constexpr std::uint32_t kReducedSide = 64;

/// One integer row of the matrix: what it adds to an output of the side.
///
/// out[output] += sum over k < count of weight(k) * in[first + k] / divisor. The weights rise by
/// one to the plateau, stay there, and fall by one.
struct Tap {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t plateau = 0;
  std::uint32_t output = 0;   // 0..63
  std::uint64_t divisor = 1;  // at least the sum of the weights

  std::uint32_t end() const noexcept { return first + count; }
  std::uint32_t weight(std::uint32_t k) const noexcept {
    return std::min({k + 1, plateau, count - k});
  }
};

/// The whole matrix of one side.
///
/// 64 taps, one an output; 65 where the filter's window is even: then the last output needs two
/// taps, because one of the means it averages is cut by the border and has its own divisor. No
/// other window of a sampled output ever meets a border. Taps are ordered: `first` and `end()`
/// never decrease, at most three taps share a sample where the side is 64 or more, and taps of
/// equal samples follow each other where it is less.
struct Tents {
  std::uint32_t size = 0;
  std::uint32_t window = 1;  // of each of the two box passes
  std::vector<Tap> taps;
};

/// The matrix of a side of `size` samples, at least 1.
/// **Source:** ThreatExchange pdq/cpp/downscaling/downscaling.cpp, two passes of a box filter and
/// centre-aligned decimation; src/hash/README.md derives the matrix from it.
Tents make_tents(std::uint32_t size);

}  // namespace semblance::kernels
