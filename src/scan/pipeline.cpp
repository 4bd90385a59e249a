// SPDX-License-Identifier: Apache-2.0
#include "scan/pipeline.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_pipeline.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

namespace semblance::scanner {
namespace {

constexpr int kMostJobs = 512;  // more threads than any machine uses; a typo must not start them

// One item on its way through the pipeline.
struct Token {
  std::uint64_t index = 0;  // in order of admission
  WalkedItem walked;
};
using TokenPtr = std::shared_ptr<Token>;  // a pipeline's token must be copyable

// What the line of an item holds while it waits.
std::size_t waiting_bytes(const Finished& finished) {
  return sizeof finished + finished.line.capacity() + finished.evidence.capacity() +
         finished.item.path.capacity() + finished.extraction.pdq.capacity() * sizeof(PdqSignal) +
         finished.extraction.frames.capacity() * sizeof(FrameSignal) +
         (finished.extraction.tmk ? kTmkBytes : 0);
}

class Run {
 public:
  Run(Walk& walk, const WaitingBounds& bounds, const Steps& steps, const StopFlag* stop)
      : walk_(walk), steps_(steps), stop_(stop), output_(bounds, steps.consume) {}

  // Stage 1, serial: the next item, or null at the end.
  TokenPtr take() {
    const AbandonOnThrow guard(output_);
    Admission admission = output_.admit();
    for (; admission == Admission::kOldestIsIdle; admission = output_.admit()) work_on_oldest();
    if (admission == Admission::kEnded) return nullptr;
    // Asked after the wait: a stop that came meanwhile takes no further item.
    if (stop_ != nullptr && stop_->load()) {
      interrupted_ = true;
      return nullptr;
    }
    auto next = walk_.next();
    if (!next) {
      output_.fail(std::move(next).error());
      return nullptr;
    }
    if (!next->has_value()) return nullptr;
    if (steps_.walked) steps_.walked(**next);
    auto token = std::make_shared<Token>();
    token->index = admitted_++;
    token->walked = std::move(**next);
    const std::lock_guard lock(idle_mutex_);
    return idle_.emplace(token->index, std::move(token)).first->second;
  }

  // Stage 2, parallel. Never waits for stage 1; see OrderedOutput.
  void work(const Token& token) {
    const AbandonOnThrow guard(output_);
    if (!output_.begin(token.index)) return;
    {
      const std::lock_guard lock(idle_mutex_);
      idle_.erase(token.index);
    }
    auto finished = steps_.work(token.walked);
    if (!finished) return output_.fail(std::move(finished).error());
    const std::size_t bytes = waiting_bytes(*finished);
    output_.finish(token.index, std::move(*finished), bytes);
  }

  Result<bool> result() {
    if (output_.error()) return *output_.error();
    return interrupted_;
  }

 private:
  // An exception ends the run: without this, stage 1 could wait for an item that is gone.
  class AbandonOnThrow {
   public:
    explicit AbandonOnThrow(OrderedOutput<Finished>& output) : output_(output) {}
    AbandonOnThrow(const AbandonOnThrow&) = delete;
    AbandonOnThrow& operator=(const AbandonOnThrow&) = delete;
    ~AbandonOnThrow() {
      if (std::uncaught_exceptions() > before_) output_.abandon();
    }

   private:
    OrderedOutput<Finished>& output_;
    const int before_ = std::uncaught_exceptions();
  };

  // Does in stage 1 what the scheduler has not come to in stage 2, where it will find it done.
  void work_on_oldest() {
    TokenPtr token;
    {
      const std::lock_guard lock(idle_mutex_);
      const auto found = idle_.find(output_.oldest());
      if (found != idle_.end()) token = found->second;
    }
    if (token) work(*token);
  }

  Walk& walk_;
  const Steps& steps_;
  const StopFlag* stop_;
  std::uint64_t admitted_ = 0;
  bool interrupted_ = false;
  std::mutex idle_mutex_;
  std::map<std::uint64_t, TokenPtr> idle_;  // admitted, not begun: at most those in flight
  OrderedOutput<Finished> output_;
};

}  // namespace

Result<bool> run_pipeline(Walk& walk, int jobs, const WaitingBounds& bounds, const Steps& steps,
                          const StopFlag* stop) {
  if (jobs < 1) return Error{Errc::kBadArgument, "scan: jobs must be at least 1"};
  const int threads = 2 * std::min(jobs, kMostJobs);
  Run run(walk, bounds, steps, stop);
  try {
    // oneTBB starts no more threads than the machine has CPUs unless told; ours wait for workers.
    const tbb::global_control more_threads(tbb::global_control::max_allowed_parallelism,
                                           static_cast<std::size_t>(threads));
    tbb::task_arena arena(threads);
    arena.execute([&] {
      tbb::parallel_pipeline(
          static_cast<std::size_t>(threads),
          tbb::make_filter<void, TokenPtr>(tbb::filter_mode::serial_in_order,
                                           [&](tbb::flow_control& flow) {
                                             TokenPtr token = run.take();
                                             if (!token) flow.stop();
                                             return token;
                                           }) &
              tbb::make_filter<TokenPtr, void>(tbb::filter_mode::parallel,
                                               [&](const TokenPtr& token) { run.work(*token); }));
    });
  } catch (const std::bad_alloc&) {
    return Error{Errc::kLimit, "scan: out of memory", ENOMEM};
  }
  return run.result();
}

void report(const Finished& finished, Progress* progress) noexcept {
  if (progress == nullptr) return;
  ++progress->items;
  progress->bytes += finished.bytes;
  ++progress->by_outcome[static_cast<std::size_t>(finished.verdict.outcome)];
}

}  // namespace semblance::scanner
