// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: the memory that libjpeg-turbo takes for a picture.
#pragma once

#include <cstdint>

namespace semblance::decode {

/// The sides of a JPEG picture and how its components are sampled.
struct JpegShape {
  std::uint32_t width = 0;  // pixels
  std::uint32_t height = 0;
  int components = 0;
  int max_h = 1;  // sampling factors
  int max_v = 1;
};

/// What the library will hold at once: some rows of blocks, and all coefficients if there are
/// several scans.
constexpr std::uint64_t jpeg_working_bytes(const JpegShape& shape, bool several_scans) noexcept {
  constexpr std::uint64_t kBlockSide = 8, kCoefficientBytes = 2;
  const auto padded = [](std::uint64_t side, int factor) {
    const std::uint64_t block = static_cast<std::uint64_t>(factor) * kBlockSide;
    return (side + block - 1) / block * block;
  };
  const std::uint64_t row =
      padded(shape.width, shape.max_h) * static_cast<std::uint64_t>(shape.components);
  // Samples with the row of blocks above and below, and what is upsampled of them.
  const std::uint64_t samples = row * kBlockSide * static_cast<std::uint64_t>(shape.max_v) * 3;
  const std::uint64_t rows = padded(shape.height, shape.max_v);
  return samples + (several_scans ? row * rows * kCoefficientBytes : 0);
}

}  // namespace semblance::decode
