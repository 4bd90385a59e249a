// SPDX-License-Identifier: Apache-2.0
#include "scan/ordered_output.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace semblance::scanner {
namespace {

TEST(OrderedOutputTest, GivesInOrderWhateverTheOrderOfFinishing) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<int> seen;
    OrderedOutput<int> output({1'000, 1'000}, [&](int&& value) {
      seen.push_back(value);
      return ok();
    });
    std::vector<std::uint64_t> order(100);
    std::iota(order.begin(), order.end(), 0);
    for (const auto i : order) {
      ASSERT_EQ(output.admit(), Admission::kAdmitted);
      output.begin(i);
    }
    std::shuffle(order.begin(), order.end(), random);
    for (const auto i : order) output.finish(i, static_cast<int>(i), 1);
    ASSERT_EQ(seen.size(), 100u);
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  }
}

TEST(OrderedOutputTest, HoldsBackBehindASlowItemAndGoesOnAfterIt) {
  std::vector<int> seen;
  OrderedOutput<int> output({4, 1'000}, [&](int&& value) {
    seen.push_back(value);
    return ok();
  });
  ASSERT_EQ(output.admit(), Admission::kAdmitted);
  output.begin(0);
  for (std::uint64_t i = 1; i <= 4; ++i) {
    ASSERT_EQ(output.admit(), Admission::kAdmitted);
    output.begin(i);
    output.finish(i, static_cast<int>(i), 1);
  }
  std::atomic<bool> admitted{false};
  std::thread taker([&] {
    EXPECT_EQ(output.admit(), Admission::kAdmitted);
    admitted = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_FALSE(admitted);
  output.finish(0, 0, 1);
  taker.join();
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(output.most_waiting_items(), 5u);
}

TEST(OrderedOutputTest, BoundsBytesAsWellAsItems) {
  OrderedOutput<std::string> output({1'000, 100}, [](std::string&&) { return ok(); });
  for (int i = 0; i < 2; ++i) ASSERT_EQ(output.admit(), Admission::kAdmitted);
  output.begin(0);
  output.finish(1, "x", 100);
  std::thread slow([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    output.finish(0, "x", 1);
  });
  EXPECT_EQ(output.admit(), Admission::kAdmitted);  // returns only because item 0 finishes
  EXPECT_EQ(output.most_waiting_items(), 2u);
  slow.join();
}

TEST(OrderedOutputTest, NeverWaitsForAnItemThatNoThreadHasBegun) {
  OrderedOutput<int> output({1, 1}, [](int&&) { return ok(); });
  ASSERT_EQ(output.admit(),
            Admission::kAdmitted);  // 0: admitted and not begun, perhaps by this very thread
  ASSERT_EQ(output.admit(), Admission::kAdmitted);
  output.begin(1);
  output.finish(1, 1, 1);
  ASSERT_EQ(output.admit(), Admission::kOldestIsIdle);
  EXPECT_EQ(output.oldest(), 0u);
  EXPECT_TRUE(output.begin(0));
  EXPECT_FALSE(output.begin(0));  // the thread that was to come to it finds it taken
  output.finish(0, 0, 1);
  EXPECT_EQ(output.admit(), Admission::kAdmitted);
}

TEST(OrderedOutputTest, StopsAtTheConsumersFirstError) {
  int seen = 0;
  OrderedOutput<int> output({10, 10}, [&](int&& value) -> Status {
    ++seen;
    if (value == 1) return Error{Errc::kIo, "write: full", 28};
    return ok();
  });
  for (std::uint64_t i = 0; i < 3; ++i) {
    ASSERT_EQ(output.admit(), Admission::kAdmitted);
    output.begin(i);
  }
  for (std::uint64_t i = 3; i-- > 0;) output.finish(i, static_cast<int>(i), 1);
  EXPECT_EQ(seen, 2);
  EXPECT_EQ(output.admit(), Admission::kEnded);
  ASSERT_TRUE(output.error());
  EXPECT_EQ(output.error()->what, "write: full");
}

TEST(OrderedOutputTest, AnExceptionOfTheConsumerReleasesWhoWaits) {
  OrderedOutput<int> output({1, 1}, [](int&&) -> Status { throw std::runtime_error("consumer"); });
  for (std::uint64_t i = 0; i < 2; ++i) {
    ASSERT_EQ(output.admit(), Admission::kAdmitted);
    output.begin(i);
  }
  output.finish(1, 1, 1);
  std::thread taker([&] { EXPECT_EQ(output.admit(), Admission::kEnded); });
  EXPECT_THROW(output.finish(0, 0, 1), std::runtime_error);
  taker.join();
}

TEST(OrderedOutputTest, ConsumesOnOneThreadAtATime) {
  constexpr std::uint64_t kItems = 4'000;
  std::atomic<int> inside{0};
  std::vector<std::uint64_t> seen;
  OrderedOutput<std::uint64_t> output({8, 1'000}, [&](std::uint64_t&& value) {
    EXPECT_EQ(++inside, 1);
    seen.push_back(value);
    --inside;
    return ok();
  });
  std::mutex taking;
  std::uint64_t next = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (;;) {
        std::uint64_t mine = 0;
        {
          const std::lock_guard lock(taking);
          if (next == kItems || output.admit() != Admission::kAdmitted) return;
          mine = next++;
          EXPECT_TRUE(output.begin(mine));  // under the lock: the oldest is never idle
        }
        if (mine % 97 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
        output.finish(mine, std::uint64_t{mine}, 1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_EQ(seen.size(), kItems);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_LE(output.most_waiting_items(), 8u + 4u);
}

}  // namespace
}  // namespace semblance::scanner
