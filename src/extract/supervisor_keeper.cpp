// SPDX-License-Identifier: Apache-2.0
#include "extract/supervisor_keeper.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "extract/detail.h"

namespace semblance::extract {
namespace {

// A machine short of memory or of processes may have some again in a moment.
constexpr std::chrono::milliseconds kFirstPause{100};  // and twice as long each time, up to
constexpr std::chrono::milliseconds kLongestPause{5000};
constexpr std::chrono::seconds kPatience{1};
// Where it is short of them an item may be the cause, which its own deadline then ends.
constexpr std::chrono::seconds kPatienceWhenShort{120};

bool is_short(const Error& error) noexcept {
  return error.native == EAGAIN || error.native == ENOMEM;
}

std::vector<std::string> lines_of(std::string_view text) {
  const std::string clean = tidy_lines(text);
  std::vector<std::string> lines;
  for (std::string_view rest = clean; !rest.empty();) {
    const std::size_t end = rest.find('\n');  // every line has one
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace

Result<std::unique_ptr<SupervisorKeeper>> SupervisorKeeper::start(const WorkerOptions& options) {
  // The program has another folder, and so may this one have by the time it is run again.
  std::vector<std::string> models;
  for (const std::string& model : options.models) {
    std::error_code failed;
    const auto path = std::filesystem::absolute(model, failed);
    if (failed) return io_error("find", model, failed.value());
    models.push_back(path.string());
  }
  auto link = SupervisorLink::start(options.program, models);
  if (!link) return std::move(link).error();
  return std::unique_ptr<SupervisorKeeper>(
      new SupervisorKeeper(options, std::move(models), std::move(*link)));
}

SupervisorKeeper::SupervisorKeeper(const WorkerOptions& options, std::vector<std::string> models,
                                   std::shared_ptr<SupervisorLink> link)
    : program_(options.program),
      models_(std::move(models)),
      isolation_(options.isolation),
      decoders_(link->decoders()),
      embedders_(link->embedders()),
      link_(std::move(link)) {}

Result<std::shared_ptr<SupervisorLink>> SupervisorKeeper::running() {
  const std::scoped_lock lock(mutex_);
  if (failure_) return Error(*failure_);
  if (link_->gone()) {
    if (auto restarted = restart(); !restarted) {
      if (is_short(restarted.error())) return std::move(restarted).error();
      return fail(std::move(restarted).error());
    }
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
  auto link = SupervisorLink::start(program_, models_);
  if (!link) return std::move(link).error();
  if ((*link)->decoders() != decoders_ || (*link)->embedders() != embedders_) {
    return Error{Errc::kWorker, "run " + program_ +
                                    ": its decoding libraries or models are no longer those it "
                                    "began with"};
  }
  link_ = std::move(*link);
  return ok();
}

Result<WorkerHandle> SupervisorKeeper::start_worker(std::shared_ptr<SupervisorLink>& parent) {
  const auto begun = Clock::now();
  for (auto pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    auto worker = try_to_start_worker(parent);
    if (worker) return worker;
    const std::scoped_lock lock(mutex_);
    if (failure_) return Error(*failure_);
    const auto patience = is_short(worker.error()) ? kPatienceWhenShort : kPatience;
    if (Clock::now() - begun + pause > patience) return fail(std::move(worker).error());
    std::this_thread::sleep_for(pause);  // the others could start none either
  }
}

Result<WorkerHandle> SupervisorKeeper::try_to_start_worker(
    std::shared_ptr<SupervisorLink>& parent) {
  for (;;) {
    auto link = running();
    if (!link) return std::move(link).error();
    auto worker = (*link)->start_worker(isolation_ != Isolation::kNone);
    auto ready = worker ? (*link)->expect_ready(*worker) : Result<WorkerReady>(worker.error());
    if (!ready && (*link)->gone()) continue;  // ends: running() does not run it for ever
    if (!ready) return std::move(ready).error();
    parent = std::move(*link);
    if (auto as_asked = check(*ready); !as_asked) {
      const std::scoped_lock lock(mutex_);
      return fail(std::move(as_asked).error());
    }
    return worker;
  }
}

Status SupervisorKeeper::check(const WorkerReady& ready) {
  const Protections now{isolation_, lines_of(ready.active), lines_of(ready.missing)};
  if (isolation_ == Isolation::kRequire && !now.missing.empty()) {
    std::string all;
    for (const std::string& one : now.missing) all += (all.empty() ? "" : ", ") + one;
    return Error{Errc::kWorker, "isolate workers: this machine does not give " + all};
  }
  const std::scoped_lock lock(mutex_);
  if (!protections_) protections_ = now;
  if (*protections_ == now) return ok();
  return Error{Errc::kWorker, "isolate workers: a worker is no longer protected as the first was"};
}

Protections SupervisorKeeper::protections() const {
  const std::scoped_lock lock(mutex_);
  return protections_.value_or(Protections{isolation_, {}, {}});
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
