// SPDX-License-Identifier: Apache-2.0
#include "scan/record.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "scan/json_text.h"
#include "scan/picture_fields.h"
#include "scan/video_fields.h"
#include "semblance/pdq.h"

namespace semblance {
namespace scanner {
namespace {

using Json = nlohmann::ordered_json;

// Why the PDQ hashes of a picture cannot be used; empty: they can, or there are none.
std::string unusable_pdq(const Extraction& extraction, int quality_floor) {
  if (extraction.pdq.empty()) return {};
  const std::uint32_t side = std::min(extraction.facts.width, extraction.facts.height);
  if (side != 0 && side < kPdqSmallestSide) {
    return "hash pdq: a side of " + std::to_string(side) + " pixels is under " +
           std::to_string(kPdqSmallestSide);
  }
  for (const PdqSignal& signal : extraction.pdq) {
    if (signal.quality == 0) return "hash pdq: quality 0, the picture has no structure";
    if (signal.quality < quality_floor) {
      return "hash pdq: quality " + std::to_string(signal.quality) + " is under the floor of " +
             std::to_string(quality_floor);
    }
  }
  return {};
}

// Of all that a video shows, or a picture that moves.
int best_quality(const Extraction& extraction) {
  int best = 0;
  for (const FrameSignal& frame : extraction.frames) {
    best = std::max(best, int{frame.at.quality});
  }
  if (extraction.facts.kind == MediaKind::kVideo) return best;  // a cover does not speak for it
  for (const PdqSignal& signal : extraction.pdq) best = std::max(best, signal.quality);
  return best;
}

// Why the frames of an item cannot be used: one good one is enough.
std::string unusable_frames(const Extraction& extraction, int quality_floor) {
  const int best = best_quality(extraction);
  if (best == 0) return "hash frames: no frame has structure";
  if (best >= quality_floor) return {};
  return "hash frames: the best has quality " + std::to_string(best) + ", under the floor of " +
         std::to_string(quality_floor);
}

// Why a TMK that was asked for alone cannot be used: of frames without structure it says nothing.
std::string unusable_tmk(const Extraction& extraction) {
  if (!extraction.tmk) return {};
  const auto& mean = extraction.tmk->mean;
  const bool plain = std::all_of(mean.begin(), mean.end(), [](float value) { return value == 0; });
  return plain ? "hash tmk: no frame has structure" : "";
}

// Whether the item is judged by its frames. A video that none came of was black, or was asked for
// its TMK alone.
bool by_frames(const Extraction& extraction) {
  if (!extraction.frames.empty()) return true;
  return extraction.facts.kind == MediaKind::kVideo && extraction.hashes_asked;
}

std::string unusable(const Extraction& extraction, int quality_floor) {
  if (!extraction.hashes_asked) return unusable_tmk(extraction);
  return by_frames(extraction) ? unusable_frames(extraction, quality_floor)
                               : unusable_pdq(extraction, quality_floor);
}

std::string below_floor_detail(const Extraction& extraction, const MatchResult& found) {
  std::string detail = "look up pdq: quality";
  if (by_frames(extraction)) {
    detail = "look up frames: best quality " + std::to_string(best_quality(extraction));
  } else {
    for (const PdqSignal& signal : extraction.pdq) {
      detail.append(" ").append(std::to_string(signal.quality));
      if (extraction.pdq.size() > 1) detail.append(" (").append(name(signal.profile)).append(")");
    }
  }
  detail += " is under the floor of bank";
  for (std::size_t i = 0; i < found.below_floor.size(); ++i) {
    detail.append(i == 0 ? " " : ", ").append(found.below_floor[i]);
  }
  return detail;
}

// What the extraction alone says: wholly read, or not and why.
Verdict verdict_of(const Ending& ending) {
  Verdict verdict;
  verdict.reason = ending.reason;
  verdict.detail = ending.detail;
  verdict.partial = ending.partial;
  if (ending.partial && ending.reason == Reason::kNone) verdict.reason = Reason::kTruncated;
  return verdict;
}

void set_file_facts(Json& json, const Extraction& extraction) {
  const Facts& facts = extraction.facts;
  if (facts.kind != MediaKind::kUnknown) json["kind"] = name(facts.kind);
  if (!facts.format.empty()) json["format"] = facts.format;
  if (extraction.ending.reason != Reason::kOpenFailed) json["bytes"] = extraction.bytes;
  for (const SignalKind kind :
       {SignalKind::kSha256, SignalKind::kMd5, SignalKind::kSha1, SignalKind::kSha512}) {
    for (const SignalValue& digest : extraction.digests) {
      if (digest.kind == kind) json[std::string(name(kind))] = to_hex(digest.bytes);
    }
  }
  if (facts.width != 0 && facts.height != 0) {
    json["width"] = facts.width;
    json["height"] = facts.height;
  }
  if (facts.orientation != 0) json["orientation"] = facts.orientation;
  if (facts.animated) json["animated"] = true;
  set_video_facts(json, extraction);
}

Json dihedral_json(const PdqSignal& signal) {
  Json json = Json::object();
  for (std::size_t t = 1; t < kTransforms; ++t) {
    json[std::string(name(static_cast<Transform>(t)))] = to_hex(signal.hashes[t]);
  }
  return json;
}

Json pdq_json(const PdqSignal& signal, const Facts& facts, bool dihedral) {
  Json one = {{"kind", name(SignalKind::kPdq)},
              {"value", to_hex(signal.hash())},
              {"quality", signal.quality},
              {"profile", name(signal.profile)},
              {"precision", name(signal.precision())},
              {"version", version_of(signal)}};
  // Of a video the facts name the decoder of its frames, which is not that of its cover.
  if (facts.kind != MediaKind::kVideo && !facts.decoder.empty()) one["decoder"] = facts.decoder;
  if (dihedral) one["dihedral"] = dihedral_json(signal);
  return one;
}

// Whether a match is by this part of the picture.
bool matched_by(const MatchResult& found, const Probe& part) {
  return std::any_of(found.matches.begin(), found.matches.end(),
                     [&](const Match& match) { return match.query_probe == part; });
}

// Of parts, features and embeddings. Of a scanned item (`found`) only the parts that matched: a
// picture has up to thirty, and what else it was looked up by follows from the banks.
void add_more_of_pictures(const Extraction& extraction, const MatchResult* found,
                          std::vector<std::string>& signals) {
  for (const ProbeSignal& signal : extraction.probes) {
    if (found != nullptr && !matched_by(*found, signal.probe)) continue;
    signals.push_back(to_line(probe_json(signal)));
  }
  if (found != nullptr) return;
  for (const FeatureSet& set : extraction.features) signals.push_back(to_line(features_json(set)));
  for (const EmbeddingSignal& signal : extraction.embeddings) {
    signals.push_back(to_line(embedding_json(signal, true)));
  }
}

// Where nothing was looked up, the hashes of a picture's other seven symmetries as well, and each
// frame.
std::vector<std::string> signal_texts(const Extraction& extraction, const MatchResult* found) {
  const bool whole = found == nullptr;
  std::vector<std::string> signals;
  for (const PdqSignal& signal : extraction.pdq) {
    signals.push_back(to_line(pdq_json(signal, extraction.facts, whole)));
  }
  add_more_of_pictures(extraction, found, signals);
  if (!extraction.frames.empty()) {
    signals.push_back(to_line(frames_json(extraction)));
    if (whole) {
      signals.back().pop_back();
      signals.back().append(",\"hashes\":").append(hashes_text(extraction)).append("}");
    }
  }
  if (extraction.tmk) signals.push_back(to_line(tmk_json(*extraction.tmk)));
  return signals;
}

Json matches_json(const MatchResult& found) {
  Json matches = Json::array();
  for (const Match& match : found.matches) {
    Json one = {
        {"bank", match.bank}, {"entry", match.entry}, {"kind", kind_word(match.kind, match.model)}};
    set_nearness(one, match);
    if (match.profile) one["profile"] = name(*match.profile);
    set_picture_fields(one, match);
    set_video_fields(one, match);
    one["labels"] = match.labels;
    one["source"] = match.source;
    if (!match.source_id.empty()) one["source_id"] = match.source_id;
    matches.push_back(std::move(one));
  }
  return matches;
}

// Adds a member to the text of an object that has others.
void append_member(std::string& object, std::string_view key, std::string_view value) {
  object.pop_back();
  object.append(",\"").append(key).append("\":").append(value).append("}");
}

std::string record(const Item& item, const Extraction& extraction, const Verdict& verdict,
                   const MatchResult* found) {
  Json json = {{"schema", kRecordSchema}};
  set_path(json, item.path);
  if (found != nullptr || verdict.outcome == Outcome::kNotEvaluated) {
    json["outcome"] = name(verdict.outcome);
  }
  if (verdict.reason != Reason::kNone) json["reason"] = name(verdict.reason);
  if (!verdict.detail.empty()) json["detail"] = verdict.detail;
  if (verdict.partial) json["complete"] = false;
  set_file_facts(json, extraction);
  std::string line = to_line(json);
  std::string signals;
  for (const std::string& signal : signal_texts(extraction, found)) {
    signals.append(signals.empty() ? "[" : ",").append(signal);
  }
  if (!signals.empty()) append_member(line, "signals", signals + "]");
  if (found != nullptr && found->crowded_frames != 0) {
    append_member(line, "crowded_frames", std::to_string(found->crowded_frames));
  }
  if (found != nullptr && !found->matches.empty()) {
    append_member(line, "matches", to_line(matches_json(*found)));
  }
  return line;
}

}  // namespace

Verdict judge(const Extraction& extraction, const MatchResult& found) {
  Verdict verdict = verdict_of(extraction.ending);
  if (!found.matches.empty()) {
    verdict.outcome = Outcome::kMatched;
    return verdict;
  }
  if (verdict.reason != Reason::kNone) return verdict;
  verdict.detail = unusable(extraction, 0);
  if (verdict.detail.empty() && !found.below_floor.empty()) {
    verdict.detail = below_floor_detail(extraction, found);
  }
  if (verdict.detail.empty()) {
    verdict.outcome = Outcome::kClean;
  } else {
    verdict.reason = Reason::kLowQuality;
  }
  return verdict;
}

Verdict judge(const Extraction& extraction, int quality_floor) {
  Verdict verdict = verdict_of(extraction.ending);
  if (verdict.reason != Reason::kNone) return verdict;
  verdict.detail = unusable(extraction, quality_floor);
  if (verdict.detail.empty()) {
    verdict.outcome = Outcome::kClean;
  } else {
    verdict.reason = Reason::kLowQuality;
  }
  return verdict;
}

void count(const Verdict& verdict, std::uint64_t bytes, Counts& counts) {
  ++counts.items;
  counts.bytes += bytes;
  ++counts.by_outcome[static_cast<std::size_t>(verdict.outcome)];
  if (verdict.outcome == Outcome::kNotEvaluated) {
    ++counts.by_reason[static_cast<std::size_t>(verdict.reason)];
  }
  if (verdict.partial) ++counts.partial;
}

std::string scan_record(const Item& item, const Extraction& extraction, const Verdict& verdict,
                        const MatchResult& found) {
  return record(item, extraction, verdict, &found);
}

}  // namespace scanner

std::string_view name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::kMatched:
      return "matched";
    case Outcome::kClean:
      return "clean";
    case Outcome::kNotEvaluated:
      break;
  }
  return "not_evaluated";
}

bool incomplete(const Counts& counts) noexcept {
  for (std::size_t reason = 0; reason < kReasons; ++reason) {
    if (reason != static_cast<std::size_t>(Reason::kNotMedia) && counts.by_reason[reason] != 0) {
      return true;
    }
  }
  return false;
}

Reason unusable_reason(const Extraction& extraction, int quality_floor) {
  return scanner::judge(extraction, quality_floor).reason;
}

std::string hash_record(const Item& item, const Extraction& extraction, int quality_floor) {
  return scanner::record(item, extraction, scanner::judge(extraction, quality_floor), nullptr);
}

}  // namespace semblance
