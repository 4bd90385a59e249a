// SPDX-License-Identifier: Apache-2.0
// The bounds on what one input may cost. On by default; raising one is explicit.
#pragma once

#include <cstdint>

namespace semblance {

/// The most that one input may cost. Crossing any is the outcome `over_limit` or `timed_out`
/// of that input alone.
struct Limits {
  std::uint64_t max_bytes = std::uint64_t{1} << 34;          // of the file; 16 GiB
  std::uint64_t max_pixels = std::uint64_t{1} << 28;         // width x height of a picture; 268 MP
  std::uint64_t max_picture_bytes = std::uint64_t{1} << 30;  // decoded, held at once; 1 GiB
  std::uint32_t max_seconds = 60;                            // wall clock an item may take

  friend bool operator==(const Limits&, const Limits&) = default;
};

}  // namespace semblance
