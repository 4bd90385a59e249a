// SPDX-License-Identifier: Apache-2.0
#include "extract/worker_pool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "extract/death.h"
#include "extract/detail.h"
#include "extract/intake.h"
#include "extract/reply.h"

namespace semblance {
namespace extract {
namespace {

/// How long the second try of an item may take at least, where the first one has used its time up:
/// others wait meanwhile.
constexpr std::uint32_t kRetrySeconds = 5;

/// How long a fresh worker may take to say what an item is that brought another one down.
constexpr std::uint32_t kFactsSeconds = 5;

/// How long the item may take, by what is known of it.
std::chrono::seconds seconds_allowed(const Limits& limits, const Reply& reply) {
  if (!reply.runs_long()) return std::chrono::seconds(limits.max_seconds);
  return std::chrono::seconds(limits.max_video_seconds) + std::chrono::seconds(kVideoGraceSeconds);
}

/// The system's descriptor of the item that may be given away: it cannot be written through.
/// The sealed copy is such a one already; `keep` owns a new one where it is needed.
Result<int> shareable(const Snapshot& snapshot, int original, FileDescriptor& keep) {
  if (snapshot.memory) return snapshot.memory.get();
  const int flags = ::fcntl(original, F_GETFL);
  if (flags < 0) return io_error("look at", "item", errno);
  if ((flags & O_ACCMODE) == O_RDONLY) return original;
  const std::string again = "/proc/self/fd/" + std::to_string(original);
  keep.reset(::open(again.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!keep) return io_error("open", "item for reading only", errno);
  return keep.get();
}

/// What an item is called between the two processes. Not to be guessed: a worker that a former
/// item has taken over must not have the answer to a later one ready.
Result<std::uint64_t> random_number() noexcept {
  std::uint64_t number = 0;
  if (::getentropy(&number, sizeof number) != 0) return io_error("draw", "a number", errno);
  return number;
}

Request request_of(std::uint64_t item, std::uint64_t bytes, const Plan& plan,
                   const Limits& limits) {
  return {item,
          bytes,
          plan.pdq_profiles,
          plan.precision,
          plan.frames,
          plan.tmk,
          limits,
          plan.probes,
          plan.entry_windows,
          plan.features,
          plan.mirrored_features,
          plan.embedders,
          plan.thumbnail_side};
}

}  // namespace

/// Holds a place for one item. If the talk with its worker was cut short, as by a sink that
/// throws, nobody knows what the worker would say next, and it is stopped.
class WorkerPool::Lease {
 public:
  explicit Lease(WorkerPool& pool) : pool_(pool), index_(pool.turns_.enter()) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    if (!settled_) pool_.give_up(place(), Reason::kDecoderCrashed, "");
    pool_.turns_.leave(index_);
  }

  Place& place() const noexcept { return pool_.places_[index_]; }
  void settle() noexcept { settled_ = true; }

 private:
  WorkerPool& pool_;
  const std::size_t index_;
  bool settled_ = false;
};

/// While it lives, no other item is being decoded.
class WorkerPool::Alone {
 public:
  explicit Alone(Turns& turns) : turns_(turns) { turns_.begin_alone(); }
  Alone(const Alone&) = delete;
  Alone& operator=(const Alone&) = delete;
  ~Alone() { turns_.end_alone(); }

 private:
  Turns& turns_;
};

Result<std::unique_ptr<Extractor>> WorkerPool::start(const WorkerOptions& options) {
  if (options.workers < 1) return Error{Errc::kBadArgument, "start workers: at least 1 is needed"};
  auto supervisors = SupervisorKeeper::start(options);
  if (!supervisors) return std::move(supervisors).error();
  std::unique_ptr<WorkerPool> pool(new WorkerPool(std::move(*supervisors), options.workers));
  for (Place& place : pool->places_) {
    if (auto filled = pool->fill(place); !filled) return std::move(filled).error();
  }
  return std::unique_ptr<Extractor>(std::move(pool));
}

WorkerPool::WorkerPool(std::unique_ptr<SupervisorKeeper> supervisors, int workers)
    : supervisors_(std::move(supervisors)),
      places_(static_cast<std::size_t>(workers)),
      turns_(places_.size()) {
  for (Place& place : places_) place.buffer.resize(kMaxPacketBytes);
}

void WorkerPool::extract(int descriptor, const Plan& plan, const Limits& limits,
                         ExtractSink& sink) {
  auto snapshot = take_in(*this, descriptor, plan, limits, sink);
  if (!snapshot) {
    if (is_exhaustion(snapshot.error().native)) note_exhaustion(snapshot.error());
    return sink.on_end(ending_of(snapshot.error()));
  }
  FileDescriptor keep;
  auto shared = shareable(*snapshot, descriptor, keep);
  if (!shared) return sink.on_end(ending_of(shared.error()));
  sink.on_end(evaluate(*shared, snapshot->bytes, plan, limits, sink));
}

Ending WorkerPool::evaluate(int descriptor, std::uint64_t bytes, const Plan& plan,
                            const Limits& limits, ExtractSink& sink) {
  if (plan.pdq_profiles.size() > kMaxProfiles) {
    return {Reason::kUnsupported, false, "extract: the plan repeats its profiles"};
  }
  auto item = random_number();
  if (!item) return ending_of(item.error());
  Lease lease(*this);
  Request request = request_of(*item, bytes, plan, limits);
  const auto& known = supervisors_->embedders();
  Reply reply(request, known);
  Ending ending = ask(lease.place(), descriptor, request, reply);
  const bool is_told = reply.end() || reply.has_part();
  if (!reply.end() && is_told) {
    // Nobody will say more of this video: what came of it before the end of its worker counts.
    ending.partial = true;
    ending.reached_ms = reply.reached_ms();
  }
  if (!is_told && supervisors_->health()) {
    // The worker took to its grave what the item is: a record should say what brings a decoder
    // down. Without profiles a worker looks at the first bytes and decodes nothing.
    request = {*item + 1, bytes, {}, Precision::kExact, {}, false, limits};
    request.limits.max_seconds = std::min(limits.max_seconds, kFactsSeconds);
    Reply facts_only(request);
    converse(lease.place(), descriptor, request, facts_only);
    if (facts_only.end()) facts_only.tell(sink);
  }
  lease.settle();
  if (is_told) reply.tell(sink);
  return ending;
}

Ending WorkerPool::ask(Place& place, int descriptor, const Request& request, Reply& reply) {
  const auto started = Clock::now();
  Ending ending = ask_until_answered(place, descriptor, request, reply);
  if (!place.died) return ending;
  // It may be the item's doing, or what else the worker had seen, or a machine short of memory:
  // once more in a fresh worker, alone, and what that says of the whole stands. Where it does not
  // come to the end either, what the first one had given counts if that reached further.
  Request again = request;
  const auto taken = std::chrono::floor<std::chrono::seconds>(Clock::now() - started).count();
  for (std::uint32_t Limits::*seconds : {&Limits::max_seconds, &Limits::max_video_seconds}) {
    const std::uint32_t allowed = request.limits.*seconds;
    again.limits.*seconds = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(allowed - taken, std::min(kRetrySeconds, allowed), allowed));
  }
  const Alone alone(turns_);
  Reply second(request, supervisors_->embedders());
  ending = ask_until_answered(place, descriptor, again, second);
  if (ending.reason == Reason::kNone || !reply.reaches_beyond(second)) reply = std::move(second);
  if (place.died) ending.detail += ", twice";
  // Nothing else is asked of a worker that had to do with it.
  if (place.worker.channel) give_up(place, Reason::kNone, "");
  return ending;
}

Ending WorkerPool::ask_until_answered(Place& place, int descriptor, const Request& request,
                                      Reply& reply) {
  for (;;) {
    reply.begin_again();
    Ending ending = converse(place, descriptor, request, reply);
    // No item can kill the whole program from its cage. It is run again a bounded number of times.
    if (!place.orphaned) return ending;
  }
}

Status WorkerPool::fill(Place& place) {
  auto worker = supervisors_->start_worker(place.parent);
  if (!worker) return std::move(worker).error();
  place.worker = std::move(*worker);
  place.served = 0;
  return ok();
}

Status WorkerPool::send_request(Place& place, int descriptor, const Request& request) {
  place.packet.clear();
  place.packet.add(request);
  if (place.worker.channel) {
    // What lies there unasked, the end of its life included, is no answer to this item.
    auto unasked = wait_readable(place.worker.channel.get(), Clock::now());
    if (unasked && !*unasked) {
      auto sent = send_packet(place.worker.channel.get(), place.packet.bytes(), descriptor);
      if (sent) return sent;
    }
    // It died while it had nothing to do, or has more to say than it was asked: not this item's
    // doing.
    give_up(place, Reason::kDecoderCrashed, "");
  }
  if (auto filled = fill(place); !filled) return filled;
  return send_packet(place.worker.channel.get(), place.packet.bytes(), descriptor);
}

Ending WorkerPool::converse(Place& place, int descriptor, const Request& request, Reply& reply) {
  place.died = place.orphaned = false;
  if (auto sent = send_request(place, descriptor, request); !sent) {
    const bool died = place.worker.channel && is_peer_gone(sent.error().native);
    return give_up(place, Reason::kDecoderCrashed, died ? "" : sent.error().what);
  }
  const auto started = Clock::now();
  const int channel = place.worker.channel.get();
  while (!reply.end()) {
    const auto seconds = seconds_allowed(request.limits, reply);
    const auto deadline = started + seconds;
    auto ready = wait_readable(channel, deadline);
    if (!ready) return give_up(place, Reason::kDecoderCrashed, ready.error().what);
    if (!*ready || Clock::now() >= deadline) {  // also while it keeps talking
      return give_up(place, Reason::kTimedOut,
                     "decode: not done after " + std::to_string(seconds.count()) + " seconds");
    }
    auto packet = receive_packet(channel, place.buffer);
    if (!packet) return give_up(place, Reason::kDecoderCrashed, packet.error().what);
    if (packet->bytes == 0) {
      return is_hung_up(channel) ? give_up(place, Reason::kDecoderCrashed, "")
                                 : disbelieve(place, reply);
    }
    std::span<const std::uint8_t> bytes(place.buffer.data(), packet->bytes);
    while (!bytes.empty()) {
      auto message = take_message(bytes);
      if (!message || !reply.accept(std::move(*message))) return disbelieve(place, reply);
    }
  }
  if (reply.end()->retiring || ++place.served >= kItemsPerWorker) {
    give_up(place, Reason::kNone, "");
  }
  return tidy(reply.end()->ending);
}

// Nothing counts of what a worker said that lies.
Ending WorkerPool::disbelieve(Place& place, Reply& reply) {
  reply.begin_again();
  return give_up(place, Reason::kDecoderCrashed, "decode: worker broke the protocol");
}

void WorkerPool::note_exhaustion(const Error& error) {
  const std::scoped_lock lock(mutex_);
  if (!exhausted_) exhausted_ = error;
}

Status WorkerPool::health() const {
  {
    const std::scoped_lock lock(mutex_);
    if (exhausted_) return *exhausted_;
  }
  return supervisors_->health();
}

// Stops the worker of a place. Without a `why`, how it died is the reason.
Ending WorkerPool::give_up(Place& place, Reason reason, std::string_view why) {
  Ending ending{reason, false, std::string(why)};
  if (!place.worker.channel) return tidy(std::move(ending));
  auto status = place.parent->stop_worker(place.worker.id);
  place.worker.channel.reset();
  place.parent.reset();
  if (reason == Reason::kDecoderCrashed && why.empty()) {
    ending = status ? ending_of_death(*status) : ending_of(status.error());
    place.orphaned = !status;
    place.died = status && ending.reason == Reason::kDecoderCrashed;
  }
  return tidy(std::move(ending));
}

}  // namespace extract

Result<std::unique_ptr<Extractor>> make_worker_extractor(const WorkerOptions& options) {
  return extract::WorkerPool::start(options);
}

}  // namespace semblance
