// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: results that finish in any order leave in the order of their items.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "semblance/result.h"

namespace semblance::scanner {

/// How much may wait for a slow item before it.
struct WaitingBounds {
  std::size_t items = 4'096;
  std::size_t bytes = std::size_t{16} << 20;
};

/// What admit() says.
enum class Admission {
  kAdmitted,
  kOldestIsIdle,  // there is no room until the oldest item is worked on: begin() it, then ask again
  kEnded,         // the run has failed: take no more
};

/// Takes finished payloads in any order and gives them to a consumer in the order of admission.
///
/// admit() is called by one thread at a time; begin() and finish() by any, in this order. The
/// consumer runs on the thread that completes the oldest item, never on two at once, and never
/// while the lock is held.
///
/// While `bounds` are full admit() admits nothing, so that at most they and the items in flight
/// wait. It cannot block for ever: it blocks only while (a) the consumer is running, or (b) the
/// oldest item has begun and has not finished. The thread in (a) or (b) is not the one in admit(),
/// and it waits for nothing of ours: begin() and finish() never block. So the consumer returns, or
/// the item finishes and is consumed; either way what waits behind it leaves, and admit() is
/// woken. Where the oldest item has not begun, its turn may lie with the very thread that asks:
/// admit() then returns kOldestIsIdle, and that thread works on it. Nothing here depends on how
/// threads are scheduled, or on there being more than one.
template <class Payload>
class OrderedOutput {
 public:
  using Consumer = std::function<Status(Payload&&)>;

  OrderedOutput(WaitingBounds bounds, Consumer consumer)
      : bounds_(bounds), consumer_(std::move(consumer)) {}

  /// Makes room for the next item, in its order.
  Admission admit() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended() || !full() || !moving(); });
    if (ended()) return Admission::kEnded;
    if (full()) return Admission::kOldestIsIdle;
    slots_.emplace_back();
    return Admission::kAdmitted;
  }

  /// The number of the oldest item that has not left, counted from 0 by admission.
  std::uint64_t oldest() {
    const std::lock_guard lock(mutex_);
    return first_;
  }

  /// Claims item `index` for the calling thread. False: another has it.
  bool begin(std::uint64_t index) {
    const std::lock_guard lock(mutex_);
    Slot* slot = find(index);
    return slot != nullptr && !std::exchange(slot->begun, true);
  }

  /// Hands in the payload of a claimed item; `bytes` is what it holds while it waits.
  void finish(std::uint64_t index, Payload&& payload, std::size_t bytes) {
    std::unique_lock lock(mutex_);
    Slot* slot = find(index);
    if (slot == nullptr) return;
    slot->bytes = bytes;
    slot->payload = std::move(payload);
    ++waiting_items_;
    waiting_bytes_ += bytes;
    most_items_ = std::max(most_items_, waiting_items_);
    if (!consuming_) drain(lock);
    changed_.notify_all();
  }

  /// Ends the run: what waits is dropped, admit() says kEnded. The first error is kept.
  void fail(Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    changed_.notify_all();
  }

  /// Ends the run without an error of ours, such as when an exception passes through.
  void abandon() noexcept {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

  /// The error that ended the run, if any. To be read when all threads are done.
  const std::optional<Error>& error() const noexcept { return error_; }

  /// The most that ever waited at once.
  std::size_t most_waiting_items() const noexcept { return most_items_; }

 private:
  struct Slot {
    bool begun = false;
    std::optional<Payload> payload;
    std::size_t bytes = 0;
  };

  bool ended() const noexcept { return error_ || stopped_; }
  bool full() const noexcept {
    return waiting_items_ >= bounds_.items || waiting_bytes_ >= bounds_.bytes;
  }
  bool moving() const noexcept { return consuming_ || (!slots_.empty() && slots_.front().begun); }

  // Null for an item that is not there, as after a failure.
  Slot* find(std::uint64_t index) noexcept {
    return index >= first_ && index - first_ < slots_.size() ? &slots_[index - first_] : nullptr;
  }

  void drain(std::unique_lock<std::mutex>& lock) {
    consuming_ = true;
    while (!ended() && !slots_.empty() && slots_.front().payload) {
      Slot slot = std::move(slots_.front());
      slots_.pop_front();
      ++first_;
      lock.unlock();
      Status consumed = consume(std::move(*slot.payload));
      lock.lock();
      --waiting_items_;
      waiting_bytes_ -= slot.bytes;
      if (!consumed && !error_) error_ = std::move(consumed).error();
      changed_.notify_all();
    }
    consuming_ = false;
  }

  // An exception of the consumer leaves the lock free and the run over.
  Status consume(Payload&& payload) {
    struct OnThrow {
      OrderedOutput& output;
      bool armed = true;
      ~OnThrow() {
        if (armed) output.abandon();
      }
    } guard{*this};
    Status status = consumer_(std::move(payload));
    guard.armed = false;
    return status;
  }

  const WaitingBounds bounds_;
  const Consumer consumer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Slot> slots_;   // admitted, not yet consumed, in order
  std::uint64_t first_ = 0;  // index of slots_.front()
  std::size_t waiting_items_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::size_t most_items_ = 0;
  bool consuming_ = false;
  bool stopped_ = false;
  std::optional<Error> error_;
};

}  // namespace semblance::scanner
