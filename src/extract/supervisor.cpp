// SPDX-License-Identifier: Apache-2.0
#include "extract/supervisor.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "decode/decode.h"
#include "extract/channel.h"
#include "extract/wire.h"
#include "extract/worker.h"
#include "semblance/version.h"

namespace semblance::extract {
namespace {

constexpr int kExitProtocol = 71;

int reap(pid_t worker) {
  int status = 0;
  while (::waitpid(worker, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// The workers that were forked and not reaped yet. A pid cannot be used anew while it is here.
class Workers {
 public:
  explicit Workers(int control) : control_(control) {}
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() {
    for (const auto& [id, pid] : pids_) ::kill(pid, SIGKILL);
    for (const auto& [id, pid] : pids_) reap(pid);
  }

  Status start() {
    auto ends = make_channel();
    if (!ends) return refuse(ends.error().native, ends.error().what);
    const pid_t self = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) {
      const Error error = io_error("fork", "worker", errno);
      return refuse(error.native, error.what);
    }
    if (pid == 0) run_worker(std::move(ends->second), self);
    const std::uint32_t id = next_++;
    pids_.emplace(id, pid);
    // Both ends close here: the worker's death must be the end of the engine's side.
    return say(WorkerStarted{id}, ends->first.get());
  }

  Status stop(std::uint32_t id) {
    const auto found = pids_.find(id);
    if (found == pids_.end()) return refuse(ESRCH, "stop worker: there is none of that number");
    ::kill(found->second, SIGKILL);  // changes nothing for one that is dying of something else
    const int status = reap(found->second);
    pids_.erase(found);
    return say(WorkerStopped{id, status});
  }

  Status say(const Message& message, int descriptor = -1) {
    PacketWriter packet;
    packet.add(message);
    return send_packet(control_, packet.bytes(), descriptor);
  }

 private:
  Status refuse(int number, std::string what) { return say(Refused{number, std::move(what)}); }

  int control_;
  std::map<std::uint32_t, pid_t> pids_;
  std::uint32_t next_ = 1;
};

}  // namespace

int serve_engine(int control) {
  Workers workers(control);
  std::vector<std::uint8_t> buffer(kMaxPacketBytes);
  const Hello hello{kProtocol, std::string(version()), std::string(build_description()),
                    decode::decoder_versions()};
  auto said = workers.say(hello);
  while (said) {
    auto packet = receive_packet(control, buffer);
    if (!packet) return kExitProtocol;
    if (packet->bytes == 0) return 0;
    std::span<const std::uint8_t> bytes(buffer.data(), packet->bytes);
    auto message = take_message(bytes);
    if (!message || !bytes.empty()) return kExitProtocol;
    if (std::holds_alternative<StartWorker>(*message)) {
      said = workers.start();
    } else if (const auto* stop = std::get_if<StopWorker>(&*message)) {
      said = workers.stop(stop->worker);
    } else {
      return kExitProtocol;
    }
  }
  return 0;
}

}  // namespace semblance::extract
