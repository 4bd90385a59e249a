// SPDX-License-Identifier: Apache-2.0
// PDQ's filter and point sampling along one side of a picture, as a sparse matrix of integers.
#pragma once

#include <cstdint>
#include <vector>

#include "jarosz/tap.h"

namespace semblance::kernels {

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
