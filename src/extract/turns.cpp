// SPDX-License-Identifier: Apache-2.0
#include "extract/turns.h"

namespace semblance::extract {

Turns::Turns(std::size_t places) {
  for (std::size_t place = places; place > 0; --place) free_.push_back(place - 1);
}

std::size_t Turns::enter() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !free_.empty() && want_alone_ == 0 && !alone_; });
  const std::size_t place = free_.back();
  free_.pop_back();
  ++at_work_;
  return place;
}

void Turns::leave(std::size_t place) {
  {
    const std::scoped_lock lock(mutex_);
    free_.push_back(place);
    --at_work_;
  }
  changed_.notify_all();
}

void Turns::begin_alone() {
  std::unique_lock lock(mutex_);
  --at_work_;  // else two who ask would wait for each other
  ++want_alone_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return at_work_ == 0 && !alone_; });
  --want_alone_;
  alone_ = true;
}

void Turns::end_alone() {
  {
    const std::scoped_lock lock(mutex_);
    alone_ = false;
    ++at_work_;
  }
  changed_.notify_all();
}

}  // namespace semblance::extract
