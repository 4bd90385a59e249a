// SPDX-License-Identifier: Apache-2.0
#include "index/binary_index.h"

#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/FaissException.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include "semblance/hash256.h"

namespace semblance::index {
namespace {

// FAISS's codes as ours, in place where they are aligned.
class Codes {
 public:
  Codes(std::int64_t n, const std::uint8_t* x) {
    const auto count = static_cast<std::size_t>(n);
    if (reinterpret_cast<std::uintptr_t>(x) % alignof(Hash256) == 0) {
      view_ = {reinterpret_cast<const Hash256*>(x), count};
      return;
    }
    copies_.resize(count);
    if (count > 0) std::memcpy(copies_.data(), x, sizeof(Hash256) * count);
    view_ = copies_;
  }

  std::span<const Hash256> view() const noexcept { return view_; }

 private:
  std::vector<Hash256> copies_;
  std::span<const Hash256> view_;
};

[[noreturn]] void refuse(const Error& error) { throw faiss::FaissException(error.what); }

std::unique_ptr<LiveIndex> empty_index(std::optional<std::size_t> tables) {
  LiveIndexOptions options;
  options.merge_in_background = false;
  options.tables = tables;
  return make_live_index(options);
}

void no_parameters(const faiss::SearchParameters* params) {
  if (params != nullptr) throw faiss::FaissException("binary index: it has no search parameters");
}

}  // namespace

BinaryIndex::BinaryIndex(std::optional<std::size_t> tables)
    : IndexBinary(Hash256::kBits), tables_(tables), codes_(empty_index(tables)) {}

void BinaryIndex::add(std::int64_t n, const std::uint8_t* x) {
  std::vector<std::int64_t> ids(static_cast<std::size_t>(n));
  std::iota(ids.begin(), ids.end(), ntotal);
  if (auto added = codes_->add(Codes(n, x).view(), ids); !added) refuse(added.error());
  ntotal += n;
}

void BinaryIndex::reset() {
  codes_ = empty_index(tables_);
  ntotal = 0;
}

void BinaryIndex::range_search(std::int64_t n, const std::uint8_t* x, int radius,
                               faiss::RangeSearchResult* result,
                               const faiss::SearchParameters* params) const {
  no_parameters(params);
  faiss::RangeSearchPartialResult partial(result);
  std::vector<LabelledHit> hits;
  if (radius > 0) {  // FAISS keeps what is strictly below
    const Codes queries(n, x);
    auto found = codes_->range_search(queries.view(), std::min(radius - 1, Hash256::kBits));
    if (!found) refuse(found.error());
    hits = *std::move(found);
  }
  auto hit = hits.begin();
  for (std::int64_t q = 0; q < n; ++q) {
    auto& of_query = partial.new_result(q);
    for (; hit != hits.end() && hit->query == q; ++hit) {
      of_query.add(static_cast<float>(hit->distance), hit->label);
    }
  }
  partial.finalize();
}

void BinaryIndex::search(std::int64_t n, const std::uint8_t* x, std::int64_t k,
                         std::int32_t* distances, std::int64_t* labels,
                         const faiss::SearchParameters* params) const {
  no_parameters(params);
  const Codes codes(n, x);
  const auto queries = codes.view();
  for (std::size_t q = 0; q < queries.size(); ++q) {
    const auto wanted = static_cast<std::size_t>(std::min(k, ntotal));
    std::vector<LabelledHit> found;
    for (int radius = 16; found.size() < wanted; radius = std::min(2 * radius, Hash256::kBits)) {
      auto hits = codes_->range_search({&queries[q], 1}, radius);
      if (!hits) refuse(hits.error());
      found = *std::move(hits);
      if (radius == Hash256::kBits) break;
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(k); ++i) {
      const std::size_t at = q * static_cast<std::size_t>(k) + i;
      const bool is_there = i < found.size();
      distances[at] = is_there ? found[i].distance : std::numeric_limits<std::int32_t>::max();
      labels[at] = is_there ? found[i].label : -1;
    }
  }
}

std::unique_ptr<faiss::IndexBinaryFlat> BinaryIndex::to_flat() const {
  auto flat = std::make_unique<faiss::IndexBinaryFlat>(Hash256::kBits);
  flat->xb.resize(Hash256::kBytes * static_cast<std::size_t>(ntotal));
  auto copied = codes_->for_each([&](const Hash256& code, std::int64_t id) {
    std::copy(code.bytes.begin(), code.bytes.end(),
              flat->xb.begin() + static_cast<std::ptrdiff_t>(Hash256::kBytes) * id);
  });
  if (!copied) refuse(copied.error());
  flat->ntotal = ntotal;
  return flat;
}

std::unique_ptr<BinaryIndex> BinaryIndex::from_flat(const faiss::IndexBinaryFlat& flat,
                                                    std::optional<std::size_t> tables) {
  if (flat.d != Hash256::kBits) throw faiss::FaissException("binary index: codes of 256 bits only");
  auto index = std::make_unique<BinaryIndex>(tables);
  index->add(flat.ntotal, flat.xb.data());
  return index;
}

}  // namespace semblance::index
