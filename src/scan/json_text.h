// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: JSON whose strings may come from hostile bytes.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace semblance::scanner {

/// One line of JSON; bytes that are not UTF-8 become U+FFFD.
std::string to_line(const nlohmann::ordered_json& json);

/// Sets `path`, and `path_b64` where the path is not UTF-8 and `path` can only show it.
void set_path(nlohmann::ordered_json& json, std::string_view path);

/// The whole number that `value` is. Throws the library's type_error for anything else, also for
/// what it would make one of, such as a fraction, or 1e300, whose conversion nothing defines.
std::uint64_t whole_number(const nlohmann::ordered_json& value);

}  // namespace semblance::scanner
