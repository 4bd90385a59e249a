// SPDX-License-Identifier: Apache-2.0
#include "match_video.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "console.h"
#include "core/files.h"
#include "input.h"
#include "records.h"
#include "scan/video_fields.h"
#include "semblance/match.h"
#include "semblance/tmk.h"
#include "semblance/video.h"
#include "video_files.h"

namespace semblance::tool {
namespace {

constexpr std::size_t kHeadBytes = 4096;
constexpr std::size_t kMostListBytes = std::size_t{256} << 20;  // 2^21 frames of 96 characters

// One of the two, as far as it could be read.
struct Side {
  std::string path;
  FileDescriptor file;
  std::vector<FrameSignal> frames;
  VideoSignal known;
  std::optional<TmkSignal> tmk;
  std::size_t turns = kTransforms;  // in which its hashes are known
  bool is_picture = false;          // it has no times
  Reason reason = Reason::kNone;
  std::string detail;

  bool empty() const noexcept { return frames.empty() && !tmk; }
};

// Four decimals say all that there is to say.
double rounded(double value) { return std::round(value * 1e4) / 1e4; }

void take_failure(Side& side, Reason reason, std::string detail) {
  side.reason = reason;
  side.detail = std::move(detail);
}

// Hashes that were made elsewhere are looked up as they stand.
void take_known(Side& side, VideoSignal known) {
  for (const KnownFrame& frame : known.frames) {
    FrameSignal& signal = side.frames.emplace_back();
    signal.at = frame.at;
    signal.hashes[0] = frame.hash;
  }
  side.turns = 1;
  side.known = std::move(known);
}

void take_extraction(Side& side, Extraction found) {
  take_failure(side, found.ending.reason, found.ending.detail);
  side.tmk = std::move(found.tmk);
  side.frames = std::move(found.frames);
  if (side.frames.empty()) {
    side.is_picture = !found.pdq.empty();
    for (const PdqSignal& signal : found.pdq) {
      FrameSignal& frame = side.frames.emplace_back();
      frame.at.quality = static_cast<std::uint8_t>(signal.quality);
      frame.hashes = signal.hashes;
    }
  }
  const std::uint32_t until = found.ending.reached_ms.value_or(found.facts.duration_ms);
  side.known = to_known(found.sampling, until, side.frames);
}

class Comparison {
 public:
  Comparison(const MatchOptions& options, int dash) : options_(options), dash_(dash) {}

  /// Reads what is hashes already; true if something is left to be extracted.
  bool read_lists() {
    for (std::size_t i = 0; i < sides_.size(); ++i) {
      sides_[i].path = options_.hashes[i];
      read_list(sides_[i]);
    }
    return std::any_of(sides_.begin(), sides_.end(), is_media);
  }

  /// Extracts what is media.
  void extract(Extractor& extractor) {
    const bool tmk_alone = std::any_of(sides_.begin(), sides_.end(), [](const Side& side) {
      return side.tmk && side.frames.empty();
    });
    Plan plan;
    plan.tmk = options_.tmk || tmk_alone;
    for (Side& side : sides_) {
      if (!is_media(side)) continue;
      Extraction found;
      found.sampling = sampling_of(plan);
      CollectingSink sink(found);
      const bool dash = side.path == "-";
      extractor.extract(dash ? dash_ : side.file.get(), plan, options_.limits, sink);
      take_extraction(side, std::move(found));
    }
  }

  /// Compares, and says all of it.
  Result<Json> compare() {
    Json json;
    json["schema"] = kLineSchema;
    json["query"] = query().path;
    json["entry"] = entry().path;
    for (const Side& side : sides_) {
      if (side.reason == Reason::kNone) continue;
      complete_ = false;
      Json one = {{"reason", name(side.reason)}};
      if (!side.detail.empty()) one["detail"] = side.detail;
      json[&side == &query() ? "query_incomplete" : "entry_incomplete"] = std::move(one);
    }
    const bool frames = !query().frames.empty() && !entry().frames.empty();
    const bool tmk = query().tmk && entry().tmk;
    if (!frames && !tmk) {
      complete_ = false;
      json["error"] = query().empty() || entry().empty()
                          ? "compare: " + (query().empty() ? query() : entry()).path +
                                " has no frame to compare"
                          : "compare: one file has frames alone, the other one TMK alone";
      return json;
    }
    std::vector<Match> matches;
    if (frames) {
      auto found = match_frames();
      if (!found) return found.error();
      matches = *std::move(found);
    }
    const TmkScores scores = tmk ? score_tmk(matches) : TmkScores{};
    matched_ = !matches.empty();
    json["matches"] = Json::array();
    for (const Match& match : matches) json["matches"].push_back(describe(match));
    if (frames) json["vpdq"] = percents();
    if (tmk) json["tmk"] = {{"level1", rounded(scores.level1)}, {"level2", rounded(scores.level2)}};
    return json;
  }

  bool complete() const noexcept { return complete_; }
  bool matched() const noexcept { return matched_; }

 private:
  static bool is_media(const Side& side) { return side.empty() && side.reason == Reason::kNone; }

  const Side& query() const noexcept { return sides_[0]; }
  const Side& entry() const noexcept { return sides_[1]; }

  int max_distance() const { return options_.max_distance.value_or(kDefaultMaxDistance); }

  // Opens the file, and leaves a side that is no list of hashes for extraction.
  static void read_list(Side& side) {
    if (side.path == "-") return;
    Result<FileDescriptor> file = open_regular(side.path);
    if (!file) return take_failure(side, Reason::kOpenFailed, file.error().what);
    side.file = *std::move(file);
    std::string head(kHeadBytes, '\0');
    const ssize_t got = pread(side.file.get(), head.data(), head.size(), 0);
    head.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    const auto format = sniff_video_file(head);
    if (!format) return;
    const std::size_t most = *format == HashFormat::kTmk ? kTmkBytes : kMostListBytes;
    const Result<std::string> bytes = read_file(side.path, most);
    if (!bytes) return take_failure(side, Reason::kOpenFailed, bytes.error().what);
    if (*format == HashFormat::kTmk) {
      auto tmk = parse_tmk({reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()});
      if (!tmk) return take_failure(side, Reason::kDecodeFailed, tmk.error().what);
      side.tmk = *std::move(tmk);
      return;
    }
    std::istringstream text(*bytes);
    auto known = read_vpdq(text);
    if (!known) return take_failure(side, Reason::kDecodeFailed, known.error().what);
    take_known(side, *std::move(known));
  }

  Result<std::vector<Match>> match_frames() const {
    auto found = match_videos(query().frames, query().known.duration_ms, entry().known,
                              {.max_distance = max_distance(),
                               .quality_floor = options_.quality_floor,
                               .turns = query().turns});
    if (!found) return found;
    for (Match& match : *found) {
      if (query().is_picture) match.query_interval.reset();
      if (entry().is_picture) match.entry_interval.reset();
    }
    return found;
  }

  // A pair that reaches both levels is a match.
  TmkScores score_tmk(std::vector<Match>& matches) const {
    const TmkScores scores{.level1 = tmk_level1(*query().tmk, *entry().tmk),
                           .level2 = tmk_level2(*query().tmk, *entry().tmk)};
    if (scores.level1 >= kTmkLevel1 && scores.level2 >= kTmkLevel2) {
      Match& match = matches.emplace_back();
      match.kind = SignalKind::kTmk;
      match.tmk = scores;
    }
    return scores;
  }

  static Json describe(const Match& match) {
    Json json = {{"kind", name(match.kind)}};
    if (match.kind != SignalKind::kTmk) {
      json["distance"] = match.distance;
      json["max_distance"] = match.max_distance;
      json["transform"] = name(match.transform);
    }
    scanner::set_video_fields(json, match);
    json.erase("vpdq");  // stands once for all of them
    return json;
  }

  Json percents() const {
    const VpdqPercents percents =
        vpdq_percents(query().known.frames, entry().known.frames,
                      {.max_distance = max_distance(), .quality_floor = options_.quality_floor});
    return {{"query", rounded(percents.query)}, {"entry", rounded(percents.entry)}};
  }

  const MatchOptions& options_;
  int dash_;
  std::array<Side, 2> sides_;
  bool complete_ = true;
  bool matched_ = false;
};

}  // namespace

Exit run_match_video(Session& session, const MatchOptions& options) {
  const Result<FileDescriptor> dash = spool_if_named(session, options.hashes);
  if (!dash) return session.fail(dash.error());
  Comparison comparison(options, dash->get());
  if (comparison.read_lists()) {
    const Result<std::unique_ptr<Extractor>> extractor = session.start_extractor(1);
    if (!extractor) return session.fail(extractor.error());
    comparison.extract(**extractor);
    if (Status healthy = (*extractor)->health(); !healthy) return session.fail(healthy.error());
  }
  if (session.stop()) return session.fail({Errc::kIo, "match: interrupted"});
  const Result<Json> json = comparison.compare();
  if (!json) return session.fail(json.error());
  LineWriter out;
  Status written = out.line(to_line(*json));
  if (written) written = out.flush();
  if (!written) return session.fail(written.error());
  if (options.fail_on_match && comparison.matched()) return Exit::kMatched;
  return comparison.complete() ? Exit::kDone : Exit::kIncomplete;
}

}  // namespace semblance::tool
