// SPDX-License-Identifier: Apache-2.0
#include "core/log.h"

#include <atomic>

namespace semblance {
namespace {

std::atomic<LogSink> g_sink{nullptr};

}  // namespace

void set_log_sink(LogSink sink) noexcept { g_sink.store(sink); }

void log_line(LogLevel level, std::string_view line) {
  if (const LogSink sink = g_sink.load()) sink(level, line);
}

}  // namespace semblance
