// SPDX-License-Identifier: Apache-2.0
#include "records.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/base64.h"
#include "dates.h"
#include "scan/picture_fields.h"
#include "scan/policy_json.h"
#include "scan/video_fields.h"
#include "semblance/embedding.h"
#include "semblance/features.h"
#include "semblance/tmk.h"
#include "semblance/video.h"

namespace semblance::tool {
namespace {

void set_frames(Json& json, const VideoSignal& video) {
  json["frames"] = video.frames.size();
  if (video.duration_ms != 0) json["duration"] = video.duration_ms / 1000.0;
  json["sampling"] = name(video.sampling);
}

// What a long value holds; nothing is shown of one that cannot be read. Of features and embeddings
// no more than their number: what they say of the picture stays in the store.
void set_contents(Json& json, const SignalValue& value) {
  if (value.kind == SignalKind::kVpdq) {
    const Result<VideoSignal> video = parse_video_signal(value.bytes);
    if (video) set_frames(json, *video);
  } else if (value.kind == SignalKind::kTmk) {
    const Result<TmkSignal> tmk = parse_tmk(value.bytes);
    if (tmk) json["frames"] = tmk->frames;
  } else if (value.kind == SignalKind::kOrb) {
    const Result<FeatureSet> set = features_from_bytes(value.bytes);
    if (set) json["features"] = set->features.size();
  } else if (value.kind == SignalKind::kEmbedding) {
    const Result<std::vector<float>> vector = embedding_from_bytes(value.bytes);
    if (vector) json["dimension"] = vector->size();
  }
}

// How many signals there are of each kind; embeddings by their model.
Json signals_json(const BankInfo& bank) {
  Json json = Json::object();
  for (const auto& [kind, count] : bank.signals) {
    if (kind != SignalKind::kEmbedding) json[std::string(name(kind))] = count;
  }
  for (const auto& [model, count] : bank.embeddings) {
    json[scanner::kind_word(SignalKind::kEmbedding, model)] = count;
  }
  return json;
}

}  // namespace

Json to_json(const BankSignal& signal) {
  Json json;
  json["kind"] = scanner::kind_word(signal.value.kind, signal.model);
  if (signal.part) json["part"] = scanner::part_json(*signal.part);
  if (is_short(signal.value.kind)) {
    json["value"] = to_hex(signal.value.bytes);
  } else {
    set_contents(json, signal.value);
  }
  if (signal.quality) json["quality"] = *signal.quality;
  if (signal.profile) json["profile"] = name(*signal.profile);
  if (!signal.version.empty()) json["version"] = signal.version;
  return json;
}

std::string to_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void set_path(Json& json, std::string_view path) {
  json["path"] = path;  // to_line puts U+FFFD where it is not UTF-8
  if (!is_utf8(path)) json["path_b64"] = to_base64(path);
}

Json to_json(const BankInfo& bank) {
  Json json;
  json["schema"] = kLineSchema;
  json["bank"] = bank.name;
  json.update(scanner::policy_json(bank.policy));
  json["created_at"] = format_date(bank.created_at);
  json["revision"] = bank.revision;
  json["entries"] = {
      {"active", bank.active}, {"withdrawn", bank.withdrawn}, {"expired", bank.expired}};
  json["signals"] = signals_json(bank);
  if (bank.frames > 0) json["frames"] = bank.frames;
  if (bank.parts > 0) json["parts"] = bank.parts;
  if (bank.policy.entry_windows) json["without_windows"] = bank.without_windows;
  return json;
}

Json to_json(const Match& match) {
  Json json;
  json["bank"] = match.bank;
  json["entry"] = match.entry;
  json["kind"] = scanner::kind_word(match.kind, match.model);
  scanner::set_nearness(json, match);
  if (match.profile) json["profile"] = name(*match.profile);
  if (match.entry_quality) json["entry_quality"] = *match.entry_quality;
  scanner::set_picture_fields(json, match);
  scanner::set_video_fields(json, match);
  json["labels"] = match.labels;
  json["source"] = match.source;
  json["source_id"] = match.source_id;
  return json;
}

Json to_json(const Entry& entry, UnixSeconds now) {
  Json json;
  json["schema"] = kLineSchema;
  json["bank"] = entry.bank;
  json["entry"] = entry.id;
  json["state"] = entry.active(now) ? "active" : entry.withdrawn_at ? "withdrawn" : "expired";
  json["source"] = entry.item.source;
  json["source_id"] = entry.item.source_id;
  json["labels"] = entry.item.labels;
  json["signals"] = Json::array();
  for (const BankSignal& signal : entry.item.signals) json["signals"].push_back(to_json(signal));
  json["added_at"] = format_date(entry.added_at);
  json["updated_at"] = format_date(entry.updated_at);
  if (entry.item.expires_at) json["expires_at"] = format_date(*entry.item.expires_at);
  if (entry.withdrawn_at) {
    json["withdrawn_at"] = format_date(*entry.withdrawn_at);
    if (entry.withdrawn_by) {
      json["withdrawn_by"] = *entry.withdrawn_by == WithdrawnBy::kPerson ? "person" : "source";
    }
    json["withdrawn_reason"] = entry.withdrawn_reason;
  }
  return json;
}

std::string_view name(AddOutcome outcome) noexcept {
  switch (outcome) {
    case AddOutcome::kAdded:
      return "added";
    case AddOutcome::kUpdated:
      return "updated";
    case AddOutcome::kUnchanged:
      return "unchanged";
    case AddOutcome::kKeptWithdrawn:
      return "kept_withdrawn";
    case AddOutcome::kWithdrawn:
      return "withdrawn";
    case AddOutcome::kTombstoneUnknown:
      return "tombstone_unknown";
  }
  return "";
}

}  // namespace semblance::tool
