// SPDX-License-Identifier: Apache-2.0
#include "extract/worker_pool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <string>
#include <utility>

#include "extract/detail.h"
#include "extract/intake.h"

namespace semblance {
namespace extract {
namespace {

/// How long a fresh worker may take to say what an item is that brought another one down.
constexpr std::uint32_t kFactsSeconds = 5;

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
std::uint64_t random_number() noexcept {
  std::uint64_t number = 0;
  if (::getentropy(&number, sizeof number) != 0) number = static_cast<std::uint64_t>(::clock());
  return number;
}

}  // namespace

/// Holds a place for one item. If the talk with its worker was cut short, as by a sink that
/// throws, nobody knows what the worker would say next, and it is stopped.
class WorkerPool::Lease {
 public:
  explicit Lease(WorkerPool& pool) : pool_(pool), item_(random_number()) {
    std::unique_lock lock(pool.mutex_);
    pool.freed_.wait(lock, [&] { return !pool.free_.empty(); });
    place_ = pool.free_.back();
    pool.free_.pop_back();
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    if (!settled_) pool_.give_up(*place_, Reason::kDecoderCrashed, "");
    {
      const std::scoped_lock lock(pool_.mutex_);
      pool_.free_.push_back(place_);
    }
    pool_.freed_.notify_one();
  }

  Place& place() noexcept { return *place_; }
  std::uint64_t item() const noexcept { return item_; }
  void settle() noexcept { settled_ = true; }

 private:
  WorkerPool& pool_;
  const std::uint64_t item_;
  Place* place_ = nullptr;
  bool settled_ = false;
};

/// Passes one item's messages on to its sink, as far as an honest worker could have sent them, and
/// each once, however often the item is asked.
class WorkerPool::Reply {
 public:
  Reply(const Request& request, ExtractSink& sink) : request_(request), sink_(sink) {}

  bool told_facts() const noexcept { return told_facts_; }
  const std::optional<End>& end() const noexcept { return end_; }

  /// Expects everything from another worker, from the start.
  void begin_again() noexcept {
    has_facts_ = false;
    signals_ = 0;
    end_.reset();
  }

  /// Returns false if no honest worker sends this now.
  bool accept(const Message& message) {
    if (end_) return false;
    if (const auto* facts = std::get_if<Facts>(&message)) return accept(*facts);
    if (const auto* batch = std::get_if<PdqBatch>(&message)) return accept(*batch);
    if (const auto* end = std::get_if<End>(&message)) return accept(*end);
    return false;
  }

 private:
  bool accept(const Facts& facts) {
    if (has_facts_) return false;
    has_facts_ = true;
    if (!std::exchange(told_facts_, true)) sink_.on_facts(tidy(facts));
    return true;
  }
  bool accept(const PdqBatch& batch) {
    if (!has_facts_ || batch.signals.empty()) return false;
    if (signals_ + batch.signals.size() > request_.profiles.size()) return false;
    std::span<const PdqSignal> fresh = batch.signals;
    for (const PdqSignal& signal : batch.signals) {
      if (signals_ < told_signals_) fresh = fresh.subspan(1);
      if (signal.profile != request_.profiles[signals_++]) return false;
    }
    if (fresh.empty()) return true;
    sink_.on_pdq(fresh);
    told_signals_ = signals_;
    return true;
  }
  bool accept(const End& end) {
    // Whole and without a reason means that every signal asked for was given.
    const bool whole = end.ending.reason == Reason::kNone;
    if (end.item != request_.item || (whole && signals_ != request_.profiles.size())) return false;
    end_ = end;
    return true;
  }

  const Request& request_;
  ExtractSink& sink_;
  bool has_facts_ = false;
  std::size_t signals_ = 0;
  std::optional<End> end_;
  bool told_facts_ = false;
  std::size_t told_signals_ = 0;
};

Result<std::unique_ptr<Extractor>> WorkerPool::start(const WorkerOptions& options) {
  if (options.workers < 1) return Error{Errc::kBadArgument, "start workers: at least 1 is needed"};
  auto supervisors = SupervisorKeeper::start(options.program);
  if (!supervisors) return std::move(supervisors).error();
  std::unique_ptr<WorkerPool> pool(new WorkerPool(std::move(*supervisors), options.workers));
  for (Place& place : pool->places_) {
    auto worker = pool->supervisors_->start_worker(place.parent);
    if (!worker) return std::move(worker).error();
    place.worker = std::move(*worker);
  }
  return std::unique_ptr<Extractor>(std::move(pool));
}

WorkerPool::WorkerPool(std::unique_ptr<SupervisorKeeper> supervisors, int workers)
    : supervisors_(std::move(supervisors)), places_(static_cast<std::size_t>(workers)) {
  for (Place& place : places_) {
    place.buffer.resize(kMaxPacketBytes);
    free_.push_back(&place);
  }
  std::reverse(free_.begin(), free_.end());
}

void WorkerPool::extract(int descriptor, const Plan& plan, const Limits& limits,
                         ExtractSink& sink) {
  auto snapshot = take_in(descriptor, plan, limits, sink);
  if (!snapshot) {
    if (is_exhaustion(snapshot.error().native)) note_exhaustion(snapshot.error());
    return sink.on_end(ending_of(snapshot.error()));
  }
  FileDescriptor keep;
  auto shared = shareable(*snapshot, descriptor, keep);
  if (!shared) return sink.on_end(ending_of(shared.error()));
  sink.on_end(evaluate(*shared, plan, limits, sink));
}

Ending WorkerPool::evaluate(int descriptor, const Plan& plan, const Limits& limits,
                            ExtractSink& sink) {
  if (plan.pdq_profiles.size() > kMaxProfiles) {
    return {Reason::kUnsupported, false, "extract: the plan repeats its profiles"};
  }
  Lease lease(*this);
  Request request{lease.item(), plan.pdq_profiles, limits};
  Reply reply(request, sink);
  Ending ending = ask(lease.place(), descriptor, request, reply);
  if (!reply.end() && !reply.told_facts() && supervisors_->health()) {
    // The worker took to its grave what the item is: a record should say what brings a decoder
    // down. Without profiles a worker looks at the first bytes and decodes nothing.
    request = {lease.item() + 1, {}, limits};
    request.limits.max_seconds = std::min(limits.max_seconds, kFactsSeconds);
    Reply facts_only(request, sink);
    converse(lease.place(), descriptor, request, facts_only);
  }
  lease.settle();
  return ending;
}

Ending WorkerPool::ask(Place& place, int descriptor, const Request& request, Reply& reply) {
  Ending ending = converse(place, descriptor, request, reply);
  if (!place.orphaned) return ending;
  // The program was killed, and its workers with it: not this item's doing, unless it recurs.
  reply.begin_again();
  return converse(place, descriptor, request, reply);
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
  auto worker = supervisors_->start_worker(place.parent);
  if (!worker) return std::move(worker).error();
  place.worker = std::move(*worker);
  return send_packet(place.worker.channel.get(), place.packet.bytes(), descriptor);
}

Ending WorkerPool::converse(Place& place, int descriptor, const Request& request, Reply& reply) {
  if (auto sent = send_request(place, descriptor, request); !sent) {
    const bool died = place.worker.channel && is_peer_gone(sent.error().native);
    return give_up(place, Reason::kDecoderCrashed, died ? "" : sent.error().what);
  }
  place.orphaned = false;
  const auto deadline = Clock::now() + std::chrono::seconds(request.limits.max_seconds);
  const int channel = place.worker.channel.get();
  while (!reply.end()) {
    auto ready = wait_readable(channel, deadline);
    if (!ready) return give_up(place, Reason::kDecoderCrashed, ready.error().what);
    if (!*ready || Clock::now() >= deadline) {  // also while it keeps talking
      return give_up(
          place, Reason::kTimedOut,
          "decode: not done after " + std::to_string(request.limits.max_seconds) + " seconds");
    }
    auto packet = receive_packet(channel, place.buffer);
    if (!packet) return give_up(place, Reason::kDecoderCrashed, packet.error().what);
    if (packet->bytes == 0) {
      return give_up(place, Reason::kDecoderCrashed,
                     is_hung_up(channel) ? "" : "decode: worker broke the protocol");
    }
    std::span<const std::uint8_t> bytes(place.buffer.data(), packet->bytes);
    while (!bytes.empty()) {
      auto message = take_message(bytes);
      if (!message || !reply.accept(*message)) {
        return give_up(place, Reason::kDecoderCrashed, "decode: worker broke the protocol");
      }
    }
  }
  if (reply.end()->retiring) give_up(place, Reason::kNone, "");
  return tidy(reply.end()->ending);
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
  place.orphaned = false;
  if (place.worker.channel) {
    auto status = place.parent->stop_worker(place.worker.id);
    place.worker.channel.reset();
    place.parent.reset();
    if (why.empty()) {
      place.orphaned = !status;
      ending.detail = status ? "decode: " + describe_exit("worker", *status) : status.error().what;
    }
  }
  return tidy(std::move(ending));
}

}  // namespace extract

Result<std::unique_ptr<Extractor>> make_worker_extractor(const WorkerOptions& options) {
  return extract::WorkerPool::start(options);
}

}  // namespace semblance
