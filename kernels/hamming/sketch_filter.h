// SPDX-License-Identifier: Apache-2.0
// Which members of some buckets can be near a query, told from sixteen bits of each.
#pragma once

#include <cstddef>
#include <cstdint>

namespace semblance::kernels {

/// One bucket to look through: consecutive sketches, and how far one may be from the query's.
struct SketchRun {
  std::uint32_t begin = 0;
  std::uint32_t count = 0;
  int limit = 0;  // bits, inclusive; below 0 nothing passes
};

/// Sketches that may be read, though not used, beyond the end of the last run.
inline constexpr std::size_t kSketchSlack = 64;

/// Lists the places in `sketches` of all members of the runs that differ from `query` in at most
/// their run's limit, in the order of the runs. Returns how many.
///
///   sketches  readable up to kSketchSlack values beyond any run's end
///   out       room for the sum of the runs' counts
///
/// Runs lie anywhere: those ahead are prefetched. Every target gives the same list.
std::size_t sketch_filter(const std::uint16_t* sketches, const SketchRun* runs, std::size_t n,
                          std::uint16_t query, std::uint32_t* out) noexcept;

/// The obvious loop: the oracle in tests.
std::size_t sketch_filter_reference(const std::uint16_t* sketches, const SketchRun* runs,
                                    std::size_t n, std::uint16_t query,
                                    std::uint32_t* out) noexcept;

}  // namespace semblance::kernels
