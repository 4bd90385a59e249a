// SPDX-License-Identifier: Apache-2.0
// Private to src/match: lines that frame hits lie on, in seconds of the query and of the entry.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace semblance::match {

/// Two scenes that are alike: the query's from q0 to q1, the entry's from e0 to e1, in seconds; one
/// frame alone begins and ends at the same time.
struct ScenePair {
  double q0 = 0;
  double q1 = 0;
  double e0 = 0;
  double e1 = 0;
  double weight = 1;        // more for the nearer
  std::uint32_t query = 0;  // which of the query's times it is of
  std::uint32_t hit = 0;    // which hit it comes from
};

/// entry time = speed * query time + offset.
struct TimeLine {
  double speed = 1;
  double offset = 0;

  double at(double query) const noexcept { return speed * query + offset; }

  /// How far the line passes from the pair, in seconds of the entry; 0 where it passes through.
  double distance(const ScenePair& pair) const noexcept;
};

/// How far a line may pass from a pair that agrees with it: both sides are sampled, and in a slow
/// shot neighbouring frames are alike.
inline constexpr double kTolerance = 0.35;

/// The line that the pairs of most of the query's times vote for, the nearer with the more weight;
/// nothing where no kAgreeing times agree. Pairs come in order of `query`. Speeds from kSlowest to
/// kFastest, in steps of 8 %; 1 is preferred where others are no better than a little.
std::optional<TimeLine> vote(std::span<const ScenePair> pairs);

/// The line nearest to the pairs that agree with it, found by turns: which agree, then which line.
/// The speed stays where the pairs span too little time to tell it.
TimeLine refine(TimeLine line, std::span<const ScenePair> pairs);

}  // namespace semblance::match
