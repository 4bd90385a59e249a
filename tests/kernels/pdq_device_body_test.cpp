// SPDX-License-Identifier: Apache-2.0
// Whole kernels of PDQ for a GPU, run block by block on the host, against the CPU's own path.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "kernels/pdq_batches.h"
#include "kernels/pdq_blocks.h"

namespace semblance::kernels::device {
namespace {

using Buffer = std::array<float, hash::kReducedPixels>;

// Every buffer, to the bit, and then every hash.
void expect_as_cpu(const Batch& batch) {
  ASSERT_TRUE(are_well_formed(batch.view()));
  const std::vector<float> luma = emulate_reduction(Packed(batch.bytes), batch.pictures);
  const std::vector<DevicePdq> results = emulate_hashing(luma);
  for (std::size_t i = 0; i < batch.pictures.size(); ++i) {
    const DevicePicture& place = batch.pictures[i];
    const std::string what = std::to_string(place.width) + 'x' + std::to_string(place.height);
    const Buffer expected = cpu_luma(batch, i);
    ASSERT_EQ(std::memcmp(luma.data() + i * kBufferPixels, expected.data(), sizeof(expected)), 0)
        << what << ", picture " << i;
    expect_cpu_hashes(results[i], expected, what);
  }
}

TEST(PdqDeviceBodyTest, SidesAroundWhatTheFilterTurnsAt) {
  Batch batch;
  const std::vector<std::uint32_t> sides = {5,   63,  64,  65,  127, 128, 129,
                                            255, 256, 257, 384, 385, 512, 513};
  for (const std::uint32_t width : sides) {
    for (const std::uint32_t height : sides) batch.add(width, height);
  }
  expect_as_cpu(batch);
}

TEST(PdqDeviceBodyTest, EveryWidthAndEveryHeightUpTo300) {
  Batch batch;
  for (std::uint32_t side = 1; side <= 300; ++side) batch.add(side, 1 + side * 37 % 190);
  for (std::uint32_t side = 1; side <= 300; ++side) batch.add(1 + side * 41 % 190, side);
  expect_as_cpu(batch);
}

TEST(PdqDeviceBodyTest, SidesOfPhotographs) {
  Batch batch;
  for (const auto& [width, height] :
       {std::pair{640U, 480U}, {816U, 612U}, {1000U, 750U}, {1023U, 1499U}, {1500U, 1001U}}) {
    batch.add(width, height);
  }
  expect_as_cpu(batch);
}

// A block holds the sums of kHeldColumns columns: wider pictures are summed part by part.
TEST(PdqDeviceBodyTest, WidthsBeyondWhatABlockHolds) {
  Batch batch;
  for (const std::uint32_t width : {2047U, 2048U, 2049U, 2050U, 4096U, 4099U, 9000U}) {
    batch.add(width, 70, width % 5);
  }
  expect_as_cpu(batch);
}

TEST(PdqDeviceBodyTest, TheLongestSidesAndTheLargestSums) {
  Batch batch;
  batch.add(kMaxDeviceSide, 6);
  batch.add(6, kMaxDeviceSide, 3);
  batch.add(kMaxDeviceSide - 1, 65, 1);
  batch.add(300, 20'000, 2);
  std::ranges::fill(batch.bytes, std::uint8_t{255});
  expect_as_cpu(batch);
}

TEST(PdqDeviceBodyTest, PicturesAtAnyOffsetWithAnyStride) {
  Batch batch;
  for (std::uint32_t gap = 0; gap < 5; ++gap) {
    for (std::uint32_t slack = 0; slack < 5; ++slack) {
      batch.add(130 + slack, 131, gap, slack);
      batch.add(301, 9, gap, 100 + slack);
    }
  }
  expect_as_cpu(batch);
}

// With AddressSanitizer, a read beyond the last word of the batch ends this test.
TEST(PdqDeviceBodyTest, TheLastByteOfThePictureIsTheLastOfTheBatch) {
  for (std::uint32_t gap = 0; gap < 4; ++gap) {
    for (std::uint32_t width = 61; width < 65; ++width) {
      Batch batch;
      batch.add(width, 200, gap);
      expect_as_cpu(batch);
    }
  }
}

TEST(PdqDeviceBodyTest, PixelsAtRandomAndInTwoTones) {
  Batch batch;
  batch.add(333, 222);
  batch.add(97, 1100);
  batch.add(64, 64);
  std::mt19937_64 rng(3);
  for (auto& byte : batch.bytes) byte = static_cast<std::uint8_t>(rng());
  expect_as_cpu(batch);
  for (auto& byte : batch.bytes) byte = rng() % 2 == 0 ? 0 : 255;
  expect_as_cpu(batch);
}

// --- Buffers ---

void expect_hashes_of(const std::vector<Buffer>& buffers) {
  std::vector<float> luma;
  for (const Buffer& buffer : buffers) luma.insert(luma.end(), buffer.begin(), buffer.end());
  const std::vector<DevicePdq> results = emulate_hashing(luma);
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    expect_cpu_hashes(results[i], buffers[i], "buffer " + std::to_string(i));
  }
}

TEST(PdqDeviceBodyTest, BuffersOfEveryQuality) {
  std::mt19937_64 rng(5);
  std::vector<Buffer> buffers;
  for (int i = 0; i < 60; ++i) {
    const float range = 255.0F / static_cast<float>(1 + i * i);
    Buffer buffer;
    for (std::size_t k = 0; k < buffer.size(); ++k) {
      const float noise = static_cast<float>(rng() >> 40) * 0x1p-24F;
      const float wave = std::sin(static_cast<float>(k % 64 * static_cast<unsigned>(i)) * 0.03F);
      buffer[k] = range * (0.5F * noise + 0.25F * (wave + 1));
    }
    buffers.push_back(buffer);
  }
  expect_hashes_of(buffers);
}

// As the matched path may leave them, from a damaged file.
TEST(PdqDeviceBodyTest, BuffersThatAreNoLuma) {
  std::mt19937_64 rng(6);
  std::vector<Buffer> buffers(3);
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    const float range = i == 0 ? 1e3F : i == 1 ? 1e7F : 1e30F;
    for (auto& value : buffers[i]) {
      value = range * (static_cast<float>(rng() >> 40) * 0x1p-23F - 1);
    }
  }
  expect_hashes_of(buffers);
}

// Coefficients that are equal, or zeros of either sign: the median has many of its own value.
TEST(PdqDeviceBodyTest, BuffersWithoutStructure) {
  std::vector<Buffer> buffers(5);
  buffers[1].fill(255);
  buffers[2].fill(0.1F);
  for (std::size_t k = 0; k < kBufferPixels; ++k) {
    buffers[3][k] = k / kReducedSide % 2 == 0 ? 0.0F : 255.0F;
    buffers[4][k] = k % kReducedSide < kReducedSide / 2 ? 0.0F : 255.0F;
  }
  expect_hashes_of(buffers);
}

// The float quotient, as the reference has it, around every point at which it turns.
TEST(PdqDeviceBodyTest, GradientStepsAreThoseOfTheFloatQuotient) {
  const auto expected = [](float u, float v) {
    return std::abs(static_cast<int>((u - v) * 100.0F / 255.0F));
  };
  EXPECT_EQ(gradient_step(-1e30F, 5), 100);
  for (int n = 0; n <= 100; ++n) {
    float at = static_cast<float>(n) * 2.55F;
    for (int i = 0; i < 100; ++i) at = std::nextafter(at, -300.0F);
    for (int i = 0; i < 200; ++i, at = std::nextafter(at, 300.0F)) {
      ASSERT_EQ(gradient_step(at, 0), expected(at, 0)) << at;
      ASSERT_EQ(gradient_step(0, at), expected(0, at)) << at;
    }
  }
}

TEST(PdqDeviceBodyTest, KeysAreOrderedAsTheirFloats) {
  const std::vector<float> rising = {-3e38F, -1.5F, -1.0F, -1e-40F, 0.0F, 1e-40F, 1.0F, 3e38F};
  for (std::size_t i = 1; i < rising.size(); ++i) {
    EXPECT_LT(ordered_key(rising[i - 1]), ordered_key(rising[i]));
  }
  for (const float value : rising) EXPECT_EQ(from_ordered_key(ordered_key(value)), value);
}

// --- Real threads ---

TEST(PdqDeviceBodyTest, ThreadsThatRunAtOnceGiveTheSameBuffer) {
  Batch batch;
  batch.add(2100, 130, 1);  // two parts across, and two taps for the last row
  const Packed packed(batch.bytes);
  const std::vector<float> expected = emulate_reduction(packed, batch.pictures);
  std::vector<float> luma(kBufferPixels);
  const Reduction reduction = {packed.view(), batch.pictures.data(), luma.data()};
  for (const unsigned row : {0U, 30U, 63U}) {
    const auto memory = std::make_unique<ReductionMemory>();
    run_on_threads(row, [&](const RealThread& block) { reduce_row(block, reduction, *memory); });
    for (std::size_t k = row * 64; k < row * 64 + 64; ++k) ASSERT_EQ(luma[k], expected[k]) << k;
  }
}

TEST(PdqDeviceBodyTest, ThreadsThatRunAtOnceGiveTheSameHashes) {
  Batch batch;
  batch.add(130, 90);
  const Buffer buffer = cpu_luma(batch, 0);
  const std::vector<float> matrix = device_matrix();
  HashWords words{};
  const auto memory = std::make_unique<HashingMemory>();
  run_on_threads(0, [&](const RealThread& block) {
    hash_buffer(block, Hashing{buffer.data(), matrix.data(), &words}, *memory);
  });
  expect_cpu_hashes(std::bit_cast<DevicePdq>(words), buffer, "threads");
}

// --- What the host refuses ---

TEST(PdqDevicePicturesTest, PicturesWithinTheirBytesAreTaken) {
  Batch batch;
  batch.add(100, 50, 3, 7);
  EXPECT_TRUE(are_well_formed(batch.view()));
  EXPECT_TRUE(are_well_formed({}));
  batch.pictures[0].stride = 1ULL << 40;  // of a single row, which has no next
  batch.pictures[0].height = 1;
  EXPECT_TRUE(are_well_formed(batch.view()));
}

TEST(PdqDevicePicturesTest, WhatLiesOutsideIsRefused) {
  Batch good;
  good.add(100, 50, 3, 7);
  const DevicePicture place = good.pictures[0];
  const auto refused = [&](DevicePicture changed) {
    Batch batch = good;
    batch.pictures[0] = changed;
    return !are_well_formed(batch.view());
  };
  const std::uint64_t huge = ~std::uint64_t{0};
  EXPECT_TRUE(refused({place.offset + 1, place.stride, 100, 50}));
  EXPECT_TRUE(refused({huge, place.stride, 100, 50}));
  EXPECT_TRUE(refused({place.offset, place.stride + 1, 100, 50}));
  EXPECT_TRUE(refused({place.offset, huge / 4, 100, 50}));
  EXPECT_TRUE(refused({place.offset, 99, 100, 50}));
  EXPECT_TRUE(refused({place.offset, place.stride, 0, 50}));
  EXPECT_TRUE(refused({place.offset, place.stride, 100, 0}));
  EXPECT_TRUE(refused({0, 1ULL << 20, kMaxDeviceSide + 1, 1}));
  EXPECT_TRUE(refused({0, 1, 1, kMaxDeviceSide + 1}));
}

TEST(PdqDevicePicturesTest, ABatchThatCannotBeIsRefused) {
  Batch batch;
  batch.add(8, 8);
  DevicePictures what = batch.view();
  what.bytes = nullptr;
  EXPECT_FALSE(are_well_formed(what));
  what = batch.view();
  what.pictures = nullptr;
  EXPECT_FALSE(are_well_formed(what));
  what = batch.view();
  what.memory = DeviceMemory::kDevice;
  what.bytes += 1;
  EXPECT_FALSE(are_well_formed(what));
  what = batch.view();
  what.count = kMaxDevicePictures + 1;
  EXPECT_FALSE(are_well_formed(what));
}

}  // namespace
}  // namespace semblance::kernels::device
