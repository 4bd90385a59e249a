// SPDX-License-Identifier: Apache-2.0
#include "scan/picture_fields.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "core/base64.h"

namespace semblance::scanner {
namespace {

using Json = nlohmann::ordered_json;

double part_of_side(std::uint16_t places) { return places / double{Window::kSide}; }

Json quad_json(std::span<const Point> corners) {
  Json quad = Json::array();
  for (const Point& corner : corners) {
    quad.push_back({four_decimals(double{corner.x}), four_decimals(double{corner.y})});
  }
  return quad;
}

Json geometry_json(const Geometry& geometry) {
  return {{"query_quad", quad_json(geometry.query_quad)},
          {"entry_quad", quad_json(geometry.entry_quad)},
          {"inliers", geometry.inliers},
          {"compared", geometry.compared},
          {"mirrored", geometry.mirrored}};
}

}  // namespace

std::string kind_word(SignalKind kind, std::string_view model) {
  std::string word(name(kind));
  if (!model.empty()) word.append(":").append(model);
  return word;
}

double four_decimals(double value) {
  const double rounded = std::round(value * 10000) / 10000;
  return rounded == 0 ? 0 : rounded;  // never -0.0
}

Json part_json(const Probe& part) {
  const Window& window = part.window;
  return {{"kind", name(part.kind)},
          {"window",
           {part_of_side(window.left), part_of_side(window.top), part_of_side(window.width),
            part_of_side(window.height)}}};
}

Json probe_json(const ProbeSignal& signal) {
  return {{"kind", name(SignalKind::kPdq)},
          {"part", part_json(signal.probe)},
          {"value", to_hex(signal.pdq.hash())},
          {"quality", signal.pdq.quality},
          {"profile", name(signal.pdq.profile)},
          {"precision", name(signal.pdq.precision())},
          {"version", std::string(kProbeVersion) + "/" + version_of(signal.pdq)}};
}

Json features_json(const FeatureSet& set) {
  Json json = {{"kind", name(SignalKind::kOrb)},
               {"features", set.features.size()},
               {"version", kFeaturesVersion}};
  if (set.mirrored) json["mirrored"] = true;
  return json;
}

Json embedding_json(const EmbeddingSignal& signal, bool whole) {
  Json json = {{"kind", kind_word(SignalKind::kEmbedding, signal.id.model)},
               {"dimension", signal.id.dimension},
               {"version", signal.id.version}};
  if (whole) {
    const std::vector<std::uint8_t> bytes = to_bytes(signal.values);
    json["value_b64"] = to_base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  return json;
}

void set_nearness(Json& json, const Match& match) {
  if (match.kind == SignalKind::kTmk || match.kind == SignalKind::kOrb) return;
  if (match.cosine) {
    json["cosine"] = four_decimals(double{*match.cosine});
    if (match.least_cosine) json["least_cosine"] = four_decimals(double{*match.least_cosine});
  } else {
    json["distance"] = match.distance;
    json["max_distance"] = match.max_distance;
  }
  json["transform"] = name(match.transform);
}

void set_picture_fields(Json& json, const Match& match) {
  if (match.query_probe) json["query_part"] = part_json(*match.query_probe);
  if (match.entry_probe) json["entry_part"] = part_json(*match.entry_probe);
  if (match.geometry) json["geometry"] = geometry_json(*match.geometry);
}

}  // namespace semblance::scanner
