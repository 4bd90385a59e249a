// SPDX-License-Identifier: Apache-2.0
// Private to src/index: a graph of neighbours over vectors, which is FAISS's HNSW.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/float_rows.h"

namespace semblance::index {

/// What a graph consists of, to be saved: all that is not the rows.
struct GraphParts {
  std::size_t links = 0;            // on the upper levels; twice as many on the lowest
  std::span<const int> levels;      // of each row, at least 1
  std::span<const int> neighbours;  // of each row, level by level; -1: none
  int entry = -1;                   // the row that a search begins with
};

/// A navigable small world over rows, on one thread: FAISS's own add and search would start some.
/// It keeps no rows, but is told of them. Searches may run at once.
/// **Source:** Malkov and Yashunin, "Efficient and Robust Approximate Nearest Neighbor Search Using
/// Hierarchical Navigable Small World Graphs", PAMI 42 (2020); faiss/impl/HNSW.h.
class FloatGraph {
 public:
  /// Builds a graph over at least one row, in their order. Throws std::bad_alloc and Unwanted.
  static std::unique_ptr<const FloatGraph> build(const FloatRows& rows, std::size_t links,
                                                 std::size_t reach, const std::atomic<bool>& stop);

  /// A graph over `rows` rows of parts from a file; null if a search could leave them, or if they
  /// are not what a graph consists of.
  static std::unique_ptr<const FloatGraph> of(const GraphParts& parts, std::size_t rows);

  virtual ~FloatGraph() = default;

  /// Appends rows that the graph leads to whose product is at least `least`, each once. k-nearest
  /// search, for FAISS 1.7.3 has no range search: `reach` rows, and twice as many as long as all of
  /// them are near enough. Throws std::bad_alloc.
  virtual void search(const FloatRows& rows, const float* query, double least, std::size_t reach,
                      std::vector<std::uint32_t>& found) const = 0;

  virtual GraphParts parts() const = 0;

  /// Bytes of memory.
  virtual std::uint64_t bytes() const = 0;
};

/// Levels and links that a graph may have; a level is the lot of one row in as many as it has
/// links.
inline constexpr std::size_t kMinLinks = 4;
inline constexpr std::size_t kMaxLinks = 64;

}  // namespace semblance::index
