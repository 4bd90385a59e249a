// SPDX-License-Identifier: Apache-2.0
#include "index/float_graph.h"

#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/DistanceComputer.h>
#include <faiss/impl/HNSW.h>
#include <omp.h>

#include <algorithm>
#include <mutex>
#include <numeric>

#include "products/inner_products.h"

namespace semblance::index {
namespace {

// Of what is near, the distance is small.
class NegatedProduct final : public faiss::DistanceComputer {
 public:
  explicit NegatedProduct(const FloatRows& rows) : rows_(rows) {}

  void set_query(const float* query) override { query_ = query; }
  float operator()(idx_t row) override { return distance(query_, row); }
  float symmetric_dis(idx_t a, idx_t b) override {
    return distance(rows_.vector(static_cast<std::size_t>(a)), b);
  }

 private:
  float distance(const float* from, idx_t row) const {
    float product = 0;
    kernels::inner_products(from, rows_.vector(static_cast<std::size_t>(row)), 1, rows_.dimension,
                            &product);
    return -product;
  }

  const FloatRows rows_;
  const float* query_ = nullptr;
};

// FAISS takes a lock for each row whose links it changes.
class RowLocks {
 public:
  explicit RowLocks(std::size_t rows) : locks_(rows) {
    for (omp_lock_t& lock : locks_) omp_init_lock(&lock);
  }
  RowLocks(const RowLocks&) = delete;
  RowLocks& operator=(const RowLocks&) = delete;
  ~RowLocks() {
    for (omp_lock_t& lock : locks_) omp_destroy_lock(&lock);
  }
  std::vector<omp_lock_t>& get() noexcept { return locks_; }

 private:
  std::vector<omp_lock_t> locks_;
};

class Graph final : public FloatGraph {
 public:
  explicit Graph(std::size_t links) : links_(links), hnsw_(static_cast<int>(links)) {}

  void add_all(const FloatRows& rows, std::size_t reach, const std::atomic<bool>& stop);
  bool take(const GraphParts& parts, std::size_t rows);
  void search(const FloatRows& rows, const float* query, double least, std::size_t reach,
              std::vector<std::uint32_t>& found) const override;

  GraphParts parts() const override {
    return {links_, hnsw_.levels, hnsw_.neighbors, hnsw_.entry_point};
  }
  std::uint64_t bytes() const override {
    return hnsw_.levels.size() * sizeof(int) + hnsw_.neighbors.size() * sizeof(int) +
           hnsw_.offsets.size() * sizeof(std::size_t);
  }

 private:
  bool is_sound() const;
  bool neighbours_are_sound(std::size_t row) const;
  std::unique_ptr<faiss::VisitedTable> take_visited() const;

  const std::size_t links_;
  faiss::HNSW hnsw_;
  mutable std::mutex idle_;  // held while one is taken or given back
  mutable std::vector<std::unique_ptr<faiss::VisitedTable>>
      visited_;  // one for each search at once
};

void Graph::add_all(const FloatRows& rows, std::size_t reach, const std::atomic<bool>& stop) {
  hnsw_.efConstruction = static_cast<int>(reach);
  hnsw_.prepare_level_tab(rows.count);
  // The highest levels first, so that the first row is where all begin.
  std::vector<std::uint32_t> order(rows.count);
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
    return hnsw_.levels[a] > hnsw_.levels[b];
  });
  RowLocks locks(rows.count);
  faiss::VisitedTable visited(static_cast<int>(rows.count));
  NegatedProduct distance(rows);
  for (const std::uint32_t row : order) {
    go_on_unless(stop);
    distance.set_query(rows.vector(row));
    hnsw_.add_with_locks(distance, hnsw_.levels[row] - 1, static_cast<int>(row), locks.get(),
                         visited);
  }
}

// FAISS follows what stands here without a look. A step down a level must find one there.
bool Graph::neighbours_are_sound(std::size_t row) const {
  const std::size_t first = hnsw_.offsets[row];
  for (int level = 0; level < hnsw_.levels[row]; ++level) {
    for (int n = hnsw_.cum_nb_neighbors(level); n < hnsw_.cum_nb_neighbors(level + 1); ++n) {
      const int other = hnsw_.neighbors[first + static_cast<std::size_t>(n)];
      if (other == -1) continue;
      if (other < 0 || static_cast<std::size_t>(other) >= hnsw_.levels.size()) return false;
      if (hnsw_.levels[static_cast<std::size_t>(other)] <= level) return false;
    }
  }
  return true;
}

bool Graph::is_sound() const {
  for (std::size_t row = 0; row < hnsw_.levels.size(); ++row) {
    if (!neighbours_are_sound(row)) return false;
  }
  return true;
}

bool Graph::take(const GraphParts& parts, std::size_t rows) {
  const auto most_levels = static_cast<int>(hnsw_.cum_nneighbor_per_level.size()) - 1;
  if (rows == 0 || parts.levels.size() != rows) return false;
  // Copied before they are looked at: the file is mapped, and may change.
  hnsw_.levels.assign(parts.levels.begin(), parts.levels.end());
  hnsw_.offsets.reserve(rows + 1);
  for (const int levels : hnsw_.levels) {
    if (levels < 1 || levels > most_levels) return false;
    hnsw_.offsets.push_back(hnsw_.offsets.back() +
                            static_cast<std::size_t>(hnsw_.cum_nb_neighbors(levels)));
  }
  if (hnsw_.offsets.back() != parts.neighbours.size()) return false;
  hnsw_.neighbors.assign(parts.neighbours.begin(), parts.neighbours.end());
  hnsw_.entry_point = parts.entry;
  hnsw_.max_level = *std::max_element(hnsw_.levels.begin(), hnsw_.levels.end()) - 1;
  if (parts.entry < 0 || static_cast<std::size_t>(parts.entry) >= rows) return false;
  return hnsw_.levels[static_cast<std::size_t>(parts.entry)] == hnsw_.max_level + 1 && is_sound();
}

std::unique_ptr<faiss::VisitedTable> Graph::take_visited() const {
  {
    const std::lock_guard lock(idle_);
    if (!visited_.empty()) {
      auto visited = std::move(visited_.back());
      visited_.pop_back();
      return visited;
    }
  }
  return std::make_unique<faiss::VisitedTable>(static_cast<int>(hnsw_.levels.size()));
}

void Graph::search(const FloatRows& rows, const float* query, double least, std::size_t reach,
                   std::vector<std::uint32_t>& found) const {
  const float bound = float_bound(least, rows.dimension);
  auto visited = take_visited();
  NegatedProduct distance(rows);
  distance.set_query(query);
  std::vector<float> distances;
  std::vector<faiss::HNSW::idx_t> nearest;
  for (std::size_t k = std::min(reach, rows.count);; k = std::min(2 * k, rows.count)) {
    distances.resize(k);
    nearest.resize(k);
    faiss::maxheap_heapify(k, distances.data(), nearest.data());
    faiss::SearchParametersHNSW how;
    how.efSearch = static_cast<int>(k);
    hnsw_.search(distance, how.efSearch, nearest.data(), distances.data(), *visited, &how);
    // The farthest is the first of the heap; a place that is not filled is farther than any.
    if (k == rows.count || -distances[0] < bound) break;
  }
  for (std::size_t i = 0; i < nearest.size(); ++i) {
    if (nearest[i] >= 0 && -distances[i] >= bound) {
      found.push_back(static_cast<std::uint32_t>(nearest[i]));
    }
  }
  const std::lock_guard lock(idle_);
  visited_.push_back(std::move(visited));
}

}  // namespace

std::unique_ptr<const FloatGraph> FloatGraph::build(const FloatRows& rows, std::size_t links,
                                                    std::size_t reach,
                                                    const std::atomic<bool>& stop) {
  auto graph = std::make_unique<Graph>(links);
  graph->add_all(rows, reach, stop);
  return graph;
}

std::unique_ptr<const FloatGraph> FloatGraph::of(const GraphParts& parts, std::size_t rows) {
  if (parts.links < kMinLinks || parts.links > kMaxLinks) return nullptr;
  auto graph = std::make_unique<Graph>(parts.links);
  if (!graph->take(parts, rows)) return nullptr;
  return graph;
}

}  // namespace semblance::index
