// SPDX-License-Identifier: Apache-2.0
#include "extract/supervisor_keeper.h"

#include <thread>
#include <utility>

namespace semblance::extract {
namespace {

// A machine short of memory or of processes may have some again in a moment.
constexpr int kForkTries = 4;
constexpr std::chrono::milliseconds kFirstPause{100};  // and twice as long each time

}  // namespace

Result<std::unique_ptr<SupervisorKeeper>> SupervisorKeeper::start(const std::string& program) {
  auto link = SupervisorLink::start(program);
  if (!link) return std::move(link).error();
  return std::unique_ptr<SupervisorKeeper>(new SupervisorKeeper(program, std::move(*link)));
}

SupervisorKeeper::SupervisorKeeper(std::string program, std::shared_ptr<SupervisorLink> link)
    : program_(std::move(program)), decoders_(link->decoders()), link_(std::move(link)) {}

Result<std::shared_ptr<SupervisorLink>> SupervisorKeeper::running() {
  const std::scoped_lock lock(mutex_);
  if (failure_) return Error(*failure_);
  if (link_->gone()) {
    if (auto restarted = restart(); !restarted) return fail(std::move(restarted).error());
  }
  return std::shared_ptr<SupervisorLink>(link_);
}

Status SupervisorKeeper::restart() {
  const auto now = Clock::now();
  std::erase_if(restarts_, [&](Clock::time_point at) { return now - at > kRestartWindow; });
  if (restarts_.size() == kMaxRestarts) {
    return Error{Errc::kWorker, "run " + program_ + ": it ended " +
                                    std::to_string(kMaxRestarts + 1) + " times within " +
                                    std::to_string(kRestartWindow.count()) + " seconds"};
  }
  restarts_.push_back(now);
  auto link = SupervisorLink::start(program_);
  if (!link) return std::move(link).error();
  if ((*link)->decoders() != decoders_) {
    return Error{Errc::kWorker,
                 "run " + program_ + ": its decoding libraries are no longer those it began with"};
  }
  link_ = std::move(*link);
  return ok();
}

Result<WorkerHandle> SupervisorKeeper::start_worker(std::shared_ptr<SupervisorLink>& parent) {
  auto pause = kFirstPause;
  for (int tries = 1;;) {
    auto link = running();
    if (!link) return std::move(link).error();
    auto worker = (*link)->start_worker();
    if (worker) {
      parent = std::move(*link);
      return worker;
    }
    if ((*link)->gone()) continue;  // ends: running() does not run it again for ever
    if (tries++ == kForkTries) {
      const std::scoped_lock lock(mutex_);
      return fail(std::move(worker).error());
    }
    std::this_thread::sleep_for(pause);
    pause *= 2;
  }
}

Status SupervisorKeeper::health() const {
  const std::scoped_lock lock(mutex_);
  return failure_ ? Status(*failure_) : ok();
}

Error SupervisorKeeper::fail(Error error) {
  if (!failure_) failure_ = std::move(error);
  return *failure_;
}

}  // namespace semblance::extract
