// SPDX-License-Identifier: Apache-2.0
#include "semblance/float_index.h"

#include <faiss/IndexFlat.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/FaissException.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

namespace semblance {
namespace {

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); });
}

Error refused(const char* operation, const std::string& why) {
  std::string what = std::string(operation) + " float index: " + why;
  std::replace(what.begin(), what.end(), '\n', ' ');
  return {Errc::kBadArgument, std::move(what)};
}

class FaissFloatIndex final : public FloatIndex {
 public:
  explicit FaissFloatIndex(std::size_t dimension)
      : dimension_(dimension), vectors_(static_cast<faiss::Index::idx_t>(dimension)) {}

  Status add(std::span<const float> vectors, std::span<const std::int64_t> labels) override {
    if (vectors.size() != labels.size() * dimension_) {
      return refused("add to", std::to_string(vectors.size()) + " floats are not " +
                                   std::to_string(labels.size()) + " vectors of " +
                                   std::to_string(dimension_));
    }
    if (std::any_of(labels.begin(), labels.end(), [](std::int64_t label) { return label < 0; })) {
      return refused("add to", "a label is negative");
    }
    if (!all_finite(vectors)) return refused("add to", "a float is not finite");
    try {
      vectors_.add(static_cast<faiss::Index::idx_t>(labels.size()), vectors.data());
    } catch (const faiss::FaissException& cause) {
      return refused("add to", cause.what());
    }
    labels_.insert(labels_.end(), labels.begin(), labels.end());
    return ok();
  }

  std::size_t size() const noexcept override { return labels_.size(); }

  Result<std::vector<FloatHit>> search(std::span<const float> query, float least) const override {
    if (query.size() != dimension_ || !all_finite(query) || std::isnan(least)) {
      return refused("search", "the query is not " + std::to_string(dimension_) + " finite floats");
    }
    std::vector<FloatHit> hits;
    if (labels_.empty()) return hits;
    try {
      // One query at a time: for a number of them FAISS calls BLAS, which is not here, and for one
      // it starts no thread.
      faiss::RangeSearchResult found(1);
      vectors_.range_search(1, query.data(), least, &found);
      for (std::size_t i = 0; i < found.lims[1]; ++i) {
        hits.push_back({labels_[static_cast<std::size_t>(found.labels[i])], found.distances[i]});
      }
    } catch (const faiss::FaissException& cause) {
      return refused("search", cause.what());
    }
    std::sort(hits.begin(), hits.end(), [](const FloatHit& a, const FloatHit& b) {
      return std::tie(b.product, a.label) < std::tie(a.product, b.label);
    });
    return hits;
  }

 private:
  const std::size_t dimension_;
  faiss::IndexFlatIP vectors_;
  std::vector<std::int64_t> labels_;
};

}  // namespace

std::unique_ptr<FloatIndex> make_float_index(std::size_t dimension) {
  return std::make_unique<FaissFloatIndex>(dimension);
}

}  // namespace semblance
