// SPDX-License-Identifier: Apache-2.0
#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/FaissException.h>

#include <algorithm>
#include <limits>
#include <string>
#include <tuple>

#include "index/scanned_flat_index.h"
#include "semblance/index.h"

namespace semblance {
namespace {

constexpr std::size_t kMaxRows = std::numeric_limits<std::uint32_t>::max();  // what a Hit can name

// Rows in one block of results. FAISS's own 262,144 would cost 3 MB for a single hit.
constexpr std::size_t kResultBlock = 1024;

const std::uint8_t* first_byte(std::span<const Hash256> codes) noexcept {
  return reinterpret_cast<const std::uint8_t*>(codes.data());
}

Error refused(std::string_view operation, const faiss::FaissException& cause) {
  std::string what = std::string(operation) + " flat index: " + cause.what();
  std::replace(what.begin(), what.end(), '\n', ' ');
  return {Errc::kBadArgument, std::move(what)};
}

// FAISS lists the hits of one query in order of row, and keeps distances as floats, which hold
// 0..256 exactly.
std::vector<Hit> ordered_hits(const faiss::RangeSearchResult& found) {
  std::vector<Hit> hits;
  hits.reserve(found.lims[found.nq]);
  for (std::size_t query = 0; query < found.nq; ++query) {
    for (std::size_t i = found.lims[query]; i < found.lims[query + 1]; ++i) {
      hits.push_back({static_cast<std::uint32_t>(query),
                      static_cast<std::uint32_t>(found.labels[i]),
                      static_cast<std::int32_t>(found.distances[i])});
    }
  }
  std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
    return std::tie(a.query, a.distance, a.row) < std::tie(b.query, b.distance, b.row);
  });
  return hits;
}

class FaissFlatIndex final : public Index {
 public:
  Status add(std::span<const Hash256> codes) override {
    if (codes.size() > kMaxRows - size()) {
      return Error{Errc::kLimit,
                   "add to flat index: more than " + std::to_string(kMaxRows) + " codes"};
    }
    try {
      codes_.add(static_cast<faiss::IndexBinary::idx_t>(codes.size()), first_byte(codes));
    } catch (const faiss::FaissException& cause) {
      return refused("add to", cause);
    }
    return ok();
  }

  std::size_t size() const noexcept override { return static_cast<std::size_t>(codes_.ntotal); }

  Result<std::vector<Hit>> range_search(std::span<const Hash256> queries,
                                        int max_distance) const override {
    if (max_distance < 0 || max_distance > Hash256::kBits) {
      return Error{Errc::kBadArgument, "search flat index: max_distance " +
                                           std::to_string(max_distance) + " is not in 0..256"};
    }
    if (queries.size() > kMaxRows) {
      return Error{Errc::kLimit,
                   "search flat index: more than " + std::to_string(kMaxRows) + " queries"};
    }
    if (queries.empty() || size() == 0) return std::vector<Hit>{};
    const auto count = static_cast<faiss::IndexBinary::idx_t>(queries.size());
    const int radius = max_distance + 1;  // FAISS keeps what is strictly below; ours is inclusive
    try {
      faiss::RangeSearchResult found(count);
      found.buffer_size = kResultBlock;
      codes_.range_search(count, first_byte(queries), radius, &found);
      return ordered_hits(found);
    } catch (const faiss::FaissException& cause) {
      return refused("search", cause);
    }
  }

 private:
  index::ScannedFlatIndex codes_;
};

}  // namespace

std::unique_ptr<Index> make_flat_index() { return std::make_unique<FaissFlatIndex>(); }

}  // namespace semblance
