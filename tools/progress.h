// SPDX-License-Identifier: Apache-2.0
// The progress bar: one line on a terminal, redrawn at most ten times a second, gone at the end.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace semblance::tool {

/// What one drawing of the bar shows.
struct ProgressView {
  std::string unit;  // what items are, plural: `files`, `rows`
  std::uint64_t items = 0;
  std::uint64_t total_items = 0;  // 0: not known
  std::uint64_t bytes = 0;
  std::uint64_t total_bytes = 0;  // 0: not known
  std::string outcomes;           // `3 matched, 120 clean`; may be empty
};

/// How fast it goes, measured over the last seconds.
struct ProgressRate {
  double items_per_s = 0;
  double bytes_per_s = 0;
};

/// The line that shows `view`, at most `width` columns: the least important parts go first.
std::string render_progress(const ProgressView& view, const ProgressRate& rate, int width);

/// `1,234,567`.
std::string grouped(std::uint64_t number);

/// `1 file`, `1,234 files`.
std::string counted(std::uint64_t number, std::string_view one, std::string_view many);

/// `183.2 MB`: decimal units, one place.
std::string human_bytes(double bytes);

/// `0:07`, `12:34`, `3:04:05`, `2 d 3 h`.
std::string human_duration(double seconds);

/// Draws the progress of long work on standard error until it goes out of scope.
///
/// `read` is called from a thread of the bar's own. The bar appears after a second, so that
/// short work shows none.
class ProgressBar {
 public:
  ProgressBar(bool wanted, std::function<ProgressView()> read);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar();

 private:
  struct Sample {
    std::chrono::steady_clock::time_point when;
    std::uint64_t items = 0;
    std::uint64_t bytes = 0;
  };

  void run();
  std::string compose();
  void show() const;
  void hide() const;

  std::function<ProgressView()> read_;
  std::deque<Sample> samples_;  // of the last seconds, for the rate
  std::string line_;            // what stands on the terminal; guarded by the console's lock
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace semblance::tool
