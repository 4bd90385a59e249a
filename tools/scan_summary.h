// SPDX-License-Identifier: Apache-2.0
// What a scan tells a person when it is done.
#pragma once

#include <string>

#include "options.h"
#include "semblance/scan.h"

namespace semblance::tool {

/// Several lines: files, outcomes, reasons, matches by bank, time and rate, where the case is.
std::string scan_summary(const ScanReport& report, const ScanOptions& options, double seconds);

/// The command that goes on with an interrupted case, quoted for a shell.
std::string resume_command(const CommonOptions& common, const ScanOptions& options);

}  // namespace semblance::tool
