// SPDX-License-Identifier: Apache-2.0
// `semblance inspect`: what this build and machine have.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "console.h"
#include "extract_program.h"
#include "records.h"
#include "semblance/device_index.h"
#include "semblance/version.h"
#include "subcommands.h"

namespace semblance::tool {
namespace {

// `name version,name version`, from the build: what was linked.
Json linked_libraries() {
  Json json = Json::object();
  std::string_view rest = SEMBLANCE_LIBRARIES;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    const std::size_t space = one.find(' ');
    if (space != std::string_view::npos) {
      json[std::string(one.substr(0, space))] = one.substr(space + 1);
    }
  }
  return json;
}

// Lines that share a key, as `decoder`, become one list.
Json grouped_lines(const std::vector<std::pair<std::string, std::string>>& lines) {
  Json json = Json::object();
  for (const auto& [key, value] : lines) {
    if (!json.contains(key)) {
      json[key] = value;
    } else if (json[key].is_array()) {
      json[key].push_back(value);
    } else {
      json[key] = Json::array({json[key], value});
    }
  }
  return json;
}

Json isolation_json(const Protections& protections) {
  return {{"mode", name(protections.isolation)},
          {"active", protections.active},
          {"missing", protections.missing}};
}

Json embedders_json(const std::vector<EmbedderId>& embedders) {
  Json json = Json::array();
  for (const EmbedderId& id : embedders) {
    json.push_back({{"model", id.model}, {"version", id.version}, {"dimension", id.dimension}});
  }
  return json;
}

Json gpu_json() {
  const auto gpu = device_facts();
  if (!gpu) return {{"available", false}, {"reason", gpu.error().what}};
  return {{"available", true},
          {"name", gpu->name},
          {"compute_capability", gpu->compute_capability},
          {"multiprocessors", gpu->multiprocessors},
          {"memory_bytes", gpu->memory_bytes}};
}

Json describe(const Session& session, Json extract_lines, const std::string& extract_path,
              const Extractor& extractor) {
  Json json;
  json["version"] = version();
  json["build"] = build_description();
  json["pdq_version"] = kPdqVersion;
  json["pdq_fast_version"] = kPdqFastVersion;
  json["probe_version"] = kProbeVersion;
  json["features_version"] = kFeaturesVersion;
  json["threads"] = std::thread::hardware_concurrency();
  json["gpu"] = gpu_json();
  json["libraries"] = linked_libraries();
  json["extract_program"] = extract_path;
  json["extract"] = std::move(extract_lines);
  json["embedders"] = embedders_json(extractor.embedders());
  json["isolation"] = isolation_json(extractor.protections());
  json["store"] = session.options().store;
  return json;
}

std::string plain(const Json& value) {
  return value.is_string() ? value.get<std::string>() : to_line(value);
}

std::string as_text(const Json& json) {
  std::string text;
  for (const auto& [key, value] : json.items()) {
    if (!value.is_object()) {
      text += key + ": " + plain(value) + '\n';
      continue;
    }
    text += key + ":\n";
    for (const auto& [inner, one] : value.items()) {
      if (!one.is_array()) text += "  " + inner + ": " + plain(one) + '\n';
      for (const Json& each : one.is_array() ? one : Json::array()) {
        text += "  " + inner + ": " + plain(each) + '\n';
      }
    }
  }
  if (!text.empty()) text.pop_back();
  return text;
}

}  // namespace

Exit run_inspect(Session& session, const InspectOptions& options) {
  const Result<std::string> program = find_extract_program(session.options().extractor);
  if (!program) return session.fail(program.error());
  const auto lines = extract_program_versions(*program);
  if (!lines) return session.fail(lines.error());
  // Asked of a worker in its cage, not guessed from the kernel's version.
  const auto extractor = session.start_extractor(1);
  if (!extractor) return session.fail(extractor.error());
  const Json json = describe(session, grouped_lines(*lines), *program, **extractor);
  LineWriter out;
  Status written = out.line(options.text ? as_text(json) : to_line(json));
  if (written) written = out.flush();
  return written ? Exit::kDone : session.fail(written.error());
}

}  // namespace semblance::tool
