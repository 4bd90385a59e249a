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

/// A worker that still holds this much more than at its start when its item is done gives way to a
/// fresh one: what a decoder leaks or the allocator keeps is then bounded.
constexpr std::uint64_t kRetireBytes = std::uint64_t{512} << 20;

/// Processor time that an item may take for each second that it may take: decoders have threads.
constexpr std::uint64_t kCpuSecondsPerSecond = 4;

constexpr int kExitSetUp = 70;
constexpr int kExitProtocol = 71;

/// How much memory this process holds.
class MemoryGauge {
 public:
  // Opened once, so that it can be read when opening files is no longer allowed.
  MemoryGauge()
      : statm_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)), at_start_(resident_bytes()) {}

  /// Whether it has come to hold that much more since this was made.
  bool grown_by(std::uint64_t bytes) const {
    bytes += at_start_;
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
  std::uint64_t at_start_;  // the weights of models among it, which the supervisor loaded
};

bool allow_cpu(bool caged, std::uint64_t seconds) {
  return !caged || allow_cpu_seconds(kCpuSecondsPerSecond * seconds);
}

/// Packs what one item gives into as few packets as their limit allows: for a picture, one. What is
/// found of a video is sent as it comes, so that nothing of it is lost with this process, and none
/// of it held here.
class ReplySink final : public ExtractSink {
 public:
  ReplySink(int channel, bool caged) : channel_(channel), caged_(caged) {}

  /// What is asked of the next item, and what it may take, should it turn out to be a video.
  void expect(const Request& request) {
    video_seconds_ = request.limits.max_video_seconds;
    embedders_ = request.embedders;
    is_long_ = false;
  }

  void on_digests(std::span<const SignalValue>) override {}  // the engine makes its own
  void on_facts(const Facts& facts) override {
    add(facts);
    is_long_ = has_frames(facts);
    if (!is_long_) return;
    if (!allow_cpu(caged_, std::uint64_t{video_seconds_} + kVideoGraceSeconds)) {
      ::_exit(kExitSetUp);
    }
    send();
  }
  void on_pdq(std::span<const PdqSignal> signals) override {
    while (!signals.empty()) {
      const auto batch = signals.first(std::min(signals.size(), kMaxBatchSignals));
      add(PdqBatch{{batch.begin(), batch.end()}});
      signals = signals.subspan(batch.size());
    }
    if (is_long_) send();
  }
  void on_frames(std::span<const FrameSignal> frames) override {
    add(FrameBatch{{frames.begin(), frames.end()}});
    send();
  }
  void on_tmk(const TmkSignal& signal) override {
    const auto value = to_bytes(signal);
    for (std::size_t at = 0; at < value.size(); at += kMaxTmkPartBytes) {
      const auto part = std::span(value).subspan(at, std::min(value.size() - at, kMaxTmkPartBytes));
      add(TmkPart{static_cast<std::uint32_t>(at), {part.begin(), part.end()}});
    }
  }
  void on_probes(std::span<const ProbeSignal> signals) override {
    add(ProbeBatch{{signals.begin(), signals.end()}});
  }
  void on_features(const FeatureSet& set) override {
    const auto value = to_bytes(set);
    for (std::size_t at = 0; at < value.size(); at += kMaxFeaturePartBytes) {
      const auto part =
          std::span(value).subspan(at, std::min(value.size() - at, kMaxFeaturePartBytes));
      add(FeaturePart{static_cast<std::uint32_t>(value.size()),
                      static_cast<std::uint32_t>(at),
                      {part.begin(), part.end()}});
    }
  }
  void on_embedding(const EmbeddingSignal& signal) override {
    const auto at = std::find(embedders_.begin(), embedders_.end(), signal.id.model);
    add(EmbeddingReply{static_cast<std::uint8_t>(at - embedders_.begin()), signal.values});
  }
  void on_thumbnail(const Thumbnail& thumbnail) override {
    const std::span<const std::uint8_t> value = thumbnail.samples;
    for (std::size_t at = 0; at < value.size(); at += kMaxThumbnailPartBytes) {
      const auto part = value.subspan(at, std::min(value.size() - at, kMaxThumbnailPartBytes));
      add(ThumbnailPart{static_cast<std::uint16_t>(thumbnail.width),
                        static_cast<std::uint16_t>(thumbnail.height),
                        static_cast<std::uint32_t>(at),
                        {part.begin(), part.end()}});
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
  bool caged_;
  std::uint32_t video_seconds_ = 0;
  std::vector<std::string> embedders_;
  bool is_long_ = false;  // the item in hand
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

// Digests are the engine's own.
Plan plan_of(const Request& request) {
  return {{},
          request.profiles,
          request.precision,
          request.frames,
          request.tmk,
          request.probes,
          request.entry_windows,
          request.features,
          request.mirrored_features,
          request.embedders,
          request.thumbnail_side};
}

/// Serves requests until the engine closes the channel; the exit status of the process.
int serve_items(int channel, const MemoryGauge& memory, bool caged, Embedders& embedders) {
  std::vector<std::uint8_t> buffer(kMaxPacketBytes);
  ReplySink reply(channel, caged);
  for (;;) {
    auto packet = receive_with_descriptor(channel, buffer);
    if (!packet) return kExitProtocol;
    if (packet->bytes == 0) return 0;
    std::span<const std::uint8_t> bytes(buffer.data(), packet->bytes);
    auto message = take_message(bytes);
    const Request* request = message ? std::get_if<Request>(&*message) : nullptr;
    if (request == nullptr || !bytes.empty() || !packet->descriptor) return kExitProtocol;
    if (!allow_cpu(caged, request->limits.max_seconds)) return kExitSetUp;
    reply.expect(*request);
    End end{request->item, false, {}};
    end.ending = extract_item(packet->descriptor.get(), request->bytes, plan_of(*request),
                              request->limits, embedders, reply);
    packet->descriptor.reset();
    end.retiring = memory.grown_by(kRetireBytes);
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

void run_worker(FileDescriptor channel, pid_t supervisor, bool caged, Embedders& embedders) {
  become_worker(std::move(channel), supervisor);
  warm_up_own(embedders);
  // What needs a file is opened before the cage closes.
  const MemoryGauge memory;
  const Cage cage = caged ? close_cage() : Cage{};
  // Neither exit handlers nor destructors of libraries run: they belong to the supervisor.
  const bool ready = say_ready(kSocketDescriptor, cage);
  ::_exit(ready ? serve_items(kSocketDescriptor, memory, caged, embedders) : 0);
}

}  // namespace semblance::extract
