// SPDX-License-Identifier: Apache-2.0
// Where the library's diagnostics go: a sink that the program sets. The library never prints.
#pragma once

#include <string_view>

namespace semblance {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// Receives one line without newline; may be called from any thread.
using LogSink = void (*)(LogLevel level, std::string_view line);

/// Sets where lines go; null, the default, drops them. Not to be called beside log_line.
void set_log_sink(LogSink sink) noexcept;

/// Gives one line to the sink, if there is one.
void log_line(LogLevel level, std::string_view line);

}  // namespace semblance
