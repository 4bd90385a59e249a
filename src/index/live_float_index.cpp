// SPDX-License-Identifier: Apache-2.0
#include "semblance/live_float_index.h"

#include <fcntl.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <tuple>
#include <utility>

#include "index/float_file.h"
#include "index/float_segment.h"
#include "index/live_list.h"
#include "index/tombstones.h"

namespace semblance {
namespace {

using index::FloatRows;
using index::FloatSegment;
using index::kMaxFloatRows;
using index::OwnedFloatRows;
using index::Tombstones;
using index::within_memory;

// A segment and the rows of it that are withdrawn.
struct FloatPart {
  std::shared_ptr<const FloatSegment> segment;
  std::shared_ptr<Tombstones> gone;

  std::size_t rows() const noexcept { return segment->rows.count; }
  std::size_t live() const noexcept { return rows() - gone->count(); }
};

FloatPart part_of(std::shared_ptr<const FloatSegment> segment) {
  auto gone = std::make_shared<Tombstones>(segment->rows.count);
  return {std::move(segment), std::move(gone)};
}

// Calls visit(row) for every row that is not withdrawn.
template <class Visit>
void for_each_row(const FloatPart& part, Visit&& visit) {
  for (std::size_t row = 0; row < part.rows(); ++row) {
    if (!part.gone->test(row)) visit(row);
  }
}

// What LiveList keeps a list of.
struct FloatKind {
  using Part = FloatPart;
  using Rows = OwnedFloatRows;
  static constexpr std::size_t kMaxRows = kMaxFloatRows;
  static constexpr const char* kRows = "vectors";
  static constexpr const char* kName = "float index";

  std::size_t dimension = 0;
  LiveFloatIndexOptions options;
  std::shared_ptr<std::atomic<bool>> stop = std::make_shared<std::atomic<bool>>(false);

  static std::size_t count(const Rows& rows) { return rows.labels.size(); }

  Part build(Rows&& rows) const {
    return part_of(index::build_float_segment(std::move(rows), options, false, *stop));
  }

  // To build may take minutes: an index that is closed does not wait for them.
  void give_up() const { *stop = true; }

  Status collect(const std::vector<Part>& parts, Rows& rows) const {
    std::size_t live = count(rows);
    for (const Part& part : parts) live += part.live();
    rows.dimension = dimension;
    rows.vectors.reserve(live * dimension);
    rows.labels.reserve(live);
    for (const Part& part : parts) {
      const FloatRows& from = part.segment->rows;
      for_each_row(part, [&](std::size_t row) {
        rows.vectors.insert(rows.vectors.end(), from.vector(row), from.vector(row) + dimension);
        rows.labels.push_back(from.labels[row]);
      });
    }
    return ok();
  }

  Result<std::size_t> withdraw(const Part& part,
                               const std::unordered_set<std::int64_t>& labels) const {
    std::size_t withdrawn = 0;
    for_each_row(part, [&](std::size_t row) {
      if (labels.contains(part.segment->rows.labels[row])) withdrawn += part.gone->set(row);
    });
    return withdrawn;
  }
};

Error bad_argument(std::string_view operation, const std::string& why) {
  return {Errc::kBadArgument, std::string(operation) + " float index: " + why};
}

Status check_options(std::string_view operation, std::size_t dimension,
                     const LiveFloatIndexOptions& options) {
  const auto in_range = [](std::size_t value, std::size_t least, std::size_t most) {
    return value >= least && value <= most;
  };
  if (!in_range(dimension, 1, kMaxFloatDimension)) {
    return bad_argument(operation, "dimension " + std::to_string(dimension) + " is not in 1.." +
                                       std::to_string(kMaxFloatDimension));
  }
  if (options.lists > 65'536) {
    return bad_argument(operation, "lists are not in 0..65536");
  }
  if (options.code_bytes > 0 && dimension % options.code_bytes != 0) {
    return bad_argument(operation, "dimension " + std::to_string(dimension) +
                                       " is no multiple of " + std::to_string(options.code_bytes) +
                                       " bytes of code");
  }
  if (!in_range(options.links, index::kMinLinks, index::kMaxLinks) ||
      !in_range(options.build_reach, 8, 4'096) || !in_range(options.search_reach, 1, 65'536)) {
    return bad_argument(operation, "links or a reach of the graph are out of range");
  }
  return ok();
}

class SegmentedFloatIndex final : public LiveFloatIndex {
 public:
  SegmentedFloatIndex(std::size_t dimension, const LiveFloatIndexOptions& options)
      : list_({.dimension = dimension, .options = options}, options.merge_in_background) {}
  SegmentedFloatIndex(FloatPart base, std::string note, FileDescriptor file, std::string path,
                      const LiveFloatIndexOptions& options)
      : path_(std::move(path)),
        note_(std::move(note)),
        file_(std::move(file)),
        list_({.dimension = base.segment->rows.dimension, .options = options},
              options.merge_in_background,
              base.rows() > 0 ? std::vector{base} : std::vector<FloatPart>()) {}

  std::size_t dimension() const noexcept override { return list_.kind().dimension; }
  Status add(std::span<const float> vectors, std::span<const std::int64_t> labels) override;
  Result<std::size_t> withdraw(std::span<const std::int64_t> labels) override {
    return list_.withdraw(labels);
  }
  std::size_t size() const noexcept override { return list_.live(); }
  Result<std::vector<ProductHit>> search(std::span<const float> queries,
                                         double least) const override;
  Status for_each(
      const std::function<void(std::span<const float>, std::int64_t)>& visit) const override;
  Status merge() override { return list_.merge(); }
  Status save(const std::string& path, std::string_view note,
              const std::string& like) const override;
  const std::string& note() const noexcept override { return note_; }
  Status verify() const override;
  FloatIndexFacts facts() const override;

 private:
  Status check_vectors(std::string_view operation, std::span<const float> vectors) const;
  std::vector<ProductHit> search_parts(std::span<const float> queries, double least) const;

  const std::string path_;
  const std::string note_;
  const FileDescriptor file_;
  index::LiveList<FloatKind> list_;
};

Status SegmentedFloatIndex::check_vectors(std::string_view operation,
                                          std::span<const float> vectors) const {
  if (vectors.size() % dimension() != 0) {
    return bad_argument(operation, std::to_string(vectors.size()) + " floats are no vectors of " +
                                       std::to_string(dimension()));
  }
  for (std::size_t at = 0; at < vectors.size(); at += dimension()) {
    if (index::is_unit(vectors.subspan(at, dimension()))) continue;
    return bad_argument(operation, "the length of vector " + std::to_string(at / dimension()) +
                                       " is not 1 to within a thousandth");
  }
  return ok();
}

Status SegmentedFloatIndex::add(std::span<const float> vectors,
                                std::span<const std::int64_t> labels) {
  if (vectors.size() / dimension() != labels.size()) {
    return bad_argument("add to", std::to_string(vectors.size()) + " floats are not " +
                                      std::to_string(labels.size()) + " vectors of " +
                                      std::to_string(dimension()));
  }
  if (std::any_of(labels.begin(), labels.end(), [](std::int64_t label) { return label < 0; })) {
    return bad_argument("add to", "a label is negative");
  }
  if (auto checked = check_vectors("add to", vectors); !checked) return checked;
  if (labels.empty()) return ok();
  return within_memory("add to float index", [&] {
    return list_.add(
        {dimension(), {vectors.begin(), vectors.end()}, {labels.begin(), labels.end()}});
  });
}

Result<std::vector<ProductHit>> SegmentedFloatIndex::search(std::span<const float> queries,
                                                            double least) const {
  if (std::isnan(least)) return bad_argument("search", "the threshold is no number");
  if (auto checked = check_vectors("search", queries); !checked) return std::move(checked).error();
  if (queries.size() / dimension() > kMaxFloatRows) {
    return Error{Errc::kLimit, "search float index: too many queries"};
  }
  return within_memory("search float index", [&]() -> Result<std::vector<ProductHit>> {
    return search_parts(queries, least);
  });
}

std::vector<ProductHit> SegmentedFloatIndex::search_parts(std::span<const float> queries,
                                                          double least) const {
  std::vector<ProductHit> hits;
  std::vector<index::RowHit> found;
  for (const FloatPart& part : list_.parts()) {
    found.clear();
    index::search_float_segment(*part.segment, queries, least, list_.kind().options, found);
    for (const index::RowHit& hit : found) {
      if (part.gone->test(hit.row)) continue;
      hits.push_back({hit.query, part.segment->rows.labels[hit.row], hit.product});
    }
  }
  std::sort(hits.begin(), hits.end(), [](const ProductHit& a, const ProductHit& b) {
    return std::tie(a.query, b.product, a.label) < std::tie(b.query, a.product, b.label);
  });
  return hits;
}

Status SegmentedFloatIndex::for_each(
    const std::function<void(std::span<const float>, std::int64_t)>& visit) const {
  for (const FloatPart& part : list_.parts()) {
    const FloatRows& rows = part.segment->rows;
    for_each_row(part, [&](std::size_t row) {
      visit({rows.vector(row), rows.dimension}, rows.labels[row]);
    });
  }
  return ok();
}

Status SegmentedFloatIndex::save(const std::string& path, std::string_view note,
                                 const std::string& like) const {
  return within_memory("save float index " + path, [&]() -> Status {
    const auto now = list_.parts();
    // What has lists or a graph is in an order of its own; other rows are as they came.
    if (now.size() == 1 && now[0].gone->count() == 0 &&
        now[0].segment->kind() != FloatIndexKind::kFlat) {
      return index::write_floats(*now[0].segment, note, path, like);
    }
    OwnedFloatRows rows;
    if (auto copied = list_.kind().collect(now, rows); !copied) return copied;
    const auto all =
        index::build_float_segment(std::move(rows), list_.kind().options, true, *list_.kind().stop);
    return index::write_floats(*all, note, path, like);
  });
}

Status SegmentedFloatIndex::verify() const {
  if (!file_) return ok();
  return within_memory("verify float index " + path_, [&]() -> Status {
    // The file that was opened: another may have its name by now.
    FileDescriptor file(::fcntl(file_.get(), F_DUPFD_CLOEXEC, 0));
    if (!file) return io_error("open", path_, errno);
    auto again = index::read_floats(std::move(file), path_);
    if (!again) return std::move(again).error();
    return ok();
  });
}

FloatIndexFacts SegmentedFloatIndex::facts() const {
  FloatIndexFacts facts;
  facts.dimension = dimension();
  std::size_t largest = 0;
  for (const FloatPart& part : list_.parts()) {
    facts.vectors += part.live();
    facts.withdrawn += part.gone->count();
    ++facts.segments;
    facts.bytes += part.segment->bytes;
    if (part.rows() <= largest) continue;
    largest = part.rows();
    facts.kind = part.segment->kind();
    facts.lists = part.segment->lists.count();
    facts.code_bytes = part.segment->lists.codes.bytes;
  }
  return facts;
}

}  // namespace

Result<std::unique_ptr<LiveFloatIndex>> make_live_float_index(
    std::size_t dimension, const LiveFloatIndexOptions& options) {
  if (auto checked = check_options("make", dimension, options); !checked) {
    return std::move(checked).error();
  }
  return std::unique_ptr<LiveFloatIndex>(std::make_unique<SegmentedFloatIndex>(dimension, options));
}

Result<std::unique_ptr<LiveFloatIndex>> open_float_index(const std::string& path,
                                                         const LiveFloatIndexOptions& options) {
  using Opened = Result<std::unique_ptr<LiveFloatIndex>>;
  return within_memory("open float index " + path, [&]() -> Opened {
    auto saved = index::read_floats(path);
    if (!saved) return std::move(saved).error();
    const std::size_t dimension = saved->segment->rows.dimension;
    if (auto checked = check_options("open", dimension, options); !checked) {
      return std::move(checked).error();
    }
    FloatPart base = part_of(std::move(saved->segment));
    return std::unique_ptr<LiveFloatIndex>(std::make_unique<SegmentedFloatIndex>(
        std::move(base), std::move(saved->note), std::move(saved->file), path, options));
  });
}

}  // namespace semblance
