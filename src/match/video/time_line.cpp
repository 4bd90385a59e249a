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

struct Vote {
  std::int64_t window = 0;
  std::uint32_t query = 0;
  double weight = 0;

  auto order() const noexcept { return std::tuple(window, query, -weight); }
};

struct Peak {
  double score = 0;
  std::int64_t window = 0;
};

void cast(double offset, const ScenePair& pair, std::vector<Vote>& into) {
  const auto half = static_cast<std::int64_t>(std::floor(offset / kHalfWindow));
  into.push_back({half, pair.query, pair.weight});
  into.push_back({half - 1, pair.query, pair.weight});
}

// The window with the largest sum of one vote, the best, for each of the query's times.
Peak highest(std::vector<Vote>& votes) {
  std::sort(votes.begin(), votes.end(),
            [](const Vote& a, const Vote& b) { return a.order() < b.order(); });
  Peak best;
  Peak here;
  for (std::size_t i = 0; i < votes.size(); ++i) {
    const bool new_window = i == 0 || votes[i].window != votes[i - 1].window;
    if (new_window) here = {0, votes[i].window};
    if (new_window || votes[i].query != votes[i - 1].query) here.score += votes[i].weight;
    if (here.score > best.score) best = here;
  }
  return best;
}

std::vector<double> speeds() {
  std::vector<double> all = {1.0};
  for (double up = kSpeedStep; up < kFastest * kSpeedStep; up *= kSpeedStep) {
    all.push_back(std::min(up, kFastest));
    all.push_back(1 / all.back());
  }
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
  if (pairs.empty()) return std::nullopt;
  std::optional<TimeLine> best;
  double best_score = 0;
  std::vector<Vote> votes;
  for (const double speed : speeds()) {
    votes.clear();
    for (const ScenePair& pair : pairs) {
      const double by_start = pair.e0 - speed * pair.q0;
      const double by_end = pair.e1 - speed * pair.q1;
      cast(by_start, pair, votes);
      if (std::abs(by_end - by_start) > kHalfWindow) cast(by_end, pair, votes);
    }
    Peak peak = highest(votes);
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
