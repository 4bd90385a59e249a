// SPDX-License-Identifier: Apache-2.0
#include "extract/supervisor.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "extract/channel.h"
#include "extract/embedders.h"
#include "extract/isolation/cage.h"
#include "extract/isolation/warm_up.h"
#include "extract/wire.h"
#include "extract/worker.h"
#include "semblance/version.h"

namespace semblance::extract {
namespace {

constexpr int kExitProtocol = 71;
constexpr int kExitThreads = 72;
constexpr int kExitModels = 73;

constexpr int kDeathTime_ms = 5000;

/// The wait status of a worker that was sent SIGKILL, or nothing if it does not die: in the midst
/// of reading from a disk that does not answer, it cannot.
std::optional<int> reap(pid_t worker) {
  // glibc 2.36 declares pidfd_open without C linkage.
  const FileDescriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, worker, 0)));
  pollfd watched{ended.get(), POLLIN, 0};
  while (ended && ::poll(&watched, 1, kDeathTime_ms) < 0 && errno == EINTR) {
  }
  int status = 0;
  if (::waitpid(worker, &status, ended ? WNOHANG : 0) != worker) return std::nullopt;
  return status;
}

Status tell_engine(int control, const Message& message, int descriptor = -1) {
  PacketWriter packet;
  packet.add(message);
  return send_packet(control, packet.bytes(), descriptor);
}

/// The workers that were forked and not reaped yet. A pid cannot be used anew while it is here.
class Workers {
 public:
  Workers(int control, Embedders& embedders) : control_(control), embedders_(embedders) {}
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() {
    for (const auto& [id, pid] : pids_) ::kill(pid, SIGKILL);
    for (const auto& [id, pid] : pids_) reap(pid);  // what lingers goes to init
  }

  Status start(bool caged) {
    auto ends = make_channel();
    if (!ends) return refuse(ends.error().native, ends.error().what);
    const pid_t self = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) {
      const Error error = io_error("fork", "worker", errno);
      return refuse(error.native, error.what);
    }
    if (pid == 0) run_worker(std::move(ends->second), self, caged, embedders_);
    const std::uint32_t id = next_++;
    pids_.emplace(id, pid);
    // Both ends close here: the worker's death must be the end of the engine's side.
    return say(WorkerStarted{id}, ends->first.get());
  }

  Status stop(std::uint32_t id) {
    const auto found = pids_.find(id);
    if (found == pids_.end()) return refuse(ESRCH, "stop worker: there is none of that number");
    ::kill(found->second, SIGKILL);  // changes nothing for one that is dying of something else
    const std::optional<int> status = reap(found->second);
    pids_.erase(found);  // one that lingers stays a child of ours, and costs its entry alone
    return say(WorkerStopped{id, status.value_or(SIGKILL)});
  }

  Status say(const Message& message, int descriptor = -1) {
    return tell_engine(control_, message, descriptor);
  }
  Status refuse(int number, std::string what) { return say(Refused{number, std::move(what)}); }

 private:
  int control_;
  Embedders& embedders_;
  std::map<std::uint32_t, pid_t> pids_;
  std::uint32_t next_ = 1;
};

}  // namespace

int serve_engine(int control, const std::vector<std::string>& models) {
  auto embedders = Embedders::open(models);
  if (!embedders) {
    const Error& why = embedders.error();
    std::ignore = tell_engine(control, Refused{why.native, why.what});
    return kExitModels;
  }
  Workers workers(control, **embedders);
  warm_up_shared(**embedders);
  // What a thread holds when a worker is forked, such as the allocator's lock, that worker would
  // wait for in vain.
  if (const int error = one_thread_or_error(); error != 0) {
    std::ignore = workers.refuse(
        error, std::string("check that it has one thread: ") + ::strerrordesc_np(error));
    return kExitThreads;
  }
  std::vector<std::uint8_t> buffer(kMaxPacketBytes);
  const Hello hello{kProtocol, std::string(version()), std::string(build_description()),
                    library_lines(), (*embedders)->ids()};
  auto said = workers.say(hello);
  while (said) {
    auto packet = receive_packet(control, buffer);
    if (!packet) return kExitProtocol;
    if (packet->bytes == 0) return 0;
    std::span<const std::uint8_t> bytes(buffer.data(), packet->bytes);
    auto message = take_message(bytes);
    if (!message || !bytes.empty()) return kExitProtocol;
    if (const auto* start = std::get_if<StartWorker>(&*message)) {
      said = workers.start(start->caged);
    } else if (const auto* stop = std::get_if<StopWorker>(&*message)) {
      said = workers.stop(stop->worker);
    } else {
      return kExitProtocol;
    }
  }
  return 0;
}

}  // namespace semblance::extract
