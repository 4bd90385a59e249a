// SPDX-License-Identifier: Apache-2.0
#include "extract/supervisor_link.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "extract/channel.h"
#include "extract/death.h"
#include "extract/detail.h"
#include "extract/embedder_ids.h"
#include "semblance/version.h"

namespace semblance::extract {
namespace {

constexpr int kExitTime_ms = 5000;

/// Of the variables of this process those that the loader, the allocator and the sanitizers read.
/// The others may hold what a decoder that was taken over must not learn.
std::vector<char*> needed_environment() {
  constexpr std::array<std::string_view, 6> kNeeded = {
      "LD_",           "GLIBC_TUNABLES=", "ASAN_OPTIONS=", "UBSAN_OPTIONS=",
      "LSAN_OPTIONS=", "TSAN_OPTIONS="};
  std::vector<char*> needed;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view variable(*one);
    const auto begins = [&](std::string_view word) { return variable.starts_with(word); };
    if (std::any_of(kNeeded.begin(), kNeeded.end(), begins)) needed.push_back(*one);
  }
  // Where OpenCV is linked as a shared library it brings OpenBLAS, which would start a thread for
  // every CPU before main.
  static std::string one_thread = "OPENBLAS_NUM_THREADS=1";
  needed.push_back(one_thread.data());
  needed.push_back(nullptr);
  return needed;
}

/// What posix_spawn needs, freed together.
class SpawnSetup {
 public:
  SpawnSetup() {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawnattr_init(&attributes_);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
  ~SpawnSetup() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  /// Null devices, the control socket, nothing else; a session and signals of its own, so that
  /// a Ctrl-C meant for the engine does not take the items in hand away from it.
  int fill(int control) {
    // The program ignores these, as soon as it can: until then they wait.
    sigset_t stops;
    sigset_t all;
    sigemptyset(&stops);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&stops, signal);
    sigfillset(&all);
    int rc = ::posix_spawn_file_actions_adddup2(&files_, control, kSocketDescriptor);
    const std::array flags = {O_RDONLY, O_WRONLY, O_WRONLY};
    for (int fd = 0; fd < 3 && rc == 0; ++fd) {
      rc = ::posix_spawn_file_actions_addopen(&files_, fd, "/dev/null",
                                              flags[static_cast<std::size_t>(fd)], 0);
    }
    if (rc == 0) {
      rc = ::posix_spawn_file_actions_addclosefrom_np(&files_, kSocketDescriptor + 1);
    }
    if (rc == 0) rc = ::posix_spawnattr_setsigmask(&attributes_, &stops);
    if (rc == 0) rc = ::posix_spawnattr_setsigdefault(&attributes_, &all);
    if (rc == 0) {
      rc = ::posix_spawnattr_setflags(
          &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    }
    return rc;
  }
  int spawn(const std::string& program, const std::vector<std::string>& models, pid_t& child) {
    std::vector<std::string> words = {program, "--serve"};
    for (const std::string& model : models) {
      words.emplace_back("--model");
      words.push_back(model);
    }
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::vector<char*> environment = needed_environment();
    return ::posix_spawn(&child, program.c_str(), &files_, &attributes_, arguments.data(),
                         environment.data());
  }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

Error cannot_run(const std::string& program, std::string_view cause, int number = 0) {
  return {Errc::kWorker, "run " + program + ": " + std::string(cause), number};
}

/// Waits for the program to end by itself, as it does when its control socket closes; kills it
/// if it does not. Returns its wait status.
int reap(pid_t program) {
  // glibc 2.36 declares pidfd_open without C linkage.
  const FileDescriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, program, 0)));
  pollfd watched{ended.get(), POLLIN, 0};
  int ready = -1;
  while (ended && (ready = ::poll(&watched, 1, kExitTime_ms)) < 0 && errno == EINTR) {
  }
  if (ready <= 0) ::kill(program, SIGKILL);
  int status = 0;
  while (::waitpid(program, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

SupervisorLink::SupervisorLink(pid_t program, FileDescriptor control) noexcept
    : program_(program), control_(std::move(control)) {}

SupervisorLink::~SupervisorLink() {
  control_.reset();  // tells the program to kill its workers and end
  if (program_ > 0) reap(program_);
}

Result<std::unique_ptr<SupervisorLink>> SupervisorLink::start(
    const std::string& program, const std::vector<std::string>& models) {
  auto ends = make_channel();
  if (!ends) return std::move(ends).error();
  pid_t child = -1;
  SpawnSetup setup;
  int rc = setup.fill(ends->second.get());
  if (rc == 0) rc = setup.spawn(program, models, child);
  if (rc != 0) {
    const Error error = io_error("run", program, rc);
    return Error{Errc::kWorker, error.what, rc};
  }
  ends->second.reset();  // so that the program's death is the end of our side
  std::unique_ptr<SupervisorLink> link(new SupervisorLink(child, std::move(ends->first)));
  if (auto set = set_non_blocking(link->control_.get()); !set) return std::move(set).error();
  const auto time = kAnswerTime + kModelTime * static_cast<int>(models.size());
  if (auto greeted = link->expect_greeting(program, time); !greeted) {
    return std::move(greeted).error();
  }
  return link;
}

Status SupervisorLink::expect_greeting(const std::string& program, std::chrono::seconds time) {
  auto message = receive(nullptr, time);
  if (!message) {
    if (lost_ != "it ended") return cannot_run(program, lost_);
    control_.reset();
    return cannot_run(program, describe_exit("it", reap(std::exchange(program_, -1))));
  }
  if (const auto* refused = std::get_if<Refused>(&*message)) {
    return cannot_run(program, tidy(refused->what), refused->number);
  }
  const Hello* hello = std::get_if<Hello>(&*message);
  if (hello == nullptr) return cannot_run(program, "it does not greet as semblance-extract does");
  if (hello->protocol == kProtocol && hello->version == version() &&
      hello->build == build_description()) {
    embedders_ = hello->embedders;
    for (EmbedderId& id : embedders_) id.version = tidy(id.version);
    decoders_ = tidy_lines(hello->decoders + model_lines(embedders_));
    return ok();
  }
  return cannot_run(program, hello->protocol == kProtocol
                                 ? "it is of another version: " + tidy(hello->build) + ", not " +
                                       std::string(build_description())
                                 : "it is of another version: protocol " +
                                       std::to_string(hello->protocol) + ", not " +
                                       std::to_string(kProtocol));
}

Result<WorkerHandle> SupervisorLink::start_worker(bool caged) {
  WorkerHandle worker;
  auto answer = ask(StartWorker{caged}, &worker.channel);
  if (!answer) return std::move(answer).error();
  if (const auto* refused = std::get_if<Refused>(&*answer)) {
    return Error{Errc::kWorker, tidy(refused->what), refused->number};
  }
  const auto* started = std::get_if<WorkerStarted>(&*answer);
  if (started == nullptr || !worker.channel) {
    const std::scoped_lock lock(mutex_);
    return lost("it broke the protocol");
  }
  worker.id = started->worker;
  if (auto set = set_non_blocking(worker.channel.get()); !set) return std::move(set).error();
  return worker;
}

Result<WorkerReady> SupervisorLink::expect_ready(const WorkerHandle& worker) {
  std::array<std::uint8_t, 4096> buffer;
  auto ready = wait_readable(worker.channel.get(), Clock::now() + kAnswerTime);
  if (ready && *ready) {
    auto packet = receive_packet(worker.channel.get(), buffer);
    if (packet && packet->bytes > 0) {
      std::span<const std::uint8_t> bytes(buffer.data(), packet->bytes);
      auto message = take_message(bytes);
      auto* said = message ? std::get_if<WorkerReady>(&*message) : nullptr;
      if (said != nullptr && bytes.empty()) return std::move(*said);
    }
  }
  auto status = stop_worker(worker.id);
  if (!status) return std::move(status).error();
  return Error{Errc::kWorker, "start worker: " + describe_exit("it", *status)};
}

Result<int> SupervisorLink::stop_worker(std::uint32_t id) {
  auto answer = ask(StopWorker{id}, nullptr);
  if (!answer) return std::move(answer).error();
  if (const auto* stopped = std::get_if<WorkerStopped>(&*answer);
      stopped != nullptr && stopped->worker == id) {
    return int{stopped->wait_status};
  }
  const std::scoped_lock lock(mutex_);
  return lost("it broke the protocol");
}

bool SupervisorLink::gone() {
  const std::scoped_lock lock(mutex_);
  return !lost_.empty();
}

Result<Message> SupervisorLink::ask(const Message& question, FileDescriptor* descriptor) {
  PacketWriter packet;
  packet.add(question);
  const std::scoped_lock lock(mutex_);
  if (!lost_.empty()) return lost(lost_);
  if (!send_packet(control_.get(), packet.bytes())) return lost("it ended");
  return receive(descriptor);
}

Result<Message> SupervisorLink::receive(FileDescriptor* descriptor, std::chrono::seconds time) {
  std::vector<std::uint8_t> buffer(kMaxPacketBytes);
  auto ready = wait_readable(control_.get(), Clock::now() + time);
  if (!ready) return lost(ready.error().what);
  if (!*ready) return lost("it does not answer");
  auto packet = receive_with_descriptor(control_.get(), buffer);
  if (!packet) return lost(packet.error().what);
  if (packet->bytes == 0) return lost("it ended");
  std::span<const std::uint8_t> bytes(buffer.data(), packet->bytes);
  auto message = take_message(bytes);
  if (!message || !bytes.empty()) return lost("it broke the protocol");
  if (descriptor != nullptr) *descriptor = std::move(packet->descriptor);
  return message;
}

Error SupervisorLink::lost(const std::string& cause) {
  if (lost_.empty() && program_ > 0) ::kill(program_, SIGKILL);  // its workers go with it
  lost_ = cause;
  return {Errc::kWorker, "ask semblance-extract: " + cause};
}

}  // namespace semblance::extract
