// SPDX-License-Identifier: Apache-2.0
#include "extract/turns.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace semblance::extract {
namespace {

TEST(Turns, GivesThePlaceThatWasGivenBackLast) {
  Turns turns(3);
  const std::size_t first = turns.enter();
  const std::size_t second = turns.enter();
  EXPECT_EQ(first, 0U);
  EXPECT_EQ(second, 1U);
  turns.leave(first);
  EXPECT_EQ(turns.enter(), first);
}

TEST(Turns, WhoIsAloneIsAloneAndNobodyWaitsForEver) {
  constexpr int kCallers = 6;
  constexpr int kRounds = 400;
  Turns turns(3);
  std::atomic<int> inside{0};
  std::atomic<int> intruders{0};
  std::atomic<int> too_many{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      for (int round = 0; round < kRounds; ++round) {
        const std::size_t place = turns.enter();
        if (++inside > 3) ++too_many;
        std::this_thread::yield();
        if ((round + caller) % 3 == 0) {  // several at once, also from every place
          --inside;
          turns.begin_alone();
          if (++inside != 1) ++intruders;
          std::this_thread::yield();
          if (inside != 1) ++intruders;
          turns.end_alone();
        }
        --inside;
        turns.leave(place);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(intruders, 0);
  EXPECT_EQ(too_many, 0);
}

}  // namespace
}  // namespace semblance::extract
