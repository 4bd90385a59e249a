// SPDX-License-Identifier: Apache-2.0
// Building, checking and timing of searches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "search_codes.h"
#include "search_contestants.h"

namespace semblance::bench {

/// How long is measured.
struct Effort {
  double seconds = 2.0;  // about what all rounds of one contestant and one batch size take
  int rounds = 5;        // at most; the median is taken over them
  std::size_t fewest_queries = 32;  // that are timed, however slow
};

/// The hits of each query, each as row << 9 | distance, ascending.
using Answers = std::vector<std::vector<std::uint64_t>>;

/// The hits of `queries` within `max_distance`.
Answers answers_of(const faiss::IndexBinary& index, CodesView queries, int max_distance);

/// One bank and what is asked of it.
struct Question {
  CodesView codes;
  CodesView queries;
  const Answers& truth;
  int max_distance = 31;
};

/// How answers compare with the truth.
struct Agreement {
  std::size_t queries = 0;
  std::size_t expected = 0;  // hits of the truth
  std::size_t found = 0;     // of these, with the right distance
  std::size_t false_hits = 0;

  bool exact() const { return found == expected && false_hits == 0; }
  double recall() const {
    return expected == 0 ? 1.0 : static_cast<double>(found) / static_cast<double>(expected);
  }
};

/// The cost of queries of one batch size.
struct Timing {
  Agreement agreement;         // of every query that was timed
  std::size_t queries = 0;     // in a round: as many of those given as fill its time
  std::vector<double> rounds;  // microseconds a query
  double microseconds = 0;     // the median of these
  double p50 = 0;              // microseconds over queries, each by the median of its own calls;
  double p99 = 0;              // zero where a call has several queries

  double per_second() const { return 1e6 / microseconds; }
};

struct Measured {
  const Contestant* contestant = nullptr;
  std::string skipped;  // the reason; all else is zero then
  double build_seconds = 0;
  double bytes_a_code = 0;  // by which the memory of the process grew
  Timing batch;             // all queries in one call
  Timing single;            // one query a call
};

/// Builds the members of `group`, checks their answers, and times them in turns, so that what slows
/// the machine for a while slows all of them. Where memory does not hold all at once, one after the
/// other; a member that does not fit by itself is skipped.
std::vector<Measured> measure(const Question& question, std::span<const Contestant* const> group,
                              const Effort& effort);

}  // namespace semblance::bench
