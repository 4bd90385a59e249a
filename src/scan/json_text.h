// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: JSON whose strings may come from hostile bytes.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace semblance::scanner {

/// One line of JSON; bytes that are not UTF-8 become U+FFFD.
std::string to_line(const nlohmann::ordered_json& json);

/// Sets `path`, and `path_b64` where the path is not UTF-8 and `path` can only show it.
void set_path(nlohmann::ordered_json& json, std::string_view path);

}  // namespace semblance::scanner
