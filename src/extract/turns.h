// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: who may use a worker now.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

namespace semblance::extract {

/// Places for a fixed number of callers at a time, or for one of them alone. Thread-safe.
///
/// Whoever holds a place can ask to be alone: new callers then wait, those inside finish, and
/// several who ask take turns. Nobody waits for ever unless somebody stays for ever.
class Turns {
 public:
  explicit Turns(std::size_t places);

  /// Waits for a free place and takes it: the one given back last, whose worker is warm.
  std::size_t enter();
  void leave(std::size_t place);

  /// For a caller with a place: waits until no other is at work, and keeps them out.
  void begin_alone();
  void end_alone();

 private:
  std::mutex mutex_;
  std::condition_variable freed_;  // a place, for one of those outside
  std::condition_variable quiet_;  // for those inside who want to be alone
  std::vector<std::size_t> free_;
  std::size_t at_work_ = 0;     // callers inside that do not wait to be alone
  std::size_t want_alone_ = 0;  // callers inside that do
  bool alone_ = false;          // one of them is
};

}  // namespace semblance::extract
