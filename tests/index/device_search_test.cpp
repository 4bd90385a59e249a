// SPDX-License-Identifier: Apache-2.0
// A search in the scans that a device has room for, against the flat index.
#include "index/device_search.h"

#include <gtest/gtest.h>

#include "index/host_engine.h"
#include "semblance/index.h"

namespace semblance::index {
namespace {

using kernels::DeviceMethod;

std::vector<Hit> flat_hits(const std::vector<Hash256>& codes, const std::vector<Hash256>& queries,
                           int max_distance) {
  const auto flat = make_flat_index();
  EXPECT_TRUE(flat->add(codes));
  const auto hits = flat->range_search(queries, max_distance);
  return hits ? *hits : std::vector<Hit>{};
}

class DeviceSearchTest : public ::testing::Test {
 protected:
  void expect_flat_hits(HitRoom room) {
    for (const int max_distance : {0, 31, 110, 256}) {
      const auto hits = device_range_search(engine(), codes_.size(), queries_, max_distance, room);
      ASSERT_TRUE(hits) << hits.error().what;
      ASSERT_EQ(*hits, flat_hits(codes_, queries_, max_distance));
    }
  }

  DeviceEngine& engine() {
    if (!engine_) {
      engine_ = std::make_unique<HostEngine>(DeviceMethod::kPopcount, trouble_);
      EXPECT_TRUE(engine_->append(codes_));
    }
    return *engine_;
  }

  void expect_impossible() {
    const auto hits = device_range_search(engine(), codes_.size(), queries_, 256);
    ASSERT_FALSE(hits);
    EXPECT_EQ(hits.error().code, Errc::kDevice);
    EXPECT_NE(hits.error().what.find("answered with"), std::string::npos) << hits.error().what;
  }

  std::vector<Hash256> codes_ = clustered_codes(140, 1);
  std::vector<Hash256> queries_ = queries_near(codes_, 23);
  std::shared_ptr<Trouble> trouble_ = std::make_shared<Trouble>();
  std::unique_ptr<DeviceEngine> engine_;
};

TEST_F(DeviceSearchTest, WithRoomForEverythingOneScanDoes) {
  const auto hits = device_range_search(engine(), codes_.size(), queries_, 256);
  ASSERT_TRUE(hits);
  EXPECT_EQ(hits->size(), 140U * 23U);
  EXPECT_EQ(trouble_->calls, 2);  // the append, the scan
  expect_flat_hits({});
}

TEST_F(DeviceSearchTest, MoreHitsThanTheUsualRoomTakeASecondScan) {
  const auto hits = device_range_search(engine(), codes_.size(), queries_, 256, {100, 1U << 20});
  ASSERT_TRUE(hits);
  EXPECT_EQ(hits->size(), 140U * 23U);
  EXPECT_EQ(trouble_->calls, 3);
  expect_flat_hits({100, 1U << 20});
}

TEST_F(DeviceSearchTest, MoreHitsThanThereMayBeAreFoundInPartsOfTheQueries) {
  expect_flat_hits({100, 1'000});
}

TEST_F(DeviceSearchTest, MoreHitsOfOneQueryThanThereMayBeAreFoundInPartsOfTheRows) {
  expect_flat_hits({10, 50});
  expect_flat_hits({1, 1});
}

TEST_F(DeviceSearchTest, ADeviceThatCannotGrantTheRoomIsAskedForLess) {
  trouble_->most_room = 150;
  expect_flat_hits({64, 1U << 20});
}

TEST_F(DeviceSearchTest, ADeviceWithoutTheUsualRoomIsOutOfMemory) {
  trouble_->most_room = 10;
  const auto hits = device_range_search(engine(), codes_.size(), queries_, 31);
  ASSERT_FALSE(hits);
  EXPECT_TRUE(is_out_of_device_memory(hits.error()));
}

TEST_F(DeviceSearchTest, MoreQueriesThanOneScanTakes) {
  codes_ = clustered_codes(40, 2);
  queries_ = queries_near(codes_, kernels::kMaxDeviceQueries + 130);
  const auto hits = device_range_search(engine(), codes_.size(), queries_, 31);
  ASSERT_TRUE(hits);
  EXPECT_EQ(*hits, flat_hits(codes_, queries_, 31));
  EXPECT_EQ(hits->back().query, queries_.size() - 1);
}

TEST_F(DeviceSearchTest, NoCodesAndNoQueriesAskNothingOfTheDevice) {
  engine();
  const auto no_rows = device_range_search(engine(), 0, queries_, 256);
  const auto no_queries = device_range_search(engine(), codes_.size(), {}, 256);
  ASSERT_TRUE(no_rows && no_queries);
  EXPECT_TRUE(no_rows->empty() && no_queries->empty());
  EXPECT_EQ(trouble_->calls, 1);
}

TEST_F(DeviceSearchTest, ALostDeviceIsTheErrorOfItsScan) {
  trouble_->fail_at = 2;  // the second scan, when the first did not have room
  const auto hits = device_range_search(engine(), codes_.size(), queries_, 256, {10, 1U << 20});
  ASSERT_FALSE(hits);
  EXPECT_EQ(hits.error().native, 719);
}

TEST_F(DeviceSearchTest, MoreHitsThanPairsAreNotBelieved) {
  trouble_->lie = [](std::uint64_t& found, auto&) { found = 1U << 30; };
  expect_impossible();
}

TEST_F(DeviceSearchTest, FewerHitsThanCountedAreNotBelieved) {
  trouble_->lie = [](std::uint64_t&, auto& keys) { keys.pop_back(); };
  expect_impossible();
}

TEST_F(DeviceSearchTest, AHitOfNoQueryNoRowOrNoDistanceIsNotBelieved) {
  for (const std::uint64_t key :
       {kernels::device::hit_key(23, 0, 0), kernels::device::hit_key(0, 0, 140),
        kernels::device::hit_key(0, 257, 0)}) {
    trouble_->lie = [key](std::uint64_t&, auto& keys) { keys.front() = key; };
    expect_impossible();
  }
}

TEST_F(DeviceSearchTest, AHitGivenTwiceIsNotBelieved) {
  trouble_->lie = [](std::uint64_t&, auto& keys) { keys.front() = keys.back(); };
  expect_impossible();
}

TEST_F(DeviceSearchTest, AnotherCountTheSecondTimeIsNotBelieved) {
  const auto times = std::make_shared<int>(0);
  trouble_->lie = [times](std::uint64_t& found, auto& keys) {
    if (++*times == 1) return;
    keys.pop_back();
    found = keys.size();
  };
  const auto hits = device_range_search(engine(), codes_.size(), queries_, 256, {100, 1U << 20});
  ASSERT_FALSE(hits);
  EXPECT_EQ(hits.error().code, Errc::kDevice);
}

}  // namespace
}  // namespace semblance::index
