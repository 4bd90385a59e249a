// SPDX-License-Identifier: Apache-2.0
// Batches of gray pictures for a GPU, and what the CPU says of them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "hash/pdq_signal.h"
#include "hash/pictures.h"
#include "hash/reducer.h"
#include "pdq/device_pdq.h"

namespace semblance::kernels {

/// Pictures that lie in one run of bytes, whatever stands between them.
struct Batch {
  std::vector<std::uint8_t> bytes;
  std::vector<DevicePicture> pictures;

  /// Appends a picture made from a seed, `gap` bytes after the one before, its rows `slack` apart.
  void add(std::uint32_t width, std::uint32_t height, std::uint32_t gap = 0,
           std::uint32_t slack = 0) {
    const auto made = semblance::pictures::make_picture(width, height, 1, 7 + pictures.size());
    const DevicePicture place = {bytes.size() + gap, std::uint64_t{width} + slack, width, height};
    bytes.resize(place.offset + place.stride * (height - 1) + width, 0xff);
    for (std::size_t y = 0; y < height; ++y) {
      std::copy_n(made.pixels.data() + y * width, width,
                  bytes.data() + place.offset + y * place.stride);
    }
    pictures.push_back(place);
  }

  DevicePictures view() const {
    return {bytes.data(), bytes.size(), DeviceMemory::kHost, pictures.data(), pictures.size()};
  }
};

/// The buffer that the CPU reduces a picture to.
inline std::array<float, hash::kReducedPixels> cpu_luma(const Batch& batch, std::size_t i) {
  const DevicePicture& place = batch.pictures[i];
  const auto reducer = hash::make_reducer(place.height, place.width, 1);
  for (std::uint32_t y = 0; y < place.height; ++y) {
    const std::uint8_t* row = batch.bytes.data() + place.offset + y * place.stride;
    reducer->add_rows(&row, 1);
  }
  std::array<float, hash::kReducedPixels> luma;
  reducer->finish(luma);
  return luma;
}

/// Expects the quality and all eight hashes of `luma` to be those of the CPU.
inline void expect_cpu_hashes(const DevicePdq& result,
                              std::span<const float, hash::kReducedPixels> luma,
                              const std::string& what) {
  const PdqSignal expected = hash::make_signal(luma, PdqProfile::kFull);
  EXPECT_EQ(result.quality, expected.quality) << what;
  for (std::size_t t = 0; t < kTransforms; ++t) {
    Hash256 hash;
    std::copy_n(result.hashes[t], Hash256::kBytes, hash.bytes.begin());
    EXPECT_EQ(to_hex(hash), to_hex(expected.hashes[t])) << what << ' ' << t;
  }
}

}  // namespace semblance::kernels
