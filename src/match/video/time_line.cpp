// SPDX-License-Identifier: Apache-2.0
#include "match/video/time_line.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "match/video/align.h"

namespace semblance::match {
namespace {

// Votes fall into windows this wide, in seconds of the entry, that overlap by half.
constexpr double kWindow = 0.5;
constexpr double kHalfWindow = kWindow / 2;

constexpr double kSpeedStep = 1.08;

// What another speed has to gain over 1. In a slow shot many speeds fit about as well.
constexpr double kUsualSpeedBonus = 1.05;

// Below this many seconds of the query, frames some tenths of a second off turn the speed at will.
constexpr double kSpanForSpeed = 3.0;

// A speed that moves no end of its line by more than this is 1: that of nearly every copy.
constexpr double kUsualSpeedSlack = 0.15;

constexpr int kTurns = 12;

// What was voted into one window.
struct Window {
  double score = 0;         // of the best vote of each of the query's times, the sum
  double latest = 0;        // that best vote, of the time that voted last
  std::uint32_t query = 0;  // that time
  std::uint32_t times = 0;  // that have voted
};

struct Peak {
  double score = 0;
  std::int64_t window = 0;
};

// The votes at one speed, one window a quarter second. Offsets that are further apart than there
// are windows share one; what lies on a line is looked at again in its own figures.
class Ballot {
 public:
  explicit Ballot(std::size_t windows) : windows_(windows) {}

  void clear() {
    std::fill(windows_.begin(), windows_.end(), Window{});
    highest_ = {};
  }

  // Pairs come in order of the query's times.
  void cast(double offset, const ScenePair& pair) {
    const auto half = static_cast<std::int64_t>(std::floor(offset / kHalfWindow));
    count(half, pair);
    count(half - 1, pair);
  }

  const Peak& highest() const noexcept { return highest_; }

 private:
  void count(std::int64_t number, const ScenePair& pair) {
    Window& window = windows_[static_cast<std::uint64_t>(number) & (windows_.size() - 1)];
    if (window.times > 0 && window.query == pair.query) {
      window.score += std::max(pair.weight - window.latest, 0.0);
      window.latest = std::max(window.latest, pair.weight);
    } else {
      window.score += pair.weight;
      window.latest = pair.weight;
      window.query = pair.query;
      ++window.times;
    }
    // Fewer times are no line, however near their frames.
    if (window.times >= kAgreeing && window.score > highest_.score) {
      highest_ = {window.score, number};
    }
  }

  std::vector<Window> windows_;  // a power of two
  Peak highest_;
};

// Enough for every offset that the pairs can have, within bounds.
std::size_t windows_for(std::span<const ScenePair> pairs) {
  constexpr std::size_t kMost = std::size_t{1} << 18;  // 18 hours
  double longest = 0;
  for (const ScenePair& pair : pairs) longest = std::max({longest, pair.e1, kFastest * pair.q1});
  std::size_t windows = 16;
  while (windows < kMost && static_cast<double>(windows) * kHalfWindow < 2 * longest + 1) {
    windows *= 2;
  }
  return windows;
}

std::vector<double> speeds() {
  std::vector<double> all = {1.0};
  for (double up = kSpeedStep; up < kFastest / std::sqrt(kSpeedStep); up *= kSpeedStep) {
    all.push_back(up);
    all.push_back(1 / up);
  }
  all.push_back(kFastest);
  all.push_back(kSlowest);
  return all;
}

// Of the pairs that agree with a line, sums that a straight line is fitted by.
struct Fit {
  double weight = 0, q = 0, e = 0, qq = 0, qe = 0;
  double first = 0, last = 0;

  void add(const ScenePair& pair, const TimeLine& line) {
    // A scene is met anywhere on it: where the line passes through, it is content.
    const double query = (pair.q0 + pair.q1) / 2;
    const double entry = std::clamp(line.at(query), pair.e0, pair.e1);
    if (weight == 0) first = last = query;
    first = std::min(first, query);
    last = std::max(last, query);
    weight += pair.weight;
    q += pair.weight * query;
    e += pair.weight * entry;
    qq += pair.weight * query * query;
    qe += pair.weight * query * entry;
  }

  TimeLine line(double speed_now) const {
    TimeLine fitted{speed_now, 0};
    const double spread = qq - q * q / weight;
    if (last - first >= kSpanForSpeed && spread > 0) {
      fitted.speed = std::clamp((qe - q * e / weight) / spread, kSlowest, kFastest);
    }
    if (std::abs(fitted.speed - 1) * (last - first) / 2 <= kUsualSpeedSlack) fitted.speed = 1;
    fitted.offset = (e - fitted.speed * q) / weight;
    return fitted;
  }
};

// Of each of the query's times that agree, the nearest pair: in a slow shot many agree, and it is
// what tells where the line goes.
void find_nearest(const TimeLine& line, std::span<const ScenePair> pairs,
                  std::vector<const ScenePair*>& nearest) {
  std::fill(nearest.begin(), nearest.end(), nullptr);
  for (const ScenePair& pair : pairs) {
    if (line.distance(pair) > kTolerance) continue;
    const ScenePair*& best = nearest[pair.query];
    const auto order = [&](const ScenePair& one) {
      return std::tuple(-one.weight, line.distance(one), one.hit);
    };
    if (best == nullptr || order(pair) < order(*best)) best = &pair;
  }
}

}  // namespace

double TimeLine::distance(const ScenePair& pair) const noexcept {
  const double from = at(pair.q0);
  const double to = at(pair.q1);
  return std::max({pair.e0 - to, from - pair.e1, 0.0});
}

std::optional<TimeLine> vote(std::span<const ScenePair> pairs) {
  std::optional<TimeLine> best;
  double best_score = 0;
  Ballot ballot(windows_for(pairs));
  for (const double speed : speeds()) {
    ballot.clear();
    for (const ScenePair& pair : pairs) {
      const double by_start = pair.e0 - speed * pair.q0;
      const double by_end = pair.e1 - speed * pair.q1;
      ballot.cast(by_start, pair);
      if (std::abs(by_end - by_start) > kHalfWindow) ballot.cast(by_end, pair);
    }
    Peak peak = ballot.highest();
    if (speed == 1.0) peak.score *= kUsualSpeedBonus;
    if (peak.score <= best_score) continue;
    best_score = peak.score;
    best = TimeLine{speed, (static_cast<double>(peak.window) + 1) * kHalfWindow};
  }
  return best;
}

TimeLine refine(TimeLine line, std::span<const ScenePair> pairs) {
  std::uint32_t times = 0;
  for (const ScenePair& pair : pairs) times = std::max(times, pair.query + 1);
  std::vector<const ScenePair*> nearest(times);
  std::size_t agreed = 0;
  for (int turn = 0; turn < kTurns; ++turn) {
    Fit fit;
    std::size_t agreeing = 0;
    find_nearest(line, pairs, nearest);
    for (const ScenePair* pair : nearest) {
      if (pair == nullptr) continue;
      fit.add(*pair, line);
      ++agreeing;
    }
    if (agreeing == 0) return line;
    const TimeLine fitted = fit.line(line.speed);
    const bool settled = agreeing == agreed && std::abs(fitted.speed - line.speed) < 1e-4 &&
                         std::abs(fitted.offset - line.offset) < 1e-3;
    line = fitted;
    agreed = agreeing;
    if (settled) break;
  }
  return line;
}

}  // namespace semblance::match
