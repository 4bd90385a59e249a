// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include "console.h"
#include "core/files.h"

namespace semblance::tool {
namespace {

constexpr auto kAppearAfter = std::chrono::seconds(1);
constexpr auto kRedrawEvery = std::chrono::milliseconds(125);
constexpr auto kRateWindow = std::chrono::seconds(15);
constexpr int kBarColumns = 20;
constexpr int kDefaultColumns = 80;

int terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultColumns;
  return size.ws_col;
}

// Bytes say more than items of how much is left; items where no bytes are counted.
double fraction(const ProgressView& view) {
  const auto part = [](std::uint64_t done, std::uint64_t total) {
    return std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  };
  if (view.total_bytes > 0) return part(view.bytes, view.total_bytes);
  if (view.total_items > 0) return part(view.items, view.total_items);
  return -1;
}

double seconds_left(const ProgressView& view, const ProgressRate& rate) {
  const auto left = [](std::uint64_t done, std::uint64_t total, double per_s) {
    return per_s > 0 ? static_cast<double>(total - std::min(done, total)) / per_s : -1.0;
  };
  if (view.total_bytes > 0) return left(view.bytes, view.total_bytes, rate.bytes_per_s);
  if (view.total_items > 0) return left(view.items, view.total_items, rate.items_per_s);
  return -1;
}

std::string bar(double done) {
  const auto filled = static_cast<std::size_t>(done * kBarColumns);
  std::string text(filled, '#');
  text.resize(static_cast<std::size_t>(kBarColumns), '.');
  return '[' + text + ']';
}

std::string of_total(const std::string& done, std::uint64_t total, const std::string& whole) {
  return total > 0 ? done + '/' + whole : done;
}

}  // namespace

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  return grouped(number) + ' ' + std::string(number == 1 ? one : many);
}

std::string human_bytes(double bytes) {
  constexpr std::array<const char*, 5> kUnits = {"kB", "MB", "GB", "TB", "PB"};
  std::array<char, 64> text{};
  if (bytes < 1000) {
    (void)std::snprintf(text.data(), text.size(), "%.0f B", bytes);
    return text.data();
  }
  std::size_t unit = 0;
  bytes /= 1000;
  // 999.95 would print as 1000.0: it belongs to the next unit.
  while (bytes >= 999.95 && unit + 1 < kUnits.size()) {
    bytes /= 1000;
    ++unit;
  }
  (void)std::snprintf(text.data(), text.size(), "%.1f %s", bytes, kUnits[unit]);
  return text.data();
}

std::string human_duration(double seconds) {
  const auto whole = static_cast<long long>(std::llround(std::max(0.0, seconds)));
  std::array<char, 64> text{};
  if (whole >= 86'400) {
    (void)std::snprintf(text.data(), text.size(), "%lld d %lld h", whole / 86'400,
                        whole / 3600 % 24);
  } else if (whole >= 3600) {
    (void)std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld", whole / 3600,
                        whole / 60 % 60, whole % 60);
  } else {
    (void)std::snprintf(text.data(), text.size(), "%lld:%02lld", whole / 60, whole % 60);
  }
  return text.data();
}

std::string render_progress(const ProgressView& view, const ProgressRate& rate, int width) {
  struct Part {
    std::string text;
    int rank;  // 0 stays longest
  };
  std::vector<Part> parts;
  if (const double done = fraction(view); done >= 0) {
    parts.push_back({bar(done), 5});
    parts.push_back({std::to_string(static_cast<int>(done * 100)) + " %", 0});
  }
  parts.push_back(
      {of_total(grouped(view.items), view.total_items, grouped(view.total_items)) + ' ' + view.unit,
       1});
  parts.push_back({of_total(human_bytes(static_cast<double>(view.bytes)), view.total_bytes,
                            human_bytes(static_cast<double>(view.total_bytes))),
                   4});
  if (rate.items_per_s > 0) {
    parts.push_back({grouped(static_cast<std::uint64_t>(rate.items_per_s)) + ' ' + view.unit +
                         "/s, " + human_bytes(rate.bytes_per_s) + "/s",
                     6});
  }
  if (!view.outcomes.empty()) parts.push_back({view.outcomes, 3});
  if (const double left = seconds_left(view, rate); left >= 0) {
    parts.push_back({human_duration(left) + " left", 2});
  }

  constexpr int kLeastImportant = 6;
  std::string line;
  for (int keep = kLeastImportant; keep >= 0; --keep) {
    line.clear();
    for (const Part& part : parts) {
      if (part.rank <= keep) line += (line.empty() ? "" : "  ") + part.text;
    }
    if (static_cast<int>(line.size()) <= width) return line;
  }
  line.resize(static_cast<std::size_t>(std::max(0, width)));
  return line;
}

ProgressBar::ProgressBar(bool wanted, std::function<ProgressView()> read) : read_(std::move(read)) {
  if (!wanted) return;
  set_step_aside([this] { hide(); }, [this] { show(); });
  thread_ = std::thread([this] { run(); });
}

ProgressBar::~ProgressBar() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  wake_.notify_one();
  thread_.join();
  set_step_aside({}, {});
  hide();
}

void ProgressBar::run() {
  const auto appear = std::chrono::steady_clock::now() + kAppearAfter;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kRedrawEvery, [this] { return done_; })) {
    std::string next = compose();
    if (std::chrono::steady_clock::now() < appear) continue;
    with_console([&] {
      line_ = std::move(next);
      show();
    });
  }
}

std::string ProgressBar::compose() {
  const ProgressView view = read_();
  const Sample now{std::chrono::steady_clock::now(), view.items, view.bytes};
  samples_.push_back(now);
  while (now.when - samples_.front().when > kRateWindow) samples_.pop_front();
  const Sample& then = samples_.front();
  ProgressRate rate;
  const double elapsed = std::chrono::duration<double>(now.when - then.when).count();
  if (elapsed > 0) {
    rate.items_per_s = static_cast<double>(now.items - std::min(now.items, then.items)) / elapsed;
    rate.bytes_per_s = static_cast<double>(now.bytes - std::min(now.bytes, then.bytes)) / elapsed;
  }
  // The last column stays free: some terminals wrap when it is written.
  return render_progress(view, rate, terminal_columns() - 1);
}

void ProgressBar::show() const {
  if (!line_.empty()) (void)write_all(STDERR_FILENO, '\r' + line_ + "\x1b[K", "standard error");
}

void ProgressBar::hide() const {
  if (!line_.empty()) (void)write_all(STDERR_FILENO, "\r\x1b[K", "standard error");
}

}  // namespace semblance::tool
