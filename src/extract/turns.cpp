// SPDX-License-Identifier: Apache-2.0
#include "extract/turns.h"

namespace semblance::extract {

Turns::Turns(std::size_t places) {
  for (std::size_t place = places; place > 0; --place) free_.push_back(place - 1);
}

std::size_t Turns::enter() {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [&] { return !free_.empty() && want_alone_ == 0 && !alone_; });
  const std::size_t place = free_.back();
  free_.pop_back();
  ++at_work_;
  return place;
}

void Turns::leave(std::size_t place) {
  bool wanted_alone = false;
  {
    const std::scoped_lock lock(mutex_);
    free_.push_back(place);
    --at_work_;
    wanted_alone = want_alone_ > 0;
  }
  // Whoever is alone afterwards wakes all those outside.
  if (wanted_alone) {
    quiet_.notify_all();
  } else {
    freed_.notify_one();
  }
}

void Turns::begin_alone() {
  std::unique_lock lock(mutex_);
  --at_work_;  // else two who ask would wait for each other
  ++want_alone_;
  quiet_.notify_all();
  quiet_.wait(lock, [&] { return at_work_ == 0 && !alone_; });
  --want_alone_;
  alone_ = true;
}

void Turns::end_alone() {
  {
    const std::scoped_lock lock(mutex_);
    alone_ = false;
    ++at_work_;
  }
  quiet_.notify_all();
  freed_.notify_all();
}

}  // namespace semblance::extract
