// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: keeps a semblance-extract running, also when one of them dies.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "extract/channel.h"
#include "extract/supervisor_link.h"
#include "semblance/result.h"

namespace semblance::extract {

/// How often a program that dies is run again within kRestartWindow.
inline constexpr std::size_t kMaxRestarts = 3;
inline constexpr std::chrono::seconds kRestartWindow{60};

/// The one program of a pool, and another in its place when it is gone. Thread-safe.
///
/// Who notices first that the program is gone runs it again; the others wait for that and get the
/// same new link. What cannot be mended is remembered: from then on every call gives that error.
class SupervisorKeeper {
 public:
  /// Runs the program; fails as SupervisorLink::start does.
  static Result<std::unique_ptr<SupervisorKeeper>> start(const WorkerOptions& options);

  /// The link to a program that, as far as is known, runs. Errc::kWorker if it died too often,
  /// cannot be run any more, or now has other libraries or models than before.
  Result<std::shared_ptr<SupervisorLink>> running();

  /// Forks a worker, waits until it takes items, and tells whose child it is. Errc::kWorker as
  /// running(), or if the program can fork no more (where the machine is short of memory or of
  /// processes it waits for two minutes), or if the worker lacks a protection that is
  /// required, or that the first one had.
  Result<WorkerHandle> start_worker(std::shared_ptr<SupervisorLink>& parent);

  /// The error that every call gives from now on, or success.
  Status health() const;

  /// As the program greeted; the same in every run of it.
  const std::string& decoders() const noexcept { return decoders_; }
  const std::vector<EmbedderId>& embedders() const noexcept { return embedders_; }

  /// What confines the workers: what the first one said. Empty before there was one.
  Protections protections() const;

 private:
  SupervisorKeeper(const WorkerOptions& options, std::vector<std::string> models,
                   std::shared_ptr<SupervisorLink> link);
  Status restart();
  Result<WorkerHandle> try_to_start_worker(std::shared_ptr<SupervisorLink>& parent);
  Status check(const WorkerReady& ready);
  Error fail(Error error);

  const std::string program_;
  const std::vector<std::string> models_;
  const Isolation isolation_;
  const std::string decoders_;
  const std::vector<EmbedderId> embedders_;
  mutable std::mutex mutex_;
  std::shared_ptr<SupervisorLink> link_;
  std::vector<Clock::time_point> restarts_;  // those within the window
  std::optional<Error> failure_;
  std::optional<Protections> protections_;
};

}  // namespace semblance::extract
