// SPDX-License-Identifier: Apache-2.0
#include "match/video/align.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "match/video/time_line.h"

namespace semblance::match {
namespace {

// Frames of the entry in a row that are as near to a frame of the query as this, in bits, are one
// scene to it: a list of every frame says no more of a shot that stands still than one frame does.
constexpr int kAsNear = 2;

// And they are no shorter than this, in seconds: in a shot that moves slowly the nearest of some
// frames says where it is.
constexpr double kShortestScene = 1.0;

// Of the scenes of one entry that a query frame hits, the nearest that are looked at: in a shot
// that hardly moves it hits all of it, and these say where best.
constexpr std::size_t kScenesOfAFrame = 24;
constexpr std::size_t kLeastScenesOfAFrame = 4;

// The most pairs that lines are looked for among: of more, fewer of each frame's, then fewer
// frames.
constexpr std::size_t kMostPairs = std::size_t{1} << 14;

// No entry shows more parts of itself in one query than anybody reads.
constexpr std::size_t kMostIntervals = 64;

// Lines that bring no interval, such as those of two frames alone, before the rest is left.
constexpr int kMostFutile = 8;

// Agreeing frames further apart than this, in milliseconds of the query, are two intervals.
constexpr std::uint32_t kLongestPauseMs = 4'000;

// What a time of the query without a frame that agrees takes from an interval, where one that
// agrees gives 1: a chance hit on the line, a second or more before a copy begins, is not where it
// begins.
constexpr double kMiss = 0.1;

// What is shown began between the frame that shows it first and the one looked at before. Half
// way, but not longer than half of what key frames leave out.
constexpr std::uint32_t kMostGuessedMs = kMaxGapMs / 2;

// Around an interval, in seconds of the entry, slow shots leave hits that belong to nothing else.
constexpr double kShadow = 4.0;

double seconds(std::uint32_t ms) { return ms / 1000.0; }

std::uint32_t milliseconds(double time) {
  constexpr double kMost = 4e9;
  return static_cast<std::uint32_t>(std::lround(std::clamp(time * 1000, 0.0, kMost)));
}

// A nearer frame tells more: of two lines through a slow shot the right one has the lower
// distances.
double weight_of(int distance) { return std::max(60 - distance, 10); }

// Frames of both sides, the hits between them as pairs of scenes, and what has been found.
class Aligner {
 public:
  Aligner(std::span<const FramePlace> query, std::span<const FramePlace> entry,
          std::span<const FrameHit> hits)
      : query_(query), entry_(entry), hits_(hits.begin(), hits.end()) {
    number_times();
    make_pairs();
    for (const FramePlace& frame : entry_) entry_end_ = std::max(entry_end_, seconds(frame.end_ms));
  }

  std::vector<AlignedInterval> run() {
    for (int futile = 0; futile < kMostFutile && found_.size() < kMostIntervals;) {
      const auto line = vote(pairs_);
      if (!line) break;
      const std::size_t before = found_.size();
      take(*line);
      if (found_.size() == before) ++futile;
    }
    std::sort(found_.begin(), found_.end(), [](const AlignedInterval& a, const AlignedInterval& b) {
      return std::tuple(a.query, a.entry) < std::tuple(b.query, b.entry);
    });
    return std::move(found_);
  }

 private:
  void number_times();
  void make_pairs();
  ScenePair pair_of(std::uint32_t hit) const;
  std::uint32_t end_of_scene(std::uint32_t first) const;
  void keep_nearest();

  // Takes what agrees with the voted line out of the pairs, as intervals where it suffices for
  // them.
  void take(const TimeLine& voted);
  std::vector<ScenePair> nearest_of_each_time(const TimeLine& line) const;
  std::span<const ScenePair> densest(std::span<const ScenePair> agreeing) const;
  void add_interval(const TimeLine& line, std::span<const ScenePair> agreeing);
  TimeSpan query_span(std::span<const ScenePair> agreeing) const;
  TimeSpan entry_span(const TimeLine& line, const TimeSpan& query,
                      std::span<const ScenePair> agreeing) const;
  std::uint32_t times_within(const TimeSpan& span) const;
  void remove_shadow(const AlignedInterval& interval);

  std::span<const FramePlace> query_;
  std::span<const FramePlace> entry_;
  std::vector<FrameHit> hits_;
  std::vector<std::uint32_t> times_;  // of the query's frames, start_ms, each once, ascending
  std::vector<std::uint32_t> ends_;   // by time: the latest end_ms of its frames
  std::vector<ScenePair> pairs_;      // what no interval has taken
  std::vector<AlignedInterval> found_;
  double entry_end_ = 0;
};

// Forms and streams of one time are one witness, not several.
void Aligner::number_times() {
  for (const FramePlace& frame : query_) times_.push_back(frame.start_ms);
  std::sort(times_.begin(), times_.end());
  times_.erase(std::unique(times_.begin(), times_.end()), times_.end());
  ends_ = times_;
  for (const FramePlace& frame : query_) {
    const auto at = std::lower_bound(times_.begin(), times_.end(), frame.start_ms);
    std::uint32_t& end = ends_[static_cast<std::size_t>(at - times_.begin())];
    end = std::max(end, frame.end_ms);
  }
}

ScenePair Aligner::pair_of(std::uint32_t hit) const {
  const FramePlace& query = query_[hits_[hit].query];
  const FramePlace& entry = entry_[hits_[hit].entry];
  const auto time = std::lower_bound(times_.begin(), times_.end(), query.start_ms);
  return {seconds(query.start_ms),
          seconds(query.end_ms),
          seconds(entry.start_ms),
          seconds(entry.end_ms),
          weight_of(hits_[hit].distance),
          static_cast<std::uint32_t>(time - times_.begin()),
          hit};
}

void Aligner::make_pairs() {
  const auto order = [](const FrameHit& hit) { return std::tuple(hit.query, hit.entry); };
  std::sort(hits_.begin(), hits_.end(),
            [&](const FrameHit& a, const FrameHit& b) { return order(a) < order(b); });
  for (std::uint32_t first = 0; first < hits_.size();) {
    const std::uint32_t end = end_of_scene(first);
    ScenePair scene = pair_of(first);
    for (std::uint32_t i = first + 1; i < end; ++i) {
      scene.e1 = std::max(scene.e1, seconds(entry_[hits_[i].entry].end_ms));
      if (hits_[i].distance < hits_[scene.hit].distance) scene.hit = i;
    }
    scene.weight = weight_of(hits_[scene.hit].distance);
    if (scene.e1 - scene.e0 >= kShortestScene) {
      pairs_.push_back(scene);
    } else {
      for (std::uint32_t i = first; i < end; ++i) pairs_.push_back(pair_of(i));
    }
    first = end;
  }
  keep_nearest();
}

// Behind the last hit of the same query frame that is about as near, on the entry's next frame
// after that of the hit before; forms of one time stand beside each other.
std::uint32_t Aligner::end_of_scene(std::uint32_t first) const {
  int nearest = hits_[first].distance;
  int farthest = nearest;
  std::uint32_t end = first + 1;
  for (; end < hits_.size(); ++end) {
    const FrameHit& hit = hits_[end];
    nearest = std::min(nearest, hit.distance);
    farthest = std::max(farthest, hit.distance);
    const bool next = hit.query == hits_[first].query && hit.entry <= hits_[end - 1].entry + 2;
    if (!next || farthest - nearest > kAsNear) break;
  }
  return end;
}

void Aligner::keep_nearest() {
  // In order of the query's times, and of one frame the nearest first.
  std::stable_sort(pairs_.begin(), pairs_.end(), [&](const ScenePair& a, const ScenePair& b) {
    const FrameHit& one = hits_[a.hit];
    const FrameHit& other = hits_[b.hit];
    return std::tuple(a.query, one.query, one.distance) <
           std::tuple(b.query, other.query, other.distance);
  });
  std::size_t frames = 0;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    if (i == 0 || hits_[pairs_[i].hit].query != hits_[pairs_[i - 1].hit].query) ++frames;
  }
  const std::size_t scenes = std::clamp(kMostPairs / std::max<std::size_t>(frames, 1),
                                        kLeastScenesOfAFrame, kScenesOfAFrame);
  const std::size_t stride = std::max<std::size_t>(1, frames * scenes / kMostPairs);
  std::size_t kept = 0;
  std::size_t of_frame = 0;
  std::uint32_t last = UINT32_MAX;
  for (const ScenePair& pair : pairs_) {
    const std::uint32_t frame = hits_[pair.hit].query;
    of_frame = frame == last ? of_frame + 1 : 0;
    last = frame;
    if (of_frame < scenes && pair.query % stride == 0) pairs_[kept++] = pair;
  }
  pairs_.resize(kept);
}

std::vector<ScenePair> Aligner::nearest_of_each_time(const TimeLine& line) const {
  std::vector<ScenePair> agreeing;
  for (const ScenePair& pair : pairs_) {
    if (line.distance(pair) <= kTolerance) agreeing.push_back(pair);
  }
  std::sort(agreeing.begin(), agreeing.end(), [&](const ScenePair& a, const ScenePair& b) {
    return std::tuple(a.query, hits_[a.hit].distance, line.distance(a), a.hit) <
           std::tuple(b.query, hits_[b.hit].distance, line.distance(b), b.hit);
  });
  const auto same = [](const ScenePair& a, const ScenePair& b) { return a.query == b.query; };
  agreeing.erase(std::unique(agreeing.begin(), agreeing.end(), same), agreeing.end());
  return agreeing;
}

void Aligner::take(const TimeLine& voted) {
  const TimeLine line = refine(voted, pairs_);
  const std::vector<ScenePair> agreeing = nearest_of_each_time(line);
  const std::size_t before = found_.size();
  for (std::size_t first = 0, i = 1; i <= agreeing.size(); ++i) {
    const bool pause = i == agreeing.size() ||
                       times_[agreeing[i].query] > ends_[agreeing[i - 1].query] + kLongestPauseMs;
    if (!pause) continue;
    add_interval(line, densest(std::span(agreeing).subspan(first, i - first)));
    first = i;
  }
  // The voted line's too: it has had its turn, whatever it was refined to.
  std::erase_if(pairs_, [&](const ScenePair& pair) {
    return line.distance(pair) <= kTolerance || voted.distance(pair) <= kTolerance;
  });
  for (std::size_t i = before; i < found_.size(); ++i) remove_shadow(found_[i]);
}

// The part with the largest sum of what agrees, less what does not in between.
std::span<const ScenePair> Aligner::densest(std::span<const ScenePair> agreeing) const {
  double best_sum = 0;
  double sum = 0;
  std::size_t first = 0, best_first = 0, best_last = 0;
  for (std::size_t i = 0; i < agreeing.size(); ++i) {
    if (i > 0) sum -= kMiss * (agreeing[i].query - agreeing[i - 1].query - 1);
    if (i == 0 || sum <= 0) {
      sum = 0;
      first = i;
    }
    sum += 1;
    if (sum <= best_sum) continue;
    best_sum = sum;
    best_first = first;
    best_last = i;
  }
  return agreeing.subspan(best_first, best_last - best_first + 1);
}

void Aligner::add_interval(const TimeLine& line, std::span<const ScenePair> agreeing) {
  // As many different frames of the entry as of the query: one that is shown again and again, such
  // as a logo, is one.
  std::vector<std::uint32_t> of_entry;
  std::vector<int> distances;
  const FrameHit* best = &hits_[agreeing.front().hit];
  for (const ScenePair& pair : agreeing) {
    const FrameHit& hit = hits_[pair.hit];
    of_entry.push_back(milliseconds(pair.e0));
    distances.push_back(hit.distance);
    if (hit.distance < best->distance) best = &hit;
  }
  std::sort(of_entry.begin(), of_entry.end());
  of_entry.erase(std::unique(of_entry.begin(), of_entry.end()), of_entry.end());
  const std::size_t different = std::min(agreeing.size(), of_entry.size());
  if (different < kAgreeing) return;

  AlignedInterval interval;
  interval.query = query_span(agreeing);
  interval.entry = entry_span(line, interval.query, agreeing);
  interval.speed = line.speed;
  interval.frames = static_cast<std::uint32_t>(agreeing.size());
  interval.compared = std::max(interval.frames, times_within(interval.query));
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>((distances.size() - 1) / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  interval.distance = *middle;
  const double share = static_cast<double>(interval.frames) / interval.compared;
  interval.confidence = share * static_cast<double>(different) / static_cast<double>(different + 1);
  interval.best_query = best->query;
  interval.best_entry = best->entry;
  found_.push_back(interval);
}

TimeSpan Aligner::query_span(std::span<const ScenePair> agreeing) const {
  const std::size_t first = agreeing.front().query;
  const std::size_t last = agreeing.back().query;
  TimeSpan span{times_[first], ends_[last]};
  if (first > 0 && ends_[first - 1] < span.start_ms) {
    span.start_ms -= std::min((span.start_ms - ends_[first - 1]) / 2, kMostGuessedMs);
  }
  if (last + 1 < times_.size() && times_[last + 1] > span.end_ms) {
    span.end_ms += std::min((times_[last + 1] - span.end_ms) / 2, kMostGuessedMs);
  }
  return span;
}

// What the line says, but no more of the entry than is alike at both ends.
TimeSpan Aligner::entry_span(const TimeLine& line, const TimeSpan& query,
                             std::span<const ScenePair> agreeing) const {
  const double guessed = seconds(kMostGuessedMs) * line.speed;
  double start = line.at(seconds(query.start_ms));
  double end = line.at(seconds(query.end_ms));
  start = std::max({start, agreeing.front().e0 - guessed, 0.0});
  end = std::min({end, agreeing.back().e1 + guessed, entry_end_});
  return {milliseconds(start), milliseconds(std::max(start, end))};
}

std::uint32_t Aligner::times_within(const TimeSpan& span) const {
  const auto first = std::lower_bound(times_.begin(), times_.end(), span.start_ms);
  const auto last = std::upper_bound(first, times_.end(), span.end_ms);
  return static_cast<std::uint32_t>(last - first);
}

void Aligner::remove_shadow(const AlignedInterval& interval) {
  const double from = seconds(interval.entry.start_ms) - kShadow;
  const double to = seconds(interval.entry.end_ms) + kShadow;
  std::erase_if(pairs_, [&](const ScenePair& pair) {
    const std::uint32_t time = times_[pair.query];
    return time >= interval.query.start_ms && time <= interval.query.end_ms && pair.e1 >= from &&
           pair.e0 <= to;
  });
}

}  // namespace

std::vector<AlignedInterval> align(std::span<const FramePlace> query,
                                   std::span<const FramePlace> entry,
                                   std::span<const FrameHit> hits) {
  return Aligner(query, entry, hits).run();
}

}  // namespace semblance::match
