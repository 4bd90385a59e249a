// SPDX-License-Identifier: Apache-2.0
#include "match/video/video_match.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "match/video/align.h"
#include "match/video/frame_pairs.h"

namespace semblance {
namespace match {
namespace {

// The part of a video that an interval is.
double covered(const TimeSpan& interval, std::uint32_t duration_ms) {
  if (duration_ms == 0) return 0;
  return std::min(1.0, static_cast<double>(interval.end_ms - interval.start_ms) / duration_ms);
}

// An interval that align found, with what it was found among.
struct Found {
  AlignedInterval interval;
  Transform turn = Transform::kNone;
  std::uint8_t query_stream = 0;
  std::uint8_t entry_stream = 0;
  FrameForm form = FrameForm::kWhole;
};

bool overlap(const TimeSpan& a, const TimeSpan& b) {
  return a.start_ms < b.end_ms && b.start_ms < a.end_ms;
}

// Pictures that are nearly their own mirror image are alike in several turns: the one that more
// frames speak for is what is shown.
std::vector<Found> best_turns(std::vector<Found> all) {
  std::stable_sort(all.begin(), all.end(), [](const Found& a, const Found& b) {
    return std::tuple(b.interval.frames, a.interval.distance, a.turn) <
           std::tuple(a.interval.frames, b.interval.distance, b.turn);
  });
  std::vector<Found> kept;
  for (Found& one : all) {
    if (kept.size() == kMaxIntervals) break;
    const bool known = std::any_of(kept.begin(), kept.end(), [&](const Found& better) {
      return one.turn != better.turn && one.query_stream == better.query_stream &&
             one.entry_stream == better.entry_stream &&
             overlap(one.interval.query, better.interval.query) &&
             overlap(one.interval.entry, better.interval.entry);
    });
    if (!known) kept.push_back(std::move(one));
  }
  std::stable_sort(kept.begin(), kept.end(), [](const Found& a, const Found& b) {
    return std::tuple(a.interval.query, a.interval.entry) <
           std::tuple(b.interval.query, b.interval.entry);
  });
  return kept;
}

// Aligns what is alike in one turn, between one stream of the query and one of the entry.
class Aligning {
 public:
  Aligning(const VideoFrames& query, const VideoFrames& entry) : query_(query), entry_(entry) {}

  std::vector<Found> intervals(const FramePairs& pairs) const {
    std::map<std::tuple<std::uint32_t, std::uint32_t, Transform>, std::vector<FrameHit>> groups;
    for (const FramePair& pair : pairs.pairs) {
      const auto query = query_.position_of(pair.query);
      const auto entry = entry_.position_of(pair.entry);
      if (!query || !entry) continue;
      groups[{query->stream, entry->stream, pair.turn}].push_back(
          {query->place, entry->place, pair.distance});
    }
    std::vector<Found> all;
    for (const auto& [key, hits] : groups) {
      const auto& [query_stream, entry_stream, turn] = key;
      if (hits.size() < kAgreeing) continue;
      const StreamFrames& query = query_.streams()[query_stream];
      const StreamFrames& entry = entry_.streams()[entry_stream];
      for (AlignedInterval& interval : aligned(query, entry, hits, pairs.stride)) {
        const FrameForm form = query.places[interval.best_query].form;
        all.push_back({std::move(interval), turn, query.stream, entry.stream, form});
      }
    }
    return best_turns(std::move(all));
  }

 private:
  // Of a query that was thinned, what was left out could not have agreed.
  std::vector<AlignedInterval> aligned(const StreamFrames& query, const StreamFrames& entry,
                                       const std::vector<FrameHit>& hits,
                                       std::uint32_t stride) const {
    if (stride == 1) return align(query.places, entry.places, hits);
    std::vector<FramePlace> left;
    std::vector<std::uint32_t> place_of_left;
    std::vector<std::uint32_t> left_of(query.places.size());
    for (std::uint32_t i = 0; i < query.places.size(); ++i) {
      if (!query_.is_kept(query.frames[i], stride)) continue;
      left_of[i] = static_cast<std::uint32_t>(left.size());
      left.push_back(query.places[i]);
      place_of_left.push_back(i);
    }
    std::vector<FrameHit> moved = hits;
    for (FrameHit& hit : moved) hit.query = left_of[hit.query];
    auto intervals = align(left, entry.places, moved);
    for (AlignedInterval& one : intervals) one.best_query = place_of_left[one.best_query];
    return intervals;
  }

  const VideoFrames& query_;
  const VideoFrames& entry_;
};

Match match_of(const Found& found, const VideoQuery& query, std::uint32_t entry_ms,
               const VpdqPercents& percents, const PdqRule& rule) {
  const AlignedInterval& interval = found.interval;
  Match match;
  match.kind = SignalKind::kVpdq;
  match.distance = interval.distance;
  match.max_distance = rule.max_distance;
  match.transform = found.turn;
  match.query_interval = interval.query;
  match.entry_interval = interval.entry;
  match.query_form = found.form;
  Alignment& alignment = match.alignment.emplace();
  alignment.speed = interval.speed;
  alignment.query_covered = covered(interval.query, query.duration_ms());
  alignment.entry_covered = covered(interval.entry, entry_ms);
  alignment.frames = interval.frames;
  alignment.compared = interval.compared;
  alignment.confidence = interval.confidence;
  alignment.vpdq = percents;
  return match;
}

// So few frames are alike that their times say nothing.
Match lead_of(const FramePairs& pairs, const VideoFrames& query_frames,
              const VideoFrames& entry_frames, const VideoQuery& query, const VideoSignal& entry,
              const PdqRule& rule) {
  const FramePair& best = pairs.nearest();
  std::vector<bool> query_alike(query.frames().size());
  std::vector<bool> entry_alike(entry.frames.size());
  for (const FramePair& pair : pairs.pairs) {
    query_alike[pair.query] = true;
    entry_alike[pair.entry] = true;
  }
  Match match;
  match.kind = SignalKind::kPdq;
  match.distance = best.distance;
  match.max_distance = rule.max_distance;
  match.transform = best.turn;
  match.profile = PdqProfile::kFull;
  match.entry_quality = entry.frames[best.entry].at.quality;
  match.query_interval = query_frames.span_around(best.query, query_alike);
  match.entry_interval = entry_frames.span_around(best.entry, entry_alike);
  match.query_form = query.frames()[best.query].at.form;
  return match;
}

}  // namespace

VideoQuery::VideoQuery(std::span<const FrameSignal> frames, std::uint32_t duration_ms)
    : frames_(frames), places_(places_of(frames)), duration_ms_(duration_ms) {
  if (duration_ms_ == 0) duration_ms_ = end_of(places_);
}

const VideoFrames& VideoQuery::usable(int quality_floor) {
  std::unique_ptr<const VideoFrames>& known = usable_[quality_floor];
  if (known == nullptr) known = std::make_unique<const VideoFrames>(places_, quality_floor);
  return *known;
}

Result<std::vector<Match>> compare_videos(VideoQuery& query, std::span<const NearFrame> near,
                                          const VideoSignal& entry, const VideoFrames& entry_frames,
                                          const PdqRule& rule) {
  const VideoFrames& query_frames = query.usable(rule.quality_floor);
  auto pairs = find_pairs(query, query_frames, near, entry, entry_frames, rule.max_distance);
  if (!pairs) return std::move(pairs).error();
  std::vector<Match> matches;
  if (pairs->pairs.empty()) return matches;
  const std::vector<Found> all = Aligning(query_frames, entry_frames).intervals(*pairs);
  if (all.empty()) {
    matches.push_back(lead_of(*pairs, query_frames, entry_frames, query, entry, rule));
    return matches;
  }
  const std::uint32_t entry_ms =
      entry.duration_ms != 0 ? entry.duration_ms : end_of(places_of(entry.frames));
  const VpdqPercents percents = percents_of(*pairs, query, query_frames, entry, entry_frames);
  for (const Found& one : all) {
    matches.push_back(match_of(one, query, entry_ms, percents, rule));
  }
  return matches;
}

}  // namespace match

Result<std::vector<Match>> match_videos(std::span<const FrameSignal> query, std::uint32_t query_ms,
                                        const VideoSignal& entry, const FrameRule& rule) {
  if (rule.max_distance < 0 || rule.max_distance > Hash256::kBits) {
    return Error{Errc::kBadArgument, "match videos: max_distance " +
                                         std::to_string(rule.max_distance) + " is not in 0..256"};
  }
  if (rule.turns < 1 || rule.turns > kTransforms) {
    return Error{Errc::kBadArgument,
                 "match videos: " + std::to_string(rule.turns) + " turns are not 1..8"};
  }
  std::vector<match::NearFrame> all;
  all.reserve(query.size() * rule.turns);
  for (std::uint32_t frame = 0; frame < query.size(); ++frame) {
    for (std::size_t turn = 0; turn < rule.turns; ++turn) {
      all.push_back({frame, static_cast<Transform>(turn)});
    }
  }
  match::VideoQuery prepared(query, query_ms);
  const match::VideoFrames usable(match::places_of(entry.frames), rule.quality_floor);
  return match::compare_videos(prepared, all, entry, usable,
                               match::rule_of(rule.max_distance, rule.quality_floor, {}));
}

}  // namespace semblance
