// SPDX-License-Identifier: Apache-2.0
// From argv to options: the only files that see the command-line parser.
#pragma once

#include <optional>
#include <string>

#include "options.h"

namespace semblance::tool {

/// What reading the command line gave: options to run with, or text to print and leave.
struct ParsedCommandLine {
  std::optional<CommandLine> run;
  std::string text;    // help, version, or what is wrong
  bool wrong = false;  // `text` is a usage error: standard error, exit status 1
};

/// Reads the command line. `default_store` is used where no --store is given.
ParsedCommandLine parse_command_line(int argc, const char* const* argv,
                                     const std::string& default_store);

}  // namespace semblance::tool
