// SPDX-License-Identifier: Apache-2.0
// A semblance-extract that misbehaves in the way its own file name says: rogue-<way>.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "extract/channel.h"
#include "extract/isolation/cage.h"
#include "extract/wire.h"
#include "semblance/version.h"

namespace semblance::extract {
namespace {

void say(int socket, const std::vector<Message>& messages, int descriptor = -1) {
  PacketWriter packet;
  for (const Message& message : messages) packet.add(message);
  if (!send_packet(socket, packet.bytes(), descriptor)) ::_exit(0);
}

Facts some_facts() { return {MediaKind::kImage, "jpeg\n\x1b[31m", 8, 8, 0, false, "rogue"}; }

Facts some_video() {
  Facts facts = some_facts();
  facts.kind = MediaKind::kVideo;
  facts.video_streams = 1;
  return facts;
}

FrameBatch some_frames(std::uint32_t from_ms, std::uint32_t count) {
  FrameBatch batch;
  for (std::uint32_t i = 0; i < count; ++i) {
    FrameSignal frame;
    frame.at = {i, from_ms + i, from_ms + i, 0, FrameForm::kWhole, 90};
    batch.frames.push_back(frame);
  }
  return batch;
}

/// True in the first process that asks for this mark, whichever that is.
bool is_first(const char* mark) {
  const std::string path = std::string(program_invocation_name) + mark;
  return ::open(path.c_str(), O_CREAT | O_EXCL | O_CLOEXEC, 0600) >= 0;
}

// Of a video, which is told as it comes.
void answer_of_video(std::string_view way, int channel, const Request& request) {
  if (request.profiles.empty()) ::_exit(0);  // facts alone are not asked of whoever gave them
  const End end{request.item, false, {}};
  say(channel, {some_video(), some_frames(0, 3)});
  if (way == "video-dies") {
    say(channel, {some_frames(100, is_first(".died") ? 9 : 2)});
    ::raise(SIGABRT);
  }
  if (way == "video-dies-once" && is_first(".died")) ::raise(SIGABRT);
  if (way == "video-hangs") ::pause();
  if (way == "video-lies") say(channel, {some_frames(1, 1)});
  say(channel, {some_frames(100, 1), end});
}

void answer(std::string_view way, int channel, const Request& request) {
  if (way.starts_with("video-")) return answer_of_video(way, channel, request);
  const PdqBatch one{{PdqSignal{}}};
  const End end{request.item, false, {}};
  if (way == "frames-of-a-picture") say(channel, {some_facts(), some_frames(0, 1), one, end});
  if (way == "noise") {
    const std::vector<std::uint8_t> noise(100, 0xee);
    if (!send_packet(channel, noise)) ::_exit(0);
  }
  if (way == "long") {
    const std::vector<std::uint8_t> packet(kMaxPacketBytes + 1);
    if (!send_packet(channel, packet)) ::_exit(0);
  }
  if (way == "flood") {
    for (;;) say(channel, {some_facts()});
  }
  if (way == "other-item") say(channel, {some_facts(), one, End{request.item + 7, false, {}}});
  if (way == "too-many") say(channel, {some_facts(), one, one, end});
  if (way == "too-few") say(channel, {some_facts(), end});
  if (way == "no-facts") say(channel, {one, end});
  if (way == "other-profile") {
    PdqBatch other = one;
    other.signals[0].profile = PdqProfile::kCli512;
    say(channel, {some_facts(), other, end});
  }
  if (way == "fast-unasked") {
    PdqBatch fast = one;
    fast.signals[0].orders = 1;
    say(channel, {some_facts(), fast, end});
  }
  if (way == "parts-unasked") {
    const ProbeSignal part{{ProbeKind::kPanel, {0, 0, 5000, 5000}}, {}};
    say(channel, {some_facts(), one, ProbeBatch{{part}}, end});
  }
  if (way == "after-end") say(channel, {some_facts(), one, end, one});
  if (way == "control") say(channel, {WorkerStarted{1}});
  if (way == "one-worker" || way == "other-libraries") ::_exit(0);
  if (way == "dies-halfway") {
    // All but the end, and the program is gone; its next run finds the mark of this one.
    for (const char* mark : {".ran", ".ran-again"}) {
      const std::string path = std::string(program_invocation_name) + mark;
      if (::open(path.c_str(), O_CREAT | O_EXCL | O_CLOEXEC, 0600) < 0) continue;
      say(channel, {some_facts(), one});
      if (::getppid() > 1) ::kill(::getppid(), SIGKILL);
      ::_exit(0);
    }
    say(channel, {some_facts(), one, end});
  }
  if (way == "roofless-later") ::_exit(0);
  // Taken over, and in the real cage.
  if (way == "opens") ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
  if (way == "connects") ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (way == "executes") ::execl("/bin/true", "true", nullptr);
  if (way == "forks" && ::fork() == 0) ::_exit(0);
  if (way == "crashes") ::raise(SIGABRT);
  if (way == "honest" || way == "roofless") say(channel, {some_facts(), one, end}, channel);
}

[[noreturn]] void work(std::string_view way, int channel, std::uint32_t id) {
  if (way == "mute") ::_exit(3);
  constexpr std::array kCaged = {"opens", "connects", "executes", "forks"};
  if (std::find(kCaged.begin(), kCaged.end(), way) != kCaged.end()) {
    if (::dup2(channel, kSocketDescriptor) < 0) ::_exit(1);
    channel = kSocketDescriptor;
    close_cage();
  }
  const bool roofless = way == "roofless" || (way == "roofless-later" && id > 1);
  say(channel, {WorkerReady{"walls\n\x1b[31m\n", roofless ? "roof: none\n" : ""}});
  std::vector<std::uint8_t> buffer(kMaxPacketBytes);
  for (;;) {
    auto packet = receive_with_descriptor(channel, buffer);
    if (!packet || packet->bytes == 0) ::_exit(0);
    std::span<const std::uint8_t> bytes(buffer.data(), packet->bytes);
    auto message = take_message(bytes);
    if (message) answer(way, channel, std::get<Request>(*message));
  }
}

int status_of(pid_t worker) {
  int status = 0;
  ::kill(worker, SIGKILL);
  ::waitpid(worker, &status, 0);
  return status;
}

int serve(std::string_view way) {
  Hello hello{kProtocol, std::string(version()), std::string(build_description()),
              "rogue 1\n\x1b[31m\n\nother 2"};
  if (way == "other-build") hello.build += " of someone else";
  if (way == "other-libraries") hello.decoders = "rogue " + std::to_string(::getpid());
  if (way == "other-protocol") hello.protocol += 1;
  if (way == "rude") {
    say(kSocketDescriptor, {StartWorker{}});
  } else {
    say(kSocketDescriptor, {hello});
  }
  std::vector<std::uint8_t> buffer(kMaxPacketBytes);
  std::map<std::uint32_t, pid_t> pids;
  for (std::uint32_t id = 1;;) {
    auto packet = receive_packet(kSocketDescriptor, buffer);
    if (!packet || packet->bytes == 0) return 0;
    std::span<const std::uint8_t> bytes(buffer.data(), packet->bytes);
    auto message = take_message(bytes);
    if (!message) return 1;
    if (const auto* stop = std::get_if<StopWorker>(&*message)) {
      say(kSocketDescriptor, {WorkerStopped{stop->worker, status_of(pids[stop->worker])}});
      continue;
    }
    if (way == "refusing" || (way == "one-worker" && id > 1)) {
      say(kSocketDescriptor, {Refused{1, "fork worker: no more"}});
      continue;
    }
    if (way == "no-channel") {
      say(kSocketDescriptor, {WorkerStarted{id++}});
      continue;
    }
    auto ends = make_channel();
    if (!ends) return 1;
    pids[id] = ::fork();
    if (pids[id] == 0) {
      ::close(kSocketDescriptor);
      ends->first.reset();
      work(way, ends->second.get(), id);
    }
    say(kSocketDescriptor, {WorkerStarted{id++}}, ends->first.get());
  }
}

}  // namespace
}  // namespace semblance::extract

int main(int, char** argv) {
  const std::string_view name(argv[0]);
  const std::string_view mark = "rogue-";
  const auto at = name.rfind(mark);
  return semblance::extract::serve(at == name.npos ? "" : name.substr(at + mark.size()));
}
