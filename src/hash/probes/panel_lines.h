// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: the long straight edges of a picture, across and down.
#pragma once

#include <cstdint>
#include <vector>

#include "core/luma_plane.h"
#include "hash/probes/edges.h"

namespace semblance::hash {

/// How much of an edge is there, in 1/256.
inline constexpr std::uint32_t kWholeSupport = 256;

/// The places of a picture where rows (or columns) step, counted by runs of kRun samples.
class StepMap {
 public:
  static constexpr std::uint32_t kRun = 8;

  /// `lines` edges, of `length` samples each.
  StepMap(std::uint32_t lines, std::uint32_t length);

  std::uint32_t lines() const noexcept { return lines_; }
  std::uint32_t length() const noexcept { return length_; }
  std::uint32_t runs() const noexcept { return runs_; }

  /// Counts of the edge before line `line`, one a run: 0..kRun.
  std::uint8_t* counts(std::uint32_t line) noexcept;
  const std::uint8_t* counts(std::uint32_t line) const noexcept;

  /// Sums the counts up, once all are there.
  void sum_up();

  /// The sum of a line's counts.
  std::uint32_t total(std::uint32_t line) const noexcept;

  /// How much of the edge before `line` is there from begin to end, in samples along it; of the
  /// lines beside it, the best. Those outside of the picture are there.
  std::uint32_t support(std::uint32_t line, std::uint32_t begin, std::uint32_t end) const noexcept;

  /// Whether that is at least so much.
  bool has_support(std::uint32_t line, std::uint32_t begin, std::uint32_t end,
                   std::uint32_t least) const noexcept;

 private:
  // The most steps of the three lines in the whole runs from begin to end, of `all` that may be.
  struct Steps {
    std::uint32_t most;
    std::uint32_t all;
  };
  Steps steps_of(std::uint32_t line, std::uint32_t begin, std::uint32_t end) const noexcept;

  std::uint32_t lines_;
  std::uint32_t length_;
  std::uint32_t runs_;
  std::vector<std::uint8_t> counts_;  // lines x runs
  std::vector<std::uint16_t> sums_;   // lines x (runs + 1)
};

/// The steps of a picture from row to row, and from column to column.
struct StepMaps {
  StepMap across;  // a line is a row
  StepMap down;    // a line is a column
};

/// Looks at every sample twice: kernels/steps/steps.h says what a step is. Both sides of the plane
/// are at least 8 samples.
StepMaps find_steps(const LumaPlane& luma);

/// A line that steps over longer stretches than most things in pictures are straight: from where
/// the first of them begins to where the last one ends.
struct LongEdge {
  std::uint32_t line = 0;  // the first row or column behind it
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t weight = 0;  // how many more steps it has than a line by chance

  friend bool operator==(const LongEdge&, const LongEdge&) = default;
};

/// All of them that are stretches of at least `least` samples, the heaviest first; each is of one
/// line.
std::vector<LongEdge> find_stretches(const StepMap& steps, std::uint32_t least);

/// The heaviest edges that stretches make, no two along each other, ordered by line; at most
/// `most`.
std::vector<LongEdge> join_stretches(const std::vector<LongEdge>& heaviest_first, std::size_t most);

/// Both in turn.
std::vector<LongEdge> find_long_edges(const StepMap& steps, std::uint32_t least, std::size_t most);

}  // namespace semblance::hash
