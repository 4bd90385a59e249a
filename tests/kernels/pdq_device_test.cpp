// SPDX-License-Identifier: Apache-2.0
// PDQ on the GPU itself, where there is one; and what is said where there is none.
#include "pdq/device_pdq.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/pdq_batches.h"

namespace semblance::kernels {
namespace {

TEST(PdqDeviceAbsentTest, WithoutAGpuOpeningSaysWhy) {
  int count = 0;
  const DeviceStatus status = device_count(&count);
  if (status == kDeviceOk) GTEST_SKIP() << "there is a GPU";
  DevicePdqHasher hasher;
  const DeviceStatus opened = hasher.open(0);
  EXPECT_NE(opened, kDeviceOk);
  EXPECT_NE(std::string(device_error_text(opened)), "");
  Batch batch;
  batch.add(8, 8);
  DevicePdq result;
  EXPECT_NE(hasher.hash(batch.view(), &result), kDeviceOk);
}

class PdqDeviceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    int count = 0;
    const DeviceStatus status = device_count(&count);
    if (status != kDeviceOk) GTEST_SKIP() << "no GPU: " << device_error_text(status);
    const DeviceStatus opened = hasher_.open(0);
    ASSERT_EQ(opened, kDeviceOk) << device_error_text(opened);
  }

  void expect_as_cpu(const Batch& batch) {
    std::vector<DevicePdq> results(batch.pictures.size());
    const DeviceStatus status = hasher_.hash(batch.view(), results.data());
    ASSERT_EQ(status, kDeviceOk) << device_error_text(status);
    for (std::size_t i = 0; i < results.size(); ++i) {
      expect_cpu_hashes(results[i], cpu_luma(batch, i), "picture " + std::to_string(i));
    }
  }

  DevicePdqHasher hasher_;
};

TEST_F(PdqDeviceTest, PicturesOfManySizesAreTheCpus) {
  Batch batch;
  for (std::uint32_t side = 1; side <= 600; side += side < 140 ? 1 : 13) {
    batch.add(side, 1 + side * 37 % 400, side % 4, side % 3);
    batch.add(1 + side * 41 % 700, side, side % 3, side % 4);
  }
  batch.add(4099, 1001, 1);
  batch.add(kMaxDeviceSide, 9);
  batch.add(9, kMaxDeviceSide, 1);
  expect_as_cpu(batch);
}

TEST_F(PdqDeviceTest, OneHasherServesLargeAndSmallCallsInTurn) {
  Batch small;
  small.add(64, 64);
  Batch large;
  for (int i = 0; i < 300; ++i) large.add(200, 150);
  for (int round = 0; round < 3; ++round) {
    expect_as_cpu(small);
    expect_as_cpu(large);
  }
}

TEST_F(PdqDeviceTest, BuffersAreTheCpus) {
  Batch batch;
  std::vector<float> luma;
  for (std::uint32_t i = 0; i < 200; ++i) {
    batch.add(64 + i, 64 + i / 2);
    const auto buffer = cpu_luma(batch, i);
    luma.insert(luma.end(), buffer.begin(), buffer.end());
  }
  std::vector<DevicePdq> results(200);
  ASSERT_EQ(hasher_.hash({luma.data(), DeviceMemory::kHost, results.size()}, results.data()),
            kDeviceOk);
  for (std::size_t i = 0; i < results.size(); ++i) {
    expect_cpu_hashes(results[i], cpu_luma(batch, i), "buffer " + std::to_string(i));
  }
}

TEST_F(PdqDeviceTest, ABadCallIsRefusedAndTheNextOneServed) {
  Batch batch;
  batch.add(100, 100);
  DevicePdq result;
  Batch beyond = batch;
  beyond.pictures[0].offset = 1;
  EXPECT_EQ(hasher_.hash(beyond.view(), &result), kDeviceBadArgument);
  EXPECT_EQ(hasher_.hash({nullptr, DeviceMemory::kHost, 1}, &result), kDeviceBadArgument);
  EXPECT_EQ(hasher_.hash(DevicePictures{}, nullptr), kDeviceOk);
  expect_as_cpu(batch);
}

}  // namespace
}  // namespace semblance::kernels
