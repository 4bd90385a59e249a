// SPDX-License-Identifier: Apache-2.0
// Private to src/index: immutable parts that come, merge and go while others search them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "semblance/result.h"

namespace semblance::index {

/// The newest rows are scanned. They stand in two parts, so that adding one row copies the smaller
/// only, and a search has no more than these to scan.
inline constexpr std::size_t kNewest = 512;
inline constexpr std::size_t kScanned = 8192;

/// Memory may run out anywhere in an operation; its caller is told, as of any other limit.
template <class Work>
auto within_memory(std::string_view operation, Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return Error{Errc::kLimit, std::string(operation) + ": out of memory"};
  }
}

/// The first of the parts that are to become one; their number if none are.
template <class Part>
std::size_t first_to_merge(const std::vector<Part>& parts) {
  // A merge takes in each older part that is less than so many times what has come after it: a row
  // is then copied a few times for each power of eight that the index grows by.
  constexpr std::size_t kGrowth = 8;
  std::size_t first = parts.size();
  std::size_t newer = 0;
  for (std::size_t i = parts.size(); i-- > 0;) {
    const std::size_t rows = parts[i].rows();
    const bool outgrown = rows < kGrowth * newer;
    const bool hollow = 2 * parts[i].gone->count() > rows;
    newer += rows;
    if ((outgrown || hollow) && newer > kScanned) first = i;
  }
  return first;
}

/// What a live index of any kind is: a list of parts, the oldest and largest first, that is
/// replaced as a whole. Adding makes a part; small ones become one as they come, larger ones by a
/// thread. A search takes a copy of the list and waits for nobody. Thread-safe.
///
/// `Kind` says what it is a list of:
///   Part, with rows(), live() and gone (see Tombstones); Rows, to build one of
///   Part build(Rows&&) const                                  throws std::bad_alloc
///   Status collect(const std::vector<Part>&, Rows&) const     appends what is not withdrawn
///   Result<std::size_t> withdraw(const Part&, const std::unordered_set<std::int64_t>&) const
///   void give_up() const, if it has one: no build is wanted any more
///   static std::size_t count(const Rows&), kMaxRows, kRows (their name), kName (the index's)
template <class Kind>
class LiveList {
 public:
  using Part = typename Kind::Part;
  using Rows = typename Kind::Rows;
  using Parts = std::vector<Part>;

  LiveList(Kind kind, bool merge_in_background, Parts parts = {})
      : kind_(std::move(kind)), in_background_(merge_in_background), parts_(std::move(parts)) {}
  LiveList(const LiveList&) = delete;
  LiveList& operator=(const LiveList&) = delete;
  ~LiveList() {
    if constexpr (requires { kind_.give_up(); }) kind_.give_up();
    {
      const std::lock_guard lock(writer_);
      closing_ = true;
    }
    work_.notify_all();
    if (merger_.joinable()) merger_.join();
  }

  const Kind& kind() const noexcept { return kind_; }

  /// What there is now; the parts stay as they are, but for what is withdrawn of them.
  Parts parts() const {
    const std::lock_guard lock(published_);
    return parts_;
  }

  std::size_t live() const noexcept {
    const std::lock_guard lock(published_);
    std::size_t live = 0;
    for (const Part& part : parts_) live += part.live();
    return live;
  }

  /// Adds at least one row. Throws std::bad_alloc, and has then added none or all.
  Status add(Rows&& rows);

  /// Withdraws the rows of these labels, and returns how many that were.
  Result<std::size_t> withdraw(std::span<const std::int64_t> labels);

  /// Makes one part of all, without what was withdrawn.
  Status merge();

 private:
  void publish(Parts parts) {
    const std::lock_guard lock(published_);
    parts_.swap(parts);
  }
  std::string named(std::string_view operation) const {
    return std::string(operation) + " " + Kind::kName;
  }
  Status merge_due(std::unique_lock<std::mutex>& writer);
  Status merge_from(std::size_t first, std::unique_lock<std::mutex>& writer);
  void keep_merging();

  const Kind kind_;
  const bool in_background_;

  mutable std::mutex published_;  // held for the copy of a few pointers, never during work
  Parts parts_;                   // what searches see; replaced as a whole, by who holds writer_

  std::mutex writer_;  // one changes the list at a time; searches do not come here
  std::condition_variable work_;
  std::condition_variable merged_;
  bool merging_ = false;
  std::size_t merging_end_ = 0;               // of the parts that a merge may be reading
  std::vector<std::int64_t> gone_meanwhile_;  // labels withdrawn while that goes on
  bool merge_failed_ = false;                 // in the background: until the next add
  bool closing_ = false;
  std::thread merger_;
};

template <class Kind>
Status LiveList<Kind>::add(Rows&& rows) {
  std::unique_lock writer(writer_);
  Parts now = parts();
  std::size_t held = Kind::count(rows);
  for (const Part& part : now) held += part.rows();
  if (held > Kind::kMaxRows) {
    return Error{Errc::kLimit, named("add to") + ": more than " + std::to_string(Kind::kMaxRows) +
                                   " " + Kind::kRows};
  }
  // Small parts become one at once: see kNewest.
  while (now.size() > (merging_ ? merging_end_ : 0)) {
    const std::size_t more = Kind::count(rows);
    const std::size_t together = now.back().rows() + more;
    if (together > (more < kNewest ? kNewest : kScanned)) break;
    if (auto copied = kind_.collect({now.back()}, rows); !copied) return copied;
    now.pop_back();
  }
  now.push_back(kind_.build(std::move(rows)));
  const bool none_due = first_to_merge(now) == now.size();
  publish(std::move(now));
  if (none_due) return ok();
  // The rows are in, whatever becomes of a merge.
  merge_failed_ = false;
  bool in_background = in_background_;
  try {
    if (in_background && !merger_.joinable()) merger_ = std::thread([this] { keep_merging(); });
  } catch (const std::system_error&) {  // no thread is to be had
    in_background = false;
  }
  if (!in_background && !merge_due(writer)) merge_failed_ = true;
  work_.notify_all();
  return ok();
}

template <class Kind>
Result<std::size_t> LiveList<Kind>::withdraw(std::span<const std::int64_t> labels) {
  return within_memory(named("withdraw from"), [&]() -> Result<std::size_t> {
    const std::unordered_set<std::int64_t> wanted(labels.begin(), labels.end());
    const std::lock_guard writer(writer_);
    // First of all: should a part fail, what is marked by then stays out of what is merged.
    if (merging_) gone_meanwhile_.insert(gone_meanwhile_.end(), labels.begin(), labels.end());
    std::size_t withdrawn = 0;
    for (const Part& part : parts()) {
      auto gone = kind_.withdraw(part, wanted);
      if (!gone) return std::move(gone).error();
      withdrawn += *gone;
    }
    return withdrawn;
  });
}

// Makes one part of those from `first` on. What is added and withdrawn meanwhile is not held up:
// parts are only added behind those that are read, and labels that are withdrawn are noted.
template <class Kind>
Status LiveList<Kind>::merge_from(std::size_t first, std::unique_lock<std::mutex>& writer) {
  const Parts all = parts();
  merging_ = true;
  merging_end_ = all.size();
  gone_meanwhile_.clear();
  writer.unlock();
  Part merged;
  auto done = within_memory(named("merge"), [&]() -> Status {
    Rows rows;
    if (auto copied =
            kind_.collect({all.begin() + static_cast<std::ptrdiff_t>(first), all.end()}, rows);
        !copied) {
      return copied;
    }
    merged = kind_.build(std::move(rows));
    return ok();
  });
  writer.lock();
  if (done) {
    done = within_memory(named("merge"), [&]() -> Status {
      if (!gone_meanwhile_.empty()) {
        auto gone = kind_.withdraw(merged, {gone_meanwhile_.begin(), gone_meanwhile_.end()});
        if (!gone) return std::move(gone).error();
      }
      const Parts now = parts();
      Parts next(now.begin(), now.begin() + static_cast<std::ptrdiff_t>(first));
      if (merged.rows() > 0) next.push_back(std::move(merged));
      next.insert(next.end(), now.begin() + static_cast<std::ptrdiff_t>(merging_end_), now.end());
      publish(std::move(next));
      return ok();
    });
  }
  merging_ = false;
  gone_meanwhile_.clear();
  merged_.notify_all();
  work_.notify_all();
  return done;
}

// Merges what is due now, after whoever is at it.
template <class Kind>
Status LiveList<Kind>::merge_due(std::unique_lock<std::mutex>& writer) {
  merged_.wait(writer, [this] { return !merging_; });
  const std::size_t due = first_to_merge(parts());
  return due < parts().size() ? merge_from(due, writer) : ok();
}

template <class Kind>
void LiveList<Kind>::keep_merging() {
  std::unique_lock writer(writer_);
  while (!closing_) {
    const std::size_t due = merging_ || merge_failed_ ? SIZE_MAX : first_to_merge(parts());
    if (due >= parts().size()) {
      work_.wait(writer);
      continue;
    }
    // The parts stay as they are if this fails: slower to search, and as right.
    auto merged = within_memory(named("merge"), [&] { return merge_from(due, writer); });
    if (!merged) merge_failed_ = true;
  }
}

template <class Kind>
Status LiveList<Kind>::merge() {
  std::unique_lock writer(writer_);
  merged_.wait(writer, [this] { return !merging_; });
  const Parts now = parts();
  if (now.empty() || (now.size() == 1 && now[0].gone->count() == 0)) return ok();
  return merge_from(0, writer);
}

}  // namespace semblance::index
