// SPDX-License-Identifier: Apache-2.0
#include "extract/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "extract/channel.h"
#include "extract/extract_item.h"
#include "extract/isolation/cage.h"
#include "extract/isolation/warm_up.h"
#include "extract/wire.h"

namespace semblance::extract {
namespace {

/// A worker that still holds this much when its item is done gives way to a fresh one: what a
/// decoder leaks or the allocator keeps is then bounded.
constexpr std::uint64_t kRetireBytes = std::uint64_t{512} << 20;

/// Processor time that an item may take for each second that it may take: decoders have threads.
constexpr std::uint64_t kCpuSecondsPerSecond = 4;

constexpr int kExitSetUp = 70;
constexpr int kExitProtocol = 71;

/// How much memory this process holds.
class MemoryGauge {
 public:
  // Opened once, so that it can be read when opening files is no longer allowed.
  MemoryGauge() : statm_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) {}

  bool above(std::uint64_t bytes) const {
    // The peak is cheap to ask for and never below what is held now.
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) == 0 &&
        static_cast<std::uint64_t>(usage.ru_maxrss) * 1024 <= bytes) {
      return false;
    }
    return resident_bytes() > bytes;
  }

 private:
  std::uint64_t resident_bytes() const {
    std::array<char, 128> text{};
    const ssize_t got = ::pread(statm_.get(), text.data(), text.size(), 0);
    if (got <= 0) return 0;
    const char* end = text.data() + got;
    std::uint64_t total_pages = 0;  // the first figure; the second is what is resident
    std::uint64_t resident_pages = 0;
    const auto first = std::from_chars(text.data(), end, total_pages);
    if (first.ptr == end) return 0;
    std::from_chars(first.ptr + 1, end, resident_pages);
    return resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }

  FileDescriptor statm_;
};

/// Packs what one item gives into as few packets as their limit allows: for a picture, one.
class ReplySink final : public ExtractSink {
 public:
  explicit ReplySink(int channel) : channel_(channel) {}

  void on_digests(std::span<const SignalValue>) override {}  // the engine makes its own
  void on_facts(const Facts& facts) override { add(facts); }
  void on_pdq(std::span<const PdqSignal> signals) override {
    while (!signals.empty()) {
      const auto batch = signals.first(std::min(signals.size(), kMaxBatchSignals));
      add(PdqBatch{{batch.begin(), batch.end()}});
      signals = signals.subspan(batch.size());
    }
  }
  void on_end(const Ending&) override {}

  /// Sends everything that is left; false if the engine is gone.
  bool finish(const End& end) {
    add(end);
    send();
    return std::exchange(intact_, true);
  }

 private:
  void add(const Message& message) {
    next_.clear();
    next_.add(message);
    if (packet_.bytes().size() + next_.bytes().size() > kMaxPacketBytes) send();
    packet_.append(next_);
  }
  void send() {
    if (!send_packet(channel_, packet_.bytes())) intact_ = false;
    packet_.clear();
  }

  int channel_;
  PacketWriter packet_;
  PacketWriter next_;
  bool intact_ = true;
};

void become_worker(FileDescriptor channel, pid_t supervisor) {
  const bool ready = ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
                     ::getppid() == supervisor &&  // it may have died before the line above
                     ::dup2(channel.get(), kSocketDescriptor) == kSocketDescriptor;
  ::closefrom(kSocketDescriptor + 1);
  channel.release();  // closed, or the very descriptor 3
  // A core dump would write the media onto the disk. The limit does not count where the system
  // pipes dumps to a program; the cage's process, which is not dumpable, has none anywhere.
  const rlimit none{0, 0};
  if (!ready || ::setrlimit(RLIMIT_CORE, &none) != 0) ::_exit(kExitSetUp);
}

/// Serves requests until the engine closes the channel; the exit status of the process.
int serve_items(int channel, const MemoryGauge& memory, bool caged) {
  std::vector<std::uint8_t> buffer(kMaxPacketBytes);
  ReplySink reply(channel);
  for (;;) {
    auto packet = receive_with_descriptor(channel, buffer);
    if (!packet) return kExitProtocol;
    if (packet->bytes == 0) return 0;
    std::span<const std::uint8_t> bytes(buffer.data(), packet->bytes);
    auto message = take_message(bytes);
    const Request* request = message ? std::get_if<Request>(&*message) : nullptr;
    if (request == nullptr || !bytes.empty() || !packet->descriptor) return kExitProtocol;
    if (caged && !allow_cpu_seconds(kCpuSecondsPerSecond * request->limits.max_seconds)) {
      return kExitSetUp;
    }
    End end{request->item, false, {}};
    end.ending = extract_item(packet->descriptor.get(), request->bytes, request->profiles,
                              request->precision, request->limits, reply);
    packet->descriptor.reset();
    end.retiring = memory.above(kRetireBytes);
    if (!reply.finish(end) || end.retiring) return 0;
  }
}

std::string lines_of(const std::vector<std::string>& texts) {
  std::string lines;
  for (const std::string& text : texts) lines += text + '\n';
  return lines;
}

bool say_ready(int channel, const Cage& cage) {
  PacketWriter packet;
  packet.add(WorkerReady{lines_of(cage.active), lines_of(cage.missing)});
  return static_cast<bool>(send_packet(channel, packet.bytes()));
}

}  // namespace

void run_worker(FileDescriptor channel, pid_t supervisor, bool caged) {
  become_worker(std::move(channel), supervisor);
  warm_up_own();
  // What needs a file is opened before the cage closes.
  const MemoryGauge memory;
  const Cage cage = caged ? close_cage() : Cage{};
  // Neither exit handlers nor destructors of libraries run: they belong to the supervisor.
  ::_exit(say_ready(kSocketDescriptor, cage) ? serve_items(kSocketDescriptor, memory, caged) : 0);
}

}  // namespace semblance::extract
