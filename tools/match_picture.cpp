// SPDX-License-Identifier: Apache-2.0
#include "match_picture.h"

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "console.h"
#include "core/files.h"
#include "explain.h"
#include "explain_png.h"
#include "input.h"
#include "output_file.h"
#include "policy_text.h"
#include "records.h"
#include "scan/picture_fields.h"
#include "semblance/match.h"

namespace semblance::tool {
namespace {

// One of the two, as far as it could be read.
struct Side {
  std::string path;
  FileDescriptor file;
  Extraction found;
  Reason reason = Reason::kNone;
  std::string detail;

  bool is_picture() const noexcept {
    return found.facts.kind == MediaKind::kImage && !found.pdq.empty();
  }
};

// The parts of a policy that keeps all and lets all match.
PictureRule rule_of(const MatchOptions& options) {
  PictureRule rule;
  rule.max_distance = options.max_distance.value_or(rule.max_distance);
  rule.quality_floor = options.quality_floor;
  rule.embeddings = options.embeddings;
  rule.probes[ProbeKind::kWindow] = kWindowBits;
  return rule;
}

// What both are asked for. Of a file that turns out to be a video little is looked at.
Plan plan_of(const PictureRule& rule) {
  Plan plan;
  plan.frames.sampling = Sampling::kKeyframes;
  for (const auto& [model, least] : rule.embeddings) plan.embedders.push_back(model);
  return plan;
}

class PicturePair {
 public:
  explicit PicturePair(const MatchOptions& options)
      : options_(options), rule_(tool::rule_of(options)) {}

  /// As a scan asks for what it finds, and a bank for what it keeps. The entry leaves its worker as
  /// it is drawn, and no sharper.
  std::array<Plan, 2> plans() const {
    Plan query = plan_of(rule_);
    for (const auto& [kind, bits] : rule_.probes) query.probes.push_back(kind);
    query.features = kQueryFeatures;
    query.mirrored_features = true;
    Plan entry = plan_of(rule_);
    entry.entry_windows = true;
    entry.features = kEntryFeatures;
    if (!options_.explain.empty()) {
      query.thumbnail_side = kDrawnSide;
      entry.thumbnail_side = kBlurredSide;
    }
    return {query, entry};
  }

  /// Opens both files; true if anything can be extracted.
  bool open() {
    for (std::size_t i = 0; i < sides_.size(); ++i) {
      Side& side = sides_[i];
      side.path = options_.hashes[i];
      if (side.path == "-") continue;
      Result<FileDescriptor> file = open_regular(side.path);
      if (file) {
        side.file = *std::move(file);
      } else {
        side.reason = Reason::kOpenFailed;
        side.detail = file.error().what;
      }
    }
    return std::any_of(sides_.begin(), sides_.end(), is_open);
  }

  void extract(Extractor& extractor, int dash) {
    const std::array<Plan, 2> plans = this->plans();
    for (std::size_t i = 0; i < sides_.size(); ++i) {
      Side& side = sides_[i];
      if (!is_open(side)) continue;
      CollectingSink sink(side.found);
      extractor.extract(side.path == "-" ? dash : side.file.get(), plans[i], options_.limits, sink);
      side.reason = side.found.ending.reason;
      side.detail = side.found.ending.detail;
    }
  }

  /// Compares, and says all of it.
  Result<Json> compare() {
    Json json;
    json["schema"] = kLineSchema;
    json["query"] = query().path;
    json["entry"] = entry().path;
    if (are_pictures()) {
      auto found = match_pictures(query().found, entry().found, rule_);
      if (!found) return found.error();
      matches_ = *std::move(found);
      add_identity();
      if (matches_.empty()) {
        for (Side& side : sides_) judge_quality(side);
      }
    }
    for (const Side& side : sides_) {
      if (side.reason == Reason::kNone) continue;
      complete_ = false;
      Json one = {{"reason", name(side.reason)}};
      if (!side.detail.empty()) one["detail"] = side.detail;
      json[&side == &query() ? "query_incomplete" : "entry_incomplete"] = std::move(one);
    }
    if (!are_pictures()) {
      complete_ = false;
      json["error"] = what_is_missing();
      return json;
    }
    json["matches"] = Json::array();
    for (const Match& match : matches_) json["matches"].push_back(describe(match));
    return json;
  }

  /// Errc::kNotFound if there is nothing to draw.
  Result<std::string> drawing() const {
    if (!query().found.thumbnail || !entry().found.thumbnail) {
      return Error{Errc::kNotFound, "not written: there are no two pictures to draw"};
    }
    const Facts& facts = entry().found.facts;
    return to_png(tool::explain(*query().found.thumbnail,
                                {*entry().found.thumbnail, facts.width, facts.height}, matches_));
  }

  bool complete() const noexcept { return complete_; }
  bool matched() const noexcept { return !matches_.empty(); }

 private:
  static bool is_open(const Side& side) { return side.reason == Reason::kNone; }

  const Side& query() const noexcept { return sides_[0]; }
  const Side& entry() const noexcept { return sides_[1]; }

  bool are_pictures() const noexcept { return query().is_picture() && entry().is_picture(); }

  std::string what_is_missing() const {
    const Side& side = query().is_picture() ? entry() : query();
    const bool other = side.reason == Reason::kNone;
    return "compare: " + side.path +
           (other ? " is no picture; --video compares videos" : " gave no picture to compare");
  }

  // The very same bytes.
  void add_identity() {
    if (query().found.digests.empty() || query().found.digests != entry().found.digests) return;
    Match same;
    same.kind = query().found.digests.front().kind;
    matches_.insert(matches_.begin(), std::move(same));
  }

  // That nothing matched says nothing of a picture that has no usable hash.
  void judge_quality(Side& side) const {
    const int quality = side.found.pdq.front().quality;
    if (side.reason != Reason::kNone || quality >= rule_.quality_floor) return;
    side.reason = Reason::kLowQuality;
    side.detail = "PDQ quality " + std::to_string(quality) + ", under the floor of " +
                  std::to_string(rule_.quality_floor);
  }

  static Json describe(const Match& match) {
    Json json = {{"kind", scanner::kind_word(match.kind, match.model)}};
    scanner::set_nearness(json, match);
    scanner::set_picture_fields(json, match);
    return json;
  }

  const MatchOptions& options_;
  PictureRule rule_;
  std::array<Side, 2> sides_;
  std::vector<Match> matches_;
  bool complete_ = true;
};

// A drawing must not take the place of the evidence, nor of the store.
Status check_output(const Session& session, const MatchOptions& options) {
  if (options.explain.empty()) return ok();
  for (const std::string& path : options.hashes) {
    if (!same_file(options.explain, path)) continue;
    return Error{Errc::kBadArgument, "write " + options.explain + ": it is one of the pictures"};
  }
  return refuse_store(options.explain, session.store_files());
}

Status write_drawing(const std::string& path, const PicturePair& pair) {
  const Result<std::string> bytes = pair.drawing();
  if (!bytes && bytes.error().code == Errc::kNotFound) {
    warn("match: " + path + ": " + bytes.error().what);
    return ok();
  }
  if (!bytes) return bytes.error();
  return write_output(path, [&bytes](std::ostream& out) {
    out.write(bytes->data(), static_cast<std::streamsize>(bytes->size()));
    return ok();
  });
}

}  // namespace

Exit run_match_picture(Session& session, const MatchOptions& options) {
  if (const Status apart = check_output(session, options); !apart) {
    return session.refuse(apart.error());
  }
  const Result<FileDescriptor> dash = spool_if_named(session, options.hashes);
  if (!dash) return session.fail(dash.error());
  PicturePair pair(options);
  if (pair.open()) {
    const Result<std::unique_ptr<Extractor>> extractor = session.start_extractor(1);
    if (!extractor) return session.fail(extractor.error());
    for (const Plan& plan : pair.plans()) {
      if (const Status there = session.check_models(**extractor, plan); !there) {
        return session.fail(there.error());
      }
    }
    pair.extract(**extractor, dash->get());
    if (Status healthy = (*extractor)->health(); !healthy) return session.fail(healthy.error());
  }
  if (session.stop()) return session.fail({Errc::kIo, "match: interrupted"});
  const Result<Json> json = pair.compare();
  if (!json) return session.fail(json.error());
  LineWriter out;
  Status written = out.line(to_line(*json));
  if (written) written = out.flush();
  if (written && !options.explain.empty()) written = write_drawing(options.explain, pair);
  if (!written) return session.fail(written.error());
  if (options.fail_on_match && pair.matched()) return Exit::kMatched;
  return pair.complete() ? Exit::kDone : Exit::kIncomplete;
}

}  // namespace semblance::tool
