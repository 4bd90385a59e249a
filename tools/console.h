// SPDX-License-Identifier: Apache-2.0
// The two streams of the command: results on standard output, everything else on standard error.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "semblance/result.h"

namespace semblance::tool {

/// What errors of writing results name.
inline constexpr std::string_view kStandardOutput = "standard output";

/// Makes sure that the descriptors 0, 1 and 2 are taken, each by something that fails loudly if
/// it is used: else a file opened later would take the place of a closed standard stream, and
/// results or messages would be written into it. First thing in main.
void take_standard_descriptors();

/// One line for people on standard error, `semblance: <text>`, above the progress bar if any.
/// Control characters in it are shown as `?`: file names are hostile too.
void warn(std::string_view text);
void report_failure(std::string_view text);

/// Plain text on standard error, such as a summary, as it stands.
void print_note(std::string_view text);

/// Sets what is called around a line on standard error, so that a progress bar can step aside.
/// Both empty: nothing. Called with the console's lock held: they must not print by these means.
void set_step_aside(std::function<void()> hide, std::function<void()> show);

/// Runs `draw` with the console's lock held: how the progress bar draws itself.
void with_console(const std::function<void()>& draw);

/// Buffered lines to standard output.
class LineWriter {
 public:
  LineWriter() = default;
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  /// Adds a line; writes when 64 KiB have gathered.
  Status line(std::string_view text);

  /// Writes what has gathered. Errc::kIo, such as a closed pipe or a full disk.
  Status flush();

 private:
  std::string buffer_;
};

}  // namespace semblance::tool
