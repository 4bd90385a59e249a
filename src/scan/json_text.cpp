// SPDX-License-Identifier: Apache-2.0
#include "scan/json_text.h"

#include <nlohmann/json.hpp>

#include "core/base64.h"

namespace semblance::scanner {

std::string to_line(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void set_path(nlohmann::ordered_json& json, std::string_view path) {
  json["path"] = path;
  if (!is_utf8(path)) json["path_b64"] = to_base64(path);
}

std::uint64_t whole_number(const nlohmann::ordered_json& value) {
  return value.get_ref<const std::uint64_t&>();
}

}  // namespace semblance::scanner
