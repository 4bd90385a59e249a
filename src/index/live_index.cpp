// SPDX-License-Identifier: Apache-2.0
#include "semblance/live_index.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "index/bit_order.h"
#include "index/live_list.h"
#include "index/live_parts.h"
#include "index/segment.h"
#include "index/segment_file.h"

namespace semblance {
namespace {

using index::BitOrder;
using index::CodeHit;
using index::for_each_row;
using index::kNewest;
using index::Part;
using index::Parts;
using index::rows_of;
using index::SegmentRows;
using index::SegmentView;
using index::Tombstones;
using index::within_memory;

constexpr std::size_t kMaxCodes = 0xffffffff;  // what a place in a table can name

// What LiveList keeps a list of.
struct CodeKind {
  using Part = index::Part;
  using Rows = SegmentRows;
  static constexpr std::size_t kMaxRows = kMaxCodes;
  static constexpr const char* kRows = "codes";
  static constexpr const char* kName = "index";

  std::optional<std::size_t> tables;  // as LiveIndexOptions says

  static std::size_t count(const Rows& rows) { return rows.codes.size(); }

  Part build(Rows&& rows) const {
    const std::size_t count = rows.codes.size();
    Part part;
    part.segment = index::build_segment(
        std::move(rows), count <= kNewest ? 0 : tables.value_or(index::tables_for(count)));
    part.gone = std::make_shared<Tombstones>(count);
    return part;
  }

  Status collect(const Parts& parts, Rows& rows) const { return index::collect(parts, rows); }

  Result<std::size_t> withdraw(const Part& part,
                               const std::unordered_set<std::int64_t>& labels) const {
    return index::withdraw_from(part, labels);
  }
};

class SegmentedIndex final : public LiveIndex {
 public:
  explicit SegmentedIndex(const LiveIndexOptions& options)
      : list_({options.tables}, options.merge_in_background) {}
  SegmentedIndex(const LiveIndexOptions& options, std::shared_ptr<const index::MappedSegment> base)
      : note_(base->note()),
        mapped_(base),
        list_({options.tables}, options.merge_in_background, parts_of(base)) {}

  Status add(std::span<const Hash256> codes, std::span<const std::int64_t> labels) override;
  Result<std::size_t> withdraw(std::span<const std::int64_t> labels) override {
    return list_.withdraw(labels);
  }
  std::size_t size() const noexcept override { return list_.live(); }
  Result<std::vector<LabelledHit>> range_search(std::span<const Hash256> queries,
                                                int max_distance) const override;
  Status for_each(const std::function<void(const Hash256&, std::int64_t)>& visit) const override;
  Status merge() override { return list_.merge(); }
  Status save(const std::string& path, std::string_view note,
              const std::string& like) const override;
  const std::string& note() const noexcept override { return note_; }
  Status verify() const override { return mapped_ == nullptr ? ok() : mapped_->verify(); }
  IndexFacts facts() const override;

 private:
  static Parts parts_of(const std::shared_ptr<const index::MappedSegment>& base) {
    const std::size_t rows = base->view().rows;
    return rows == 0 ? Parts() : Parts{{base, std::make_shared<Tombstones>(rows)}};
  }
  Result<std::vector<LabelledHit>> search(std::span<const Hash256> queries, int max_distance) const;

  const std::string note_;
  const std::shared_ptr<const index::MappedSegment> mapped_;
  index::LiveList<CodeKind> list_;
};

Status SegmentedIndex::add(std::span<const Hash256> codes, std::span<const std::int64_t> labels) {
  if (codes.size() != labels.size()) {
    return Error{Errc::kBadArgument, "add to index: " + std::to_string(codes.size()) +
                                         " codes, but " + std::to_string(labels.size()) +
                                         " labels"};
  }
  const std::size_t tables = list_.kind().tables.value_or(0);
  if (tables != 0 && (tables < index::kMinTables || tables > index::kMaxTables)) {
    return Error{Errc::kBadArgument,
                 "add to index: " + std::to_string(tables) + " tables are not 0 or 10..16"};
  }
  for (const std::int64_t label : labels) {
    if (label < 0 || label >> index::kMaxPackedBits != 0) {
      return Error{Errc::kBadArgument,
                   "add to index: label " + std::to_string(label) + " is not in 0..2^57-1"};
    }
  }
  if (codes.empty()) return ok();
  return within_memory("add to index", [&] {
    return list_.add({index::apply_bit_order(codes), {labels.begin(), labels.end()}});
  });
}

Result<std::vector<LabelledHit>> SegmentedIndex::range_search(std::span<const Hash256> queries,
                                                              int max_distance) const {
  if (max_distance < 0 || max_distance > Hash256::kBits) {
    return Error{Errc::kBadArgument, "search index: max_distance " + std::to_string(max_distance) +
                                         " is not in 0..256"};
  }
  if (queries.size() > kMaxCodes) {
    return Error{Errc::kLimit, "search index: more than " + std::to_string(kMaxCodes) + " queries"};
  }
  return within_memory("search index", [&] { return search(queries, max_distance); });
}

Result<std::vector<LabelledHit>> SegmentedIndex::search(std::span<const Hash256> queries,
                                                        int max_distance) const {
  const std::vector<Hash256> moved = index::apply_bit_order(queries);
  std::vector<LabelledHit> hits;
  std::vector<CodeHit> found;
  for (const Part& part : list_.parts()) {
    found.clear();
    auto searched = index::search_segment(*part.segment, moved, max_distance, found);
    if (!searched) return std::move(searched).error();
    const SegmentView& view = part.segment->view();
    const std::size_t most = hits.size() + view.rows * queries.size();
    for (const CodeHit& hit : found) {
      auto rows = rows_of(view, hit.code);
      if (!rows) return std::move(rows).error();
      for (std::size_t row = rows->first; row < rows->second; ++row) {
        if (part.gone->test(row)) continue;
        if (auto checked = view.check(view.labels.address(row), 8); !checked) {
          return std::move(checked).error();
        }
        hits.push_back({hit.query, static_cast<std::int64_t>(view.labels.at(row)), hit.distance});
      }
      if (hits.size() > most) return index::contradiction("codes share their rows");
    }
  }
  std::sort(hits.begin(), hits.end(), [](const LabelledHit& a, const LabelledHit& b) {
    return std::tie(a.query, a.distance, a.label) < std::tie(b.query, b.distance, b.label);
  });
  return hits;
}

Status SegmentedIndex::for_each(
    const std::function<void(const Hash256&, std::int64_t)>& visit) const {
  const BitOrder& order = BitOrder::get();
  for (const Part& part : list_.parts()) {
    auto visited = for_each_row(
        part, [&](const Hash256& code, std::int64_t label) { visit(order.restore(code), label); });
    if (!visited) return visited;
  }
  return ok();
}

Status SegmentedIndex::save(const std::string& path, std::string_view note,
                            const std::string& like) const {
  return within_memory("save index " + path, [&]() -> Status {
    const Parts now = list_.parts();
    if (now.size() == 1 && now[0].gone->count() == 0) {
      return index::write_segment(*now[0].segment, note, path, like);
    }
    SegmentRows rows;
    if (auto copied = index::collect(now, rows); !copied) return copied;
    return index::write_segment(*list_.kind().build(std::move(rows)).segment, note, path, like);
  });
}

IndexFacts SegmentedIndex::facts() const {
  IndexFacts facts;
  std::size_t largest = 0;
  for (const Part& part : list_.parts()) {
    const SegmentView& view = part.segment->view();
    facts.codes += part.live();
    facts.withdrawn += part.gone->count();
    facts.distinct += view.codes;
    ++facts.segments;
    facts.bytes += part.segment->bytes();
    if (view.rows > largest) {
      largest = view.rows;
      facts.tables = view.tables.size();
    }
  }
  return facts;
}

}  // namespace

std::unique_ptr<LiveIndex> make_live_index(const LiveIndexOptions& options) {
  return std::make_unique<SegmentedIndex>(options);
}

Result<std::unique_ptr<LiveIndex>> open_index(const std::string& path,
                                              const LiveIndexOptions& options) {
  return within_memory("open index " + path, [&]() -> Result<std::unique_ptr<LiveIndex>> {
    auto base = index::map_segment(path);
    if (!base) return std::move(base).error();
    return std::unique_ptr<LiveIndex>(std::make_unique<SegmentedIndex>(options, *std::move(base)));
  });
}

}  // namespace semblance
