// SPDX-License-Identifier: Apache-2.0
// Private to src/index: an immutable part of an index of vectors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/float_graph.h"
#include "index/float_lists.h"
#include "index/float_rows.h"
#include "semblance/live_float_index.h"

namespace semblance::index {

/// Rows and what leads to those that are like a query. Immutable once it is built; thread-safe.
struct FloatSegment {
  FloatRows rows;
  ListsView lists;                          // of none: there are none
  std::unique_ptr<const FloatGraph> graph;  // or null
  std::shared_ptr<const void> owner;        // of what rows and lists show
  std::uint64_t bytes = 0;                  // of memory, or of the mapped file and memory

  FloatIndexKind kind() const noexcept {
    if (graph != nullptr) return FloatIndexKind::kHnsw;
    return lists.count() > 0 ? FloatIndexKind::kIvf : FloatIndexKind::kFlat;
  }
};

/// A row whose exact product with a query is at least the threshold.
struct RowHit {
  std::uint32_t query = 0;
  std::uint32_t row = 0;
  double product = 0;
};

/// Builds a segment of the kind that the options ask for, or choose. Of lists or a graph, and of
/// any kind where `canonical` says so, its bytes depend on the rows and the options, not on the
/// order of the rows. Options must be in range. Once `stop` is set it makes haste and leaves the
/// segment flat. Throws std::bad_alloc.
std::unique_ptr<FloatSegment> build_float_segment(OwnedFloatRows&& rows,
                                                  const LiveFloatIndexOptions& options,
                                                  bool canonical, const std::atomic<bool>& stop);

/// Appends the hits of all queries, row-major unit vectors, in no order, no pair twice. Throws
/// std::bad_alloc.
void search_float_segment(const FloatSegment& segment, std::span<const float> queries, double least,
                          const LiveFloatIndexOptions& options, std::vector<RowHit>& hits);

}  // namespace semblance::index
