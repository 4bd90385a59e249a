// SPDX-License-Identifier: Apache-2.0
// Private to bench: which scores count as a match, and how often that is right.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "quality/trial.h"

namespace semblance::bench {

/// The largest distances at which probes match, in bits, each with the query's eight transforms.
struct ProbeDistances {
  int trimmed = 31;
  int panel = 31;
  int window = 31;
  int entry_window = 31;
};

/// A rule: a pair matches where one of the channels named is within its threshold.
struct Rule {
  std::string name;
  std::vector<std::pair<std::size_t, float>> parts;  // index of a channel, largest score

  bool matches(const std::vector<float>& scores) const;
};

/// The index of the channel of that name, or -1.
int channel_of(const Outcome& outcome, const std::string& name);

/// The largest score of a channel at which at most `rate` of the unrelated pairs match; below every
/// score where that is none.
float threshold_at(const Outcome& outcome, std::size_t channel, double rate);

/// The rules of the table: each method, and what they reach together. Those whose channels are not
/// in the outcome are left out.
std::vector<Rule> make_rules(const Outcome& outcome, const ProbeDistances& distances,
                             int least_inliers);

/// So many of so many.
struct Share {
  std::uint64_t hits = 0;
  std::uint64_t of = 0;
  double rate() const noexcept {
    return of == 0 ? 0.0 : static_cast<double>(hits) / static_cast<double>(of);
  }
};

/// How many altered pictures are found: by index into quality_alterations().
std::vector<Share> recall_by_alteration(const Outcome& outcome, const Rule& rule);

/// How many unrelated pairs match.
struct FalseMatches {
  Share pictures;
  Share strangers;
  Share all() const noexcept {
    return {pictures.hits + strangers.hits, pictures.of + strangers.of};
  }
};
FalseMatches false_matches(const Outcome& outcome, const Rule& rule);

/// The largest distances up to 31 at which the upper bound (95 %) of false matches of whole
/// pictures and probes together is at most `rate` a pair, over all pairs of the outcome. They are
/// raised in turns, the smallest first.
ProbeDistances propose_distances(const Outcome& outcome, double rate);

}  // namespace semblance::bench
