// SPDX-License-Identifier: Apache-2.0
#include "scan/pipeline.h"

#include <stdexcept>

#include "scan/fakes.h"

namespace semblance::scanner {
namespace {

using scan_test::fill;
using scan_test::TempFolder;

struct PipelineTest : testing::Test {
  TempFolder folder;
  std::vector<std::string> consumed;
  Steps steps;

  PipelineTest() {
    steps.work = [](const WalkedItem& walked) -> Result<Finished> {
      Finished finished;
      finished.line = walked.item.path;
      return finished;
    };
    steps.consume = [this](Finished&& finished) {
      consumed.push_back(finished.line);
      return ok();
    };
  }

  Result<bool> run(int jobs, const WaitingBounds& bounds = {}, const StopFlag* stop = nullptr) {
    Walk walk({folder.path()}, -1);
    return run_pipeline(walk, jobs, bounds, steps, stop);
  }
};

TEST_F(PipelineTest, BoundsWhatWaitsForASlowHead) {
  constexpr int kJobs = 4;
  constexpr int kBound = 8;
  fill(folder, 200);
  std::atomic<int> done{0};
  std::atomic<int> done_while_head_was_slow{0};
  steps.work = [&](const WalkedItem& walked) -> Result<Finished> {
    if (walked.item.sequence == 0) {
      while (done < kBound) std::this_thread::yield();
      std::this_thread::sleep_for(std::chrono::milliseconds(50));  // time to do too many
      done_while_head_was_slow = done.load();
    }
    ++done;
    Finished finished;
    finished.line = walked.item.path;
    return finished;
  };
  auto ran = run(kJobs, {kBound, std::size_t{1} << 30});
  ASSERT_TRUE(ran);
  EXPECT_EQ(consumed.size(), 200u);
  EXPECT_GE(done_while_head_was_slow, kBound);
  EXPECT_LE(done_while_head_was_slow, kBound + 2 * kJobs);
}

TEST_F(PipelineTest, ReturnsTheFirstErrorOfAnyStep) {
  fill(folder, 100);
  const auto consume = steps.consume;
  steps.consume = [&](Finished&& finished) -> Status {
    if (consumed.size() == 10) return Error{Errc::kIo, "write: full", ENOSPC};
    return consume(std::move(finished));
  };
  auto ran = run(4, {4, 1'000'000});
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().what, "write: full");
  EXPECT_EQ(consumed.size(), 10u);

  consumed.clear();
  steps.consume = consume;
  steps.work = [](const WalkedItem& walked) -> Result<Finished> {
    if (walked.item.sequence == 20) return Error{Errc::kCorruptStore, "match: bad store"};
    return Finished{};
  };
  ran = run(4, {4, 1'000'000});
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, Errc::kCorruptStore);
  EXPECT_LE(consumed.size(), 20u);
}

TEST_F(PipelineTest, PassesACallersExceptionThroughAndMemoryAsAnError) {
  fill(folder, 100);
  const auto consume = steps.consume;
  steps.consume = [&](Finished&& finished) -> Status {
    if (consumed.size() == 10) throw std::runtime_error("the caller's own");
    return consume(std::move(finished));
  };
  EXPECT_THROW((void)run(4, {4, 1'000'000}), std::runtime_error);

  steps.consume = consume;
  steps.work = [](const WalkedItem& walked) -> Result<Finished> {
    if (walked.item.sequence == 20) throw std::bad_alloc();
    return Finished{};
  };
  auto ran = run(4, {4, 1'000'000});
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, Errc::kLimit);
}

TEST_F(PipelineTest, FinishesWhatIsInHandWhenStopped) {
  fill(folder, 100);
  StopFlag stop{false};
  std::atomic<std::size_t> worked{0};
  steps.work = [&](const WalkedItem& walked) -> Result<Finished> {
    if (++worked == 30) stop = true;
    Finished finished;
    finished.line = walked.item.path;
    return finished;
  };
  auto ran = run(3, {}, &stop);
  ASSERT_TRUE(ran);
  EXPECT_TRUE(*ran);
  EXPECT_EQ(consumed.size(), worked);
  EXPECT_LT(consumed.size(), 100u);
}

TEST_F(PipelineTest, RefusesNoJobs) {
  auto ran = run(0);
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, Errc::kBadArgument);
}

}  // namespace
}  // namespace semblance::scanner
