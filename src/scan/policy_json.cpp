// SPDX-License-Identifier: Apache-2.0
#include "scan/policy_json.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "scan/picture_fields.h"

namespace semblance::scanner {

nlohmann::ordered_json policy_json(const BankPolicy& policy) {
  using Json = nlohmann::ordered_json;
  Json distances = Json::object();
  for (const auto& [kind, bits] : policy.max_distance) distances[std::string(name(kind))] = bits;
  Json probes = Json::object();
  for (const auto& [kind, bits] : policy.probes) probes[std::string(name(kind))] = bits;
  Json embeddings = Json::object();
  for (const auto& [model, least] : policy.embeddings) {
    embeddings[model] = four_decimals(double{least});
  }
  return {{"purpose", policy.purpose},
          {"quality_floor", policy.quality_floor},
          {"max_distance", std::move(distances)},
          {"probes", std::move(probes)},
          {"entry_windows", policy.entry_windows},
          {"features", policy.features},
          {"embeddings", std::move(embeddings)}};
}

}  // namespace semblance::scanner
