// SPDX-License-Identifier: Apache-2.0
// Where semblance-extract is, and what it says of itself.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "semblance/result.h"

namespace semblance::tool {

/// The path of semblance-extract: `given` unless empty, else beside this program. Errc::kWorker,
/// saying where it was looked for, if there is no such program.
Result<std::string> find_extract_program(const std::string& given);

/// Runs `program --versions` and returns its lines as pairs of key and value, in their order.
Result<std::vector<std::pair<std::string, std::string>>> extract_program_versions(
    const std::string& program);

}  // namespace semblance::tool
