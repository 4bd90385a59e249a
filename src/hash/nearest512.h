// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: the nearest-neighbour resize of the profile cli512, as rows stream past.
#pragma once

#include <cstdint>
#include <memory>

#include "hash/reducer.h"

namespace semblance::hash {

/// Resizes a picture to exactly 512 x 512, aspect ignored, and reduces the result.
///
/// Pixel d of a side of N comes from floor(d * N / 512); a side under 512 is enlarged.
/// **Source:** the behaviour of ThreatExchange pdq/cpp/io/pdqio.cpp (CImg's resize, type 1).
class Nearest512 {
 public:
  static constexpr std::uint32_t kSide = 512;

  /// Whether the profile resizes a picture of that size at all.
  static bool applies(std::uint32_t rows, std::uint32_t cols) noexcept {
    return rows > kSide || cols > kSide;
  }

  Nearest512(std::uint32_t rows, std::uint32_t cols, int channels);

  /// Takes the next `count` rows of the picture, each given by its address.
  void add_rows(const std::uint8_t* const* rows, std::uint32_t count);

  const Reducer& reducer() const { return *reducer_; }

 private:
  const std::uint32_t rows_;
  std::uint32_t row_ = 0;      // the next one of the source to come
  std::uint32_t resized_ = 0;  // rows of the result so far
  std::unique_ptr<Reducer> reducer_;
};

}  // namespace semblance::hash
