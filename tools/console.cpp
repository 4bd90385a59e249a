// SPDX-License-Identifier: Apache-2.0
#include "console.h"

#include <fcntl.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <mutex>
#include <utility>

#include "core/files.h"

namespace semblance::tool {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{64} << 10;

struct Console {
  std::mutex mutex;
  std::function<void()> hide;
  std::function<void()> show;
};

Console& console() {
  static Console instance;
  return instance;
}

void write_above_bar(std::string_view text) {
  Console& shared = console();
  const std::lock_guard lock(shared.mutex);
  if (shared.hide) shared.hide();
  // A closed standard error leaves nothing to tell anybody: the status is dropped on purpose.
  (void)write_all(STDERR_FILENO, text, "standard error");
  if (shared.show) shared.show();
}

// A terminal obeys control characters; a line of ours must not smuggle any from a file's name.
std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = '?';
  }
  return out;
}

class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::string line = "semblance: ";
    if (message.level == spdlog::level::warn) line += "warning: ";
    line += printable({message.payload.data(), message.payload.size()});
    line += '\n';
    write_above_bar(line);
  }
  void flush_() override {}
};

spdlog::logger& logger() {
  static spdlog::logger instance("semblance", std::make_shared<StderrSink>());
  return instance;
}

void write_line(spdlog::level::level_enum level, std::string_view line) {
  logger().log(level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

void take_standard_descriptors() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest free number is this one. The wrong way round on purpose.
    (void)open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

void warn(std::string_view text) { write_line(spdlog::level::warn, text); }

void report_failure(std::string_view text) { write_line(spdlog::level::err, text); }

void print_note(std::string_view text) { write_above_bar(text); }

void set_step_aside(std::function<void()> hide, std::function<void()> show) {
  Console& shared = console();
  const std::lock_guard lock(shared.mutex);
  shared.hide = std::move(hide);
  shared.show = std::move(show);
}

void with_console(const std::function<void()>& draw) {
  const std::lock_guard lock(console().mutex);
  draw();
}

Status LineWriter::line(std::string_view text) {
  buffer_ += text;
  buffer_ += '\n';
  return buffer_.size() < kFlushBytes ? ok() : flush();
}

Status LineWriter::flush() {
  if (buffer_.empty()) return ok();
  const std::string text = std::exchange(buffer_, {});
  return write_all(STDOUT_FILENO, text, kStandardOutput);
}

}  // namespace semblance::tool
