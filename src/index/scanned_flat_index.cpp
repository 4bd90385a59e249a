// SPDX-License-Identifier: Apache-2.0
#include "index/scanned_flat_index.h"

#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/FaissException.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "hamming/hamming.h"

namespace semblance::index {
namespace {

constexpr std::size_t kCodeBytes = 32;
constexpr std::size_t kBlock = 512;  // codes: 16 KiB, which stays in L1 while a batch passes
constexpr std::size_t kBatch = 16;   // queries that share one pass over the codes
constexpr std::size_t kGroup = 32;   // distances that one look rules out together

struct Near {
  std::uint16_t distance;
  std::int64_t row;
};

// Hits are rare: the smallest distance of a group says, without a branch a code, whether to look.
void keep_near(const std::uint16_t* distances, std::size_t count, int radius, std::size_t first_row,
               std::vector<Near>& near) {
  for (std::size_t at = 0; at < count; at += kGroup) {
    const std::size_t end = std::min(at + kGroup, count);
    std::uint16_t smallest = 0xffff;
    for (std::size_t i = at; i < end; ++i) smallest = std::min(smallest, distances[i]);
    if (static_cast<int>(smallest) >= radius) continue;
    for (std::size_t i = at; i < end; ++i) {
      if (distances[i] < radius) {
        near.push_back({distances[i], static_cast<std::int64_t>(first_row + i)});
      }
    }
  }
}

}  // namespace

void ScannedFlatIndex::range_search(std::int64_t n, const std::uint8_t* x, int radius,
                                    faiss::RangeSearchResult* result,
                                    const faiss::SearchParameters* params) const {
  if (params != nullptr) throw faiss::FaissException("flat index: it has no search parameters");
  faiss::RangeSearchPartialResult partial(result);
  const auto queries = static_cast<std::size_t>(n);
  const auto codes = static_cast<std::size_t>(ntotal);
  std::array<std::uint16_t, kBlock> distances;
  std::array<std::vector<Near>, kBatch> near;
  for (std::size_t first_query = 0; first_query < queries; first_query += kBatch) {
    const std::size_t batch = std::min(kBatch, queries - first_query);
    for (std::size_t row = 0; row < codes; row += kBlock) {
      const std::size_t count = std::min(kBlock, codes - row);
      for (std::size_t q = 0; q < batch; ++q) {
        kernels::hamming_scan(x + kCodeBytes * (first_query + q), xb.data() + kCodeBytes * row,
                              count, distances.data());
        keep_near(distances.data(), count, radius, row, near[q]);
      }
    }
    for (std::size_t q = 0; q < batch; ++q) {
      auto& hits = partial.new_result(static_cast<std::int64_t>(first_query + q));
      for (const Near& hit : near[q]) hits.add(hit.distance, hit.row);
      near[q].clear();
    }
  }
  partial.finalize();
}

}  // namespace semblance::index
