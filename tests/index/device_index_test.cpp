// SPDX-License-Identifier: Apache-2.0
// The device index: on a GPU where there is one, else on its kernels run by the host; and the CPU
// standing in at every moment at which a device can fail.
#include "semblance/device_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "index/host_engine.h"

namespace semblance {
namespace {

using index::clustered_codes;
using index::host_engines;
using index::make_device_index_on;
using index::queries_near;
using index::Trouble;
using ::testing::HasSubstr;

constexpr int kChecked = 5;  // calls of an engine that its check takes: an append, four scans

std::vector<Hit> hits_of(const Index& index, const std::vector<Hash256>& queries,
                         int max_distance) {
  const auto hits = index.range_search(queries, max_distance);
  EXPECT_TRUE(hits) << hits.error().what;
  return hits ? *hits : std::vector<Hit>{};
}

// The same hits as the flat index, at every radius given.
void expect_flat_hits(const Index& index, const std::vector<Hash256>& codes,
                      const std::vector<Hash256>& queries, std::initializer_list<int> radii) {
  const auto flat = make_flat_index();
  ASSERT_TRUE(flat->add(codes));
  ASSERT_EQ(index.size(), codes.size());
  for (const int max_distance : radii) {
    ASSERT_EQ(hits_of(index, queries, max_distance), hits_of(*flat, queries, max_distance))
        << codes.size() << " codes, " << queries.size() << " queries, max_distance "
        << max_distance;
  }
}

std::string method_name(DeviceMethod method) {
  switch (method) {
    case DeviceMethod::kPopcount:
      return "Popcount";
    case DeviceMethod::kInt8:
      return "Int8";
    case DeviceMethod::kBinary:
      return "Binary";
  }
  return "Unknown";
}

kernels::DeviceMethod kernel_of(DeviceMethod method) {
  return static_cast<kernels::DeviceMethod>(method);
}

class DeviceMethodTest : public ::testing::TestWithParam<DeviceMethod> {};
INSTANTIATE_TEST_SUITE_P(Methods, DeviceMethodTest,
                         ::testing::Values(DeviceMethod::kPopcount, DeviceMethod::kInt8,
                                           DeviceMethod::kBinary),
                         [](const auto& one) { return method_name(one.param); });

// --- On the kernels, run by the host ---

TEST_P(DeviceMethodTest, TheKernelsOnTheHostFindWhatTheFlatIndexFinds) {
  for (const std::size_t n : {1U, 31U, 127U, 128U, 129U, 700U}) {
    const auto codes = clustered_codes(n, n);
    const auto index =
        make_device_index_on(host_engines(kernel_of(GetParam()), std::make_shared<Trouble>()));
    ASSERT_TRUE(index->add(codes));
    for (const std::size_t count : {1U, 16U, 70U}) {
      expect_flat_hits(*index, codes, queries_near(codes, count), {0, 31, 32, 255, 256});
    }
    EXPECT_EQ(index->facts().cpu_searches, 0U);
    EXPECT_EQ(index->facts().why, "");
    EXPECT_EQ(index->facts().device_bytes, 32 * n);
  }
}

// --- On a GPU ---

TEST_P(DeviceMethodTest, AGpuFindsWhatTheFlatIndexFinds) {
  if (const auto gpu = device_facts(); !gpu) GTEST_SKIP() << gpu.error().what;
  for (const std::size_t n : {1U, 31U, 127U, 128U, 129U, 5'000U, 300'000U}) {
    const auto codes = clustered_codes(n, n);
    const auto index = make_device_index({.device = 0, .method = GetParam()});
    const std::size_t half = n / 2;
    ASSERT_TRUE(index->add(std::span(codes).first(half)));
    ASSERT_TRUE(index->add(std::span(codes).subspan(half)));
    for (std::size_t count = 1; count <= 70; count += n > 1'000 ? 23 : 1) {
      expect_flat_hits(*index, codes, queries_near(codes, count), {0, 1, 30, 31, 32, 64});
    }
    if (n <= 5'000) {
      expect_flat_hits(*index, codes, queries_near(codes, 70), {95, 96, 128, 255, 256});
    }
    expect_flat_hits(*index, codes, queries_near(codes, n > 1'000 ? 300 : 5'000), {31});
    EXPECT_EQ(index->facts().cpu_searches, 0U) << index->facts().why;
    ASSERT_TRUE(index->facts().device.has_value()) << index->facts().why;
  }
}

TEST_P(DeviceMethodTest, AGpuFindsMoreHitsThanItsUsualRoom) {
  if (const auto gpu = device_facts(); !gpu) GTEST_SKIP() << gpu.error().what;
  const auto codes = clustered_codes(20'000, 3);
  const auto index = make_device_index({.device = 0, .method = GetParam()});
  ASSERT_TRUE(index->add(codes));
  expect_flat_hits(*index, codes, queries_near(codes, 30), {256});  // 600,000 hits
  EXPECT_EQ(index->facts().cpu_searches, 0U) << index->facts().why;
}

TEST_P(DeviceMethodTest, ConcurrentSearchesOnAGpuAgree) {
  if (const auto gpu = device_facts(); !gpu) GTEST_SKIP() << gpu.error().what;
  const auto codes = clustered_codes(5'000, 4);
  const auto queries = queries_near(codes, 40);
  const auto index = make_device_index({.device = 0, .method = GetParam()});
  ASSERT_TRUE(index->add(codes));
  const auto expected = hits_of(*index, queries, 40);
  std::vector<int> wrong(4);
  {
    std::vector<std::jthread> threads;
    for (int& count : wrong) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) {
          const auto hits = index->range_search(queries, 40);
          if (!hits || *hits != expected) ++count;
        }
      });
    }
  }
  EXPECT_THAT(wrong, ::testing::Each(0));
}

// --- The CPU standing in ---

class DeviceIndexTest : public ::testing::Test {
 protected:
  std::unique_ptr<DeviceIndex> make() {
    return make_device_index_on(host_engines(kernels::DeviceMethod::kPopcount, trouble_));
  }

  std::vector<Hash256> codes_ = clustered_codes(200, 5);
  std::vector<Hash256> queries_ = queries_near(codes_, 9);
  std::shared_ptr<Trouble> trouble_ = std::make_shared<Trouble>();
};

TEST_F(DeviceIndexTest, WhateverTheMachineHasTheAnswerIsTheSame) {
  const auto index = make_device_index();
  ASSERT_TRUE(index->add(codes_));
  expect_flat_hits(*index, codes_, queries_, {0, 31, 256});
  const auto facts = index->facts();
  EXPECT_EQ(facts.device_searches + facts.cpu_searches, 3U);
  EXPECT_EQ(facts.why.empty(), facts.device.has_value()) << facts.why;
}

TEST_F(DeviceIndexTest, AGpuThatIsNotThereIsNoError) {
  for (const int device : {-1, 4711}) {
    EXPECT_FALSE(device_facts(device));
    const auto index = make_device_index({.device = device, .method = DeviceMethod::kInt8});
    ASSERT_TRUE(index->add(codes_));
    expect_flat_hits(*index, codes_, queries_, {31});
    EXPECT_FALSE(index->facts().device);
    EXPECT_NE(index->facts().why, "");
    EXPECT_EQ(index->facts().cpu_searches, 1U);
    EXPECT_EQ(index->facts().device_bytes, 0U);
  }
}

// The device is lost at every call that there is, from the check at opening to the last search.
TEST_F(DeviceIndexTest, ADeviceThatIsLostAtAnyMomentCostsNoHit) {
  int calls = 0;
  for (int fail_at = 0; fail_at <= calls; ++fail_at) {
    trouble_ = std::make_shared<Trouble>();
    trouble_->fail_at = fail_at;
    const auto index = make();
    ASSERT_TRUE(index->add(std::span(codes_).first(150)));
    ASSERT_TRUE(index->add(std::span(codes_).subspan(150)));
    expect_flat_hits(*index, codes_, queries_, {31, 31, 256});
    const auto facts = index->facts();
    EXPECT_EQ(facts.device_searches + facts.cpu_searches, 3U);
    const bool failed = trouble_->calls > fail_at;
    EXPECT_EQ(facts.device.has_value(), !failed);
    EXPECT_EQ(facts.why, failed ? index::device_lost().what : "");
    if (failed) calls = fail_at + 1;
  }
  EXPECT_EQ(calls, kChecked + 5);  // two appends and three searches, each of which was lost once
}

TEST_F(DeviceIndexTest, ALostDeviceIsNotAskedAgain) {
  trouble_->fail_at = kChecked + 1;
  const auto index = make();
  ASSERT_TRUE(index->add(codes_));
  expect_flat_hits(*index, codes_, queries_, {31, 31, 31});
  EXPECT_EQ(trouble_->calls, kChecked + 2);
  EXPECT_EQ(index->facts().cpu_searches, 3U);
}

TEST_F(DeviceIndexTest, ADeviceThatLackedMemoryIsAskedAgain) {
  trouble_->short_at = kChecked + 1;
  const auto index = make();
  ASSERT_TRUE(index->add(codes_));
  expect_flat_hits(*index, codes_, queries_, {31, 31});
  const auto facts = index->facts();
  EXPECT_TRUE(facts.device);
  EXPECT_EQ(facts.cpu_searches, 1U);
  EXPECT_EQ(facts.device_searches, 1U);
  EXPECT_THAT(facts.why, HasSubstr("out of memory"));
}

TEST_F(DeviceIndexTest, CodesThatADeviceHasNoMemoryForAreSearchedOnTheCpu) {
  trouble_->short_at = kChecked;
  const auto index = make();
  ASSERT_TRUE(index->add(codes_));
  expect_flat_hits(*index, codes_, queries_, {31});
  EXPECT_FALSE(index->facts().device);
  EXPECT_EQ(index->facts().cpu_searches, 1U);
}

TEST_F(DeviceIndexTest, ADeviceThatAnswersWronglyIsFoundOutAtOpening) {
  trouble_->lie = [](std::uint64_t& found, auto& keys) {
    if (keys.empty()) return;
    keys.pop_back();  // consistent, and one hit short
    found = keys.size();
  };
  const auto index = make();
  EXPECT_FALSE(index->facts().device);
  EXPECT_THAT(index->facts().why, HasSubstr("not those of the CPU"));
  ASSERT_TRUE(index->add(codes_));
  expect_flat_hits(*index, codes_, queries_, {31});
}

TEST_F(DeviceIndexTest, ADistanceOutOfRangeIsRefusedAndReachesNoDevice) {
  const auto index = make();
  ASSERT_TRUE(index->add(codes_));
  const int calls = trouble_->calls;
  for (const int max_distance : {-1, 257, 1 << 30}) {
    const auto hits = index->range_search(queries_, max_distance);
    ASSERT_FALSE(hits);
    EXPECT_EQ(hits.error().code, Errc::kBadArgument);
  }
  EXPECT_EQ(trouble_->calls, calls);
  EXPECT_TRUE(index->facts().device);
}

TEST_F(DeviceIndexTest, AnEmptyIndexGivesNothing) {
  const auto index = make();
  EXPECT_EQ(index->size(), 0U);
  EXPECT_TRUE(hits_of(*index, queries_, 256).empty());
  ASSERT_TRUE(index->add({}));
  EXPECT_TRUE(hits_of(*index, {}, 256).empty());
}

TEST_F(DeviceIndexTest, SearchesDuringWhichTheDeviceIsLostAgree) {
  trouble_->fail_at = kChecked + 20;
  const auto index = make();
  ASSERT_TRUE(index->add(codes_));
  const auto flat = make_flat_index();
  ASSERT_TRUE(flat->add(codes_));
  const auto expected = hits_of(*flat, queries_, 60);
  std::vector<int> wrong(4);
  {
    std::vector<std::jthread> threads;
    for (int& count : wrong) {
      threads.emplace_back([&] {
        for (int i = 0; i < 10; ++i) {
          const auto hits = index->range_search(queries_, 60);
          if (!hits || *hits != expected) ++count;
        }
      });
    }
  }
  EXPECT_THAT(wrong, ::testing::Each(0));
  EXPECT_FALSE(index->facts().device);
  EXPECT_EQ(index->facts().device_searches, 19U);
}

}  // namespace
}  // namespace semblance
