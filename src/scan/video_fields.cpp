// SPDX-License-Identifier: Apache-2.0
#include "scan/video_fields.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace semblance::scanner {
namespace {

using Json = nlohmann::ordered_json;

double seconds(std::uint32_t ms) { return ms / 1000.0; }

// A figure as a record shows it: what is beyond that says nothing, and makes lines long.
double rounded(double value, double steps) { return std::round(value * steps) / steps; }

Json interval_json(const TimeSpan& span) {
  return Json::array({seconds(span.start_ms), seconds(span.end_ms)});
}

// Key frames alone are to frames what low frequencies are to a picture.
Precision precision_of(Sampling sampling) {
  return sampling == Sampling::kKeyframes ? Precision::kFast : Precision::kExact;
}

void append(std::string& text, const FrameSignal& frame, Sampling sampling, bool with_stream) {
  const FramePlace& at = frame.at;
  text += '{';
  if (sampling != Sampling::kKeyframes) {
    text.append("\"number\":").append(std::to_string(at.number)).append(",");
  }
  text.append("\"start\":").append(Json(seconds(at.start_ms)).dump());
  text.append(",\"end\":").append(Json(seconds(at.end_ms)).dump());
  if (with_stream) text.append(",\"stream\":").append(std::to_string(at.stream));
  text.append(",\"form\":\"").append(name(at.form));
  text.append("\",\"quality\":").append(std::to_string(at.quality));
  text.append(",\"value\":\"").append(to_hex(frame.hashes[0])).append("\"}");
}

}  // namespace

void set_video_facts(Json& json, const Extraction& extraction) {
  const Facts& facts = extraction.facts;
  if (facts.duration_ms != 0) json["duration"] = seconds(facts.duration_ms);
  if (facts.frame_rate_num != 0) {
    json["frame_rate"] = rounded(1.0 * facts.frame_rate_num / facts.frame_rate_den, 1000);
  }
  if (!facts.codec.empty()) json["codec"] = facts.codec;
  if (facts.rotation != 0) json["rotation"] = facts.rotation;
  if (facts.video_streams > 1) json["video_streams"] = facts.video_streams;
  const Ending& ending = extraction.ending;
  if (ending.partial && ending.reached_ms) json["decoded_to"] = seconds(*ending.reached_ms);
}

Json frames_json(const Extraction& extraction) {
  Json json = {{"kind", name(SignalKind::kVpdq)},
               {"frames", extraction.frames.size()},
               {"sampling", name(extraction.sampling)},
               {"precision", name(precision_of(extraction.sampling))},
               {"version", frames_version(extraction.sampling)}};
  // Of a picture that moves, the facts name the decoder of its first one.
  if (extraction.facts.kind == MediaKind::kVideo && !extraction.facts.decoder.empty()) {
    json["decoder"] = extraction.facts.decoder;
  }
  return json;
}

std::string hashes_text(const Extraction& extraction) {
  std::string text = "[";
  for (const FrameSignal& frame : extraction.frames) {
    if (text.size() > 1) text += ',';
    append(text, frame, extraction.sampling, extraction.facts.video_streams > 1);
  }
  return text + ']';
}

Json tmk_json(const TmkSignal& signal) {
  return {{"kind", name(SignalKind::kTmk)}, {"frames", signal.frames}, {"version", kTmkVersion}};
}

void set_video_fields(Json& json, const Match& match) {
  if (match.query_form) json["form"] = name(*match.query_form);
  if (match.query_interval) json["query_interval"] = interval_json(*match.query_interval);
  if (match.entry_interval) json["entry_interval"] = interval_json(*match.entry_interval);
  if (const auto& lies = match.alignment) {
    json["speed"] = rounded(lies->speed, 1000);
    json["query_covered"] = rounded(lies->query_covered, 1000);
    json["entry_covered"] = rounded(lies->entry_covered, 1000);
    json["frames"] = lies->frames;
    json["compared"] = lies->compared;
    json["confidence"] = rounded(lies->confidence, 1000);
    json["vpdq"] = {{"query", rounded(lies->vpdq.query, 100)},
                    {"entry", rounded(lies->vpdq.entry, 100)}};
  }
  if (match.tmk) {
    json["tmk"] = {{"level1", rounded(double{match.tmk->level1}, 10000)},
                   {"level2", rounded(double{match.tmk->level2}, 10000)}};
  }
}

}  // namespace semblance::scanner
