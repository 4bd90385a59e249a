// SPDX-License-Identifier: Apache-2.0
// A block of a GPU played on the host: its threads take turns between one `sync` and the next.
#pragma once

#include <vector>

namespace semblance::kernels::device {

template <unsigned kThreads>
class HostBlockOf {
 public:
  template <class T>
  class PerThread {
   public:
    T& operator[](unsigned thread) { return all_[thread]; }

   private:
    std::vector<T> all_ = std::vector<T>(kThreads);
  };

  HostBlockOf(unsigned index, unsigned count, unsigned batch)
      : index_(index), count_(count), batch_(batch) {}

  unsigned index() const { return index_; }
  unsigned count() const { return count_; }
  unsigned batch() const { return batch_; }
  void sync() const {}

  template <class F>
  void each(const F& f) const {
    for (unsigned thread = 0; thread < kThreads; ++thread) f(thread);
  }

 private:
  unsigned index_;
  unsigned count_;
  unsigned batch_;
};

}  // namespace semblance::kernels::device
