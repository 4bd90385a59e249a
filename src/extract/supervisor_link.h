// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: the engine's side of the running semblance-extract program.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "core/files.h"
#include "extract/wire.h"
#include "semblance/result.h"

namespace semblance::extract {

/// Far above what an honest program needs on a loaded machine: only so that nothing waits for ever.
inline constexpr std::chrono::seconds kAnswerTime{30};

/// And for each model that it has to load first.
inline constexpr std::chrono::seconds kModelTime{60};

/// A worker process as the engine holds it.
struct WorkerHandle {
  std::uint32_t id = 0;    // the supervisor's number for it, never used twice
  FileDescriptor channel;  // non-blocking; at its end when the worker is gone
};

/// One run of semblance-extract. Thread-safe: one request at a time, the others wait.
///
/// Its workers die with this object, with this process, and with the program.
class SupervisorLink {
 public:
  /// Runs the program, with the models of these files, and waits for its greeting. Errc::kWorker if
  /// it cannot be run, cannot load a model, ends, says nothing, or is of another version or build.
  static Result<std::unique_ptr<SupervisorLink>> start(const std::string& program,
                                                       const std::vector<std::string>& models = {});
  SupervisorLink(const SupervisorLink&) = delete;
  SupervisorLink& operator=(const SupervisorLink&) = delete;
  ~SupervisorLink();

  /// Has a worker forked. Errc::kWorker if the program refuses or is gone.
  Result<WorkerHandle> start_worker(bool caged);

  /// Waits for what a worker just started says when it can take items. Errc::kWorker, and the
  /// worker is stopped, if it ends before or says nothing.
  Result<WorkerReady> expect_ready(const WorkerHandle& worker);

  /// Has a worker killed, if it still lives, and returns its wait status. Errc::kWorker if the
  /// program is gone: then the worker is too.
  Result<int> stop_worker(std::uint32_t id);

  /// Whether a call found that the program can no longer be asked: then no later one succeeds.
  bool gone();

  /// The libraries and models that the program's results depend on, with their versions, one a
  /// line.
  const std::string& decoders() const noexcept { return decoders_; }

  /// What it makes embeddings with.
  const std::vector<EmbedderId>& embedders() const noexcept { return embedders_; }

 private:
  SupervisorLink(pid_t program, FileDescriptor control) noexcept;
  Status expect_greeting(const std::string& program, std::chrono::seconds time);
  Result<Message> ask(const Message& question, FileDescriptor* descriptor);
  Result<Message> receive(FileDescriptor* descriptor, std::chrono::seconds time = kAnswerTime);
  Error lost(const std::string& cause);

  std::mutex mutex_;
  pid_t program_;
  FileDescriptor control_;
  std::string decoders_;
  std::vector<EmbedderId> embedders_;
  std::string lost_;  // why the program can no longer be asked; empty while it can
};

}  // namespace semblance::extract
