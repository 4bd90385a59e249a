// SPDX-License-Identifier: Apache-2.0
#include "index/float_segment.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "index/memory.h"
#include "products/inner_products.h"

namespace semblance::index {
namespace {

constexpr std::size_t kMaxLists = 65'536;
// Rows that stay in the nearest cache while all queries are compared with them.
constexpr std::size_t kBlockBytes = 32'768;
constexpr std::size_t kMaxBlockRows = 256;

// What a segment in memory owns.
struct OwnedParts {
  Memory vectors;
  Memory labels;
  BuiltLists lists;
  OwnedFloatRows as_given;  // instead, if the rows stay in the order in which they came
};

FloatIndexKind kind_for(std::size_t rows, const LiveFloatIndexOptions& options) {
  if (rows == 0) return FloatIndexKind::kFlat;
  if (options.kind != FloatIndexKind::kAuto) return options.kind;
  return rows < kFloatFlatBelow ? FloatIndexKind::kFlat : FloatIndexKind::kIvf;
}

std::size_t lists_for(std::size_t rows, const LiveFloatIndexOptions& options) {
  const auto root = static_cast<std::size_t>(std::lround(4 * std::sqrt(rows)));
  const std::size_t wanted = options.lists != 0 ? options.lists : root;
  return std::clamp<std::size_t>(wanted, 1, std::min(rows, kMaxLists));
}

// A share of the lists, so that recall does not fall as an index grows.
std::size_t probes_for(const ListsView& lists, const LiveFloatIndexOptions& options) {
  return options.probes != 0 ? options.probes : std::max<std::size_t>(64, lists.count() / 16);
}

// Copies rows in another order; those that were given go.
void put_in_order(OwnedFloatRows&& given, std::span<const std::uint32_t> order, OwnedParts& parts) {
  const std::size_t bytes = given.dimension * sizeof(float);
  parts.vectors = Memory(order.size() * bytes);
  parts.labels = Memory(order.size() * sizeof(std::int64_t));
  const FloatRows rows = given.view();
  for (std::size_t place = 0; place < order.size(); ++place) {
    std::copy_n(rows.vector(order[place]), rows.dimension,
                parts.vectors.as<float>() + place * rows.dimension);
    parts.labels.as<std::int64_t>()[place] = rows.labels[order[place]];
  }
  OwnedFloatRows gone = std::move(given);
}

FloatRows rows_of(const OwnedParts& parts, std::size_t dimension) {
  if (parts.labels.size() == 0) {
    return {parts.as_given.labels.size(), dimension, parts.as_given.vectors.data(),
            parts.as_given.labels.data()};
  }
  return {parts.labels.size() / sizeof(std::int64_t), dimension, parts.vectors.as<float>(),
          parts.labels.as<std::int64_t>()};
}

ListsView view_of(const BuiltLists& lists, std::size_t code_bytes) {
  ListsView view;
  view.starts = lists.starts;
  view.centres = lists.centres.data();
  view.codes = {code_bytes, lists.words.data(), lists.codes.data(), lists.lost};
  return view;
}

std::uint64_t bytes_of(const FloatSegment& segment) {
  const std::size_t vector = segment.rows.dimension * sizeof(float);
  std::uint64_t bytes = segment.rows.count * (vector + sizeof(std::int64_t));
  if (segment.lists.count() > 0) {
    const ListCodes& codes = segment.lists.codes;
    bytes += segment.lists.count() * (vector + sizeof(std::uint64_t));
    bytes += codes.bytes * segment.rows.count + (codes.bytes > 0 ? kCodeWords * vector : 0);
  }
  return bytes + (segment.graph != nullptr ? segment.graph->bytes() : 0);
}

// Every query with every row.
void search_flat(const FloatRows& rows, std::span<const float> queries, double least,
                 std::vector<RowHit>& hits) {
  const std::size_t dimension = rows.dimension;
  const float bound = float_bound(least, dimension);
  const std::size_t block =
      std::clamp<std::size_t>(kBlockBytes / (dimension * sizeof(float)), 1, kMaxBlockRows);
  float products[kMaxBlockRows];
  for (std::size_t first = 0; first < rows.count; first += block) {
    const std::size_t count = std::min(block, rows.count - first);
    for (std::size_t q = 0; q * dimension < queries.size(); ++q) {
      const float* const query = &queries[q * dimension];
      kernels::inner_products(query, rows.vector(first), count, dimension, products);
      for (std::size_t i = 0; i < count; ++i) {
        if (products[i] < bound) continue;
        const double product = exact_product(query, rows.vector(first + i), dimension);
        if (product < least) continue;
        hits.push_back(
            {static_cast<std::uint32_t>(q), static_cast<std::uint32_t>(first + i), product});
      }
    }
  }
}

}  // namespace

std::unique_ptr<FloatSegment> build_float_segment(OwnedFloatRows&& given,
                                                  const LiveFloatIndexOptions& options,
                                                  bool canonical, const std::atomic<bool>& stop) {
  const std::size_t count = given.labels.size();
  const std::size_t dimension = given.dimension;
  const FloatIndexKind kind = kind_for(count, options);
  auto segment = std::make_unique<FloatSegment>();
  auto parts = std::make_shared<OwnedParts>();
  try {
    if (kind == FloatIndexKind::kIvf) {
      parts->lists = build_lists(given.view(), lists_for(count, options), options.code_bytes, stop);
      put_in_order(std::move(given), parts->lists.order, *parts);
      parts->lists.order = {};
      segment->lists = view_of(parts->lists, options.code_bytes);
    } else if (canonical || kind == FloatIndexKind::kHnsw) {
      std::vector<std::uint32_t> order = canonical_order(given.view());
      if (kind == FloatIndexKind::kHnsw) scatter(order);  // links are best made in no order
      put_in_order(std::move(given), order, *parts);
    }
    if (kind == FloatIndexKind::kHnsw) {
      segment->graph =
          FloatGraph::build(rows_of(*parts, dimension), options.links, options.build_reach, stop);
    }
  } catch (const Unwanted&) {
    // What is there is right as it stands, and nobody will search it.
  }
  if (parts->labels.size() == 0) parts->as_given = std::move(given);
  segment->rows = rows_of(*parts, dimension);
  segment->owner = std::move(parts);
  segment->bytes = bytes_of(*segment);
  return segment;
}

void search_float_segment(const FloatSegment& segment, std::span<const float> queries, double least,
                          const LiveFloatIndexOptions& options, std::vector<RowHit>& hits) {
  const FloatIndexKind kind = segment.kind();
  const FloatRows& rows = segment.rows;
  if (kind == FloatIndexKind::kFlat) return search_flat(rows, queries, least, hits);
  std::vector<std::uint32_t> found;
  for (std::size_t q = 0; q * rows.dimension < queries.size(); ++q) {
    const float* const query = &queries[q * rows.dimension];
    found.clear();
    if (kind == FloatIndexKind::kHnsw) {
      segment.graph->search(rows, query, least, options.search_reach, found);
    } else {
      search_lists(rows, segment.lists, query, least, probes_for(segment.lists, options), found);
    }
    for (const std::uint32_t row : found) {
      const double product = exact_product(query, rows.vector(row), rows.dimension);
      if (product >= least) hits.push_back({static_cast<std::uint32_t>(q), row, product});
    }
  }
}

}  // namespace semblance::index
