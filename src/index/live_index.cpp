// SPDX-License-Identifier: Apache-2.0
#include "semblance/live_index.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "index/bit_order.h"
#include "index/live_parts.h"
#include "index/segment.h"
#include "index/segment_file.h"
#include "index/tombstones.h"

namespace semblance {
namespace {

using index::BitOrder;
using index::CodeHit;
using index::collect;
using index::first_to_merge;
using index::for_each_row;
using index::kNewest;
using index::kScanned;
using index::Part;
using index::Parts;
using index::rows_of;
using index::SegmentRows;
using index::SegmentView;
using index::Tombstones;
using index::withdraw_from;

constexpr std::size_t kMaxRows = 0xffffffff;  // what a place in a table can name

// Memory may run out anywhere in an operation; its caller is told, as of any other limit.
template <class Work>
auto within_memory(std::string_view operation, Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return Error{Errc::kLimit, std::string(operation) + ": out of memory"};
  }
}

class SegmentedIndex final : public LiveIndex {
 public:
  explicit SegmentedIndex(const LiveIndexOptions& options) : options_(options) {}
  SegmentedIndex(const LiveIndexOptions& options, std::unique_ptr<index::MappedSegment> base)
      : options_(options), note_(base->note()) {
    std::shared_ptr<const index::MappedSegment> shared = std::move(base);
    mapped_ = shared;
    const std::size_t rows = shared->view().rows;
    if (rows > 0) publish({{shared, std::make_shared<Tombstones>(rows)}});
  }

  ~SegmentedIndex() override {
    {
      const std::lock_guard lock(writer_);
      closing_ = true;
    }
    work_.notify_all();
    if (merger_.joinable()) merger_.join();
  }

  Status add(std::span<const Hash256> codes, std::span<const std::int64_t> labels) override;
  Result<std::size_t> withdraw(std::span<const std::int64_t> labels) override;
  std::size_t size() const noexcept override;
  Result<std::vector<LabelledHit>> range_search(std::span<const Hash256> queries,
                                                int max_distance) const override;
  Status for_each(const std::function<void(const Hash256&, std::int64_t)>& visit) const override;
  Status merge() override;
  Status save(const std::string& path, std::string_view note,
              const std::string& like) const override;
  const std::string& note() const noexcept override { return note_; }
  Status verify() const override { return mapped_ == nullptr ? ok() : mapped_->verify(); }
  IndexFacts facts() const override;

 private:
  Parts parts() const {
    const std::lock_guard lock(published_);
    return parts_;
  }
  void publish(Parts parts) {
    const std::lock_guard lock(published_);
    parts_.swap(parts);
  }

  Part build(SegmentRows&& rows) const;
  Status add_rows(SegmentRows&& rows);
  Result<std::vector<LabelledHit>> search(std::span<const Hash256> queries, int max_distance) const;
  Status merge_due(std::unique_lock<std::mutex>& writer);
  Status merge_from(std::size_t first, std::unique_lock<std::mutex>& writer);
  void keep_merging();

  const LiveIndexOptions options_;
  const std::string note_;
  std::shared_ptr<const index::MappedSegment> mapped_;

  mutable std::mutex published_;  // held for the copy of a few pointers, never during work
  Parts parts_;                   // what searches see; replaced as a whole, by who holds writer_

  std::mutex writer_;  // one changes the index at a time; searches do not come here
  std::condition_variable work_;
  std::condition_variable merged_;
  bool merging_ = false;
  std::size_t merging_end_ = 0;               // of the parts that a merge may be reading
  std::vector<std::int64_t> gone_meanwhile_;  // labels withdrawn while that goes on
  bool merge_failed_ = false;                 // in the background: until the next add
  bool closing_ = false;
  std::thread merger_;
};

Part SegmentedIndex::build(SegmentRows&& rows) const {
  const std::size_t count = rows.codes.size();
  const std::size_t wanted = options_.tables.value_or(index::tables_for(count));
  const std::size_t tables = count <= kNewest ? 0 : wanted;
  Part part;
  part.segment = index::build_segment(std::move(rows), tables);
  part.gone = std::make_shared<Tombstones>(count);
  return part;
}

Status SegmentedIndex::add(std::span<const Hash256> codes, std::span<const std::int64_t> labels) {
  if (codes.size() != labels.size()) {
    return Error{Errc::kBadArgument, "add to index: " + std::to_string(codes.size()) +
                                         " codes, but " + std::to_string(labels.size()) +
                                         " labels"};
  }
  const std::size_t tables = options_.tables.value_or(0);
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
    return add_rows({index::apply_bit_order(codes), {labels.begin(), labels.end()}});
  });
}

Status SegmentedIndex::add_rows(SegmentRows&& rows) {
  std::unique_lock writer(writer_);
  Parts now = parts();
  std::size_t held = rows.codes.size();
  for (const Part& part : now) held += part.rows();
  if (held > kMaxRows) {
    return Error{Errc::kLimit, "add to index: more than " + std::to_string(kMaxRows) + " codes"};
  }
  // Small segments become one at once: see kNewest.
  while (now.size() > (merging_ ? merging_end_ : 0)) {
    const std::size_t more = rows.codes.size();
    const std::size_t together = now.back().rows() + more;
    if (together > (more < kNewest ? kNewest : kScanned)) break;
    if (auto copied = collect({now.back()}, rows); !copied) return copied;
    now.pop_back();
  }
  now.push_back(build(std::move(rows)));
  const bool none_due = first_to_merge(now) == now.size();
  publish(std::move(now));
  if (none_due) return ok();
  // The codes are in, whatever becomes of a merge.
  merge_failed_ = false;
  bool in_background = options_.merge_in_background;
  try {
    if (in_background && !merger_.joinable()) merger_ = std::thread([this] { keep_merging(); });
  } catch (const std::system_error&) {  // no thread is to be had
    in_background = false;
  }
  if (!in_background && !merge_due(writer)) merge_failed_ = true;
  work_.notify_all();
  return ok();
}

std::size_t SegmentedIndex::size() const noexcept {
  const std::lock_guard lock(published_);
  std::size_t live = 0;
  for (const Part& part : parts_) live += part.live();
  return live;
}

Result<std::size_t> SegmentedIndex::withdraw(std::span<const std::int64_t> labels) {
  return within_memory("withdraw from index", [&]() -> Result<std::size_t> {
    const std::unordered_set<std::int64_t> wanted(labels.begin(), labels.end());
    const std::lock_guard writer(writer_);
    // First of all: should a part fail, what is marked by then stays out of what is merged.
    if (merging_) gone_meanwhile_.insert(gone_meanwhile_.end(), labels.begin(), labels.end());
    std::size_t withdrawn = 0;
    for (const Part& part : parts()) {
      auto gone = withdraw_from(part, wanted);
      if (!gone) return std::move(gone).error();
      withdrawn += *gone;
    }
    return withdrawn;
  });
}

Result<std::vector<LabelledHit>> SegmentedIndex::range_search(std::span<const Hash256> queries,
                                                              int max_distance) const {
  if (max_distance < 0 || max_distance > Hash256::kBits) {
    return Error{Errc::kBadArgument, "search index: max_distance " + std::to_string(max_distance) +
                                         " is not in 0..256"};
  }
  if (queries.size() > kMaxRows) {
    return Error{Errc::kLimit, "search index: more than " + std::to_string(kMaxRows) + " queries"};
  }
  return within_memory("search index", [&] { return search(queries, max_distance); });
}

Result<std::vector<LabelledHit>> SegmentedIndex::search(std::span<const Hash256> queries,
                                                        int max_distance) const {
  const std::vector<Hash256> moved = index::apply_bit_order(queries);
  std::vector<LabelledHit> hits;
  std::vector<CodeHit> found;
  for (const Part& part : parts()) {
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
  for (const Part& part : parts()) {
    auto visited = for_each_row(
        part, [&](const Hash256& code, std::int64_t label) { visit(order.restore(code), label); });
    if (!visited) return visited;
  }
  return ok();
}

// Makes one part of those from `first` on. What is added and withdrawn meanwhile is not held up:
// parts are only added behind those that are read, and labels that are withdrawn are noted.
Status SegmentedIndex::merge_from(std::size_t first, std::unique_lock<std::mutex>& writer) {
  const Parts all = parts();
  merging_ = true;
  merging_end_ = all.size();
  gone_meanwhile_.clear();
  writer.unlock();
  Part merged;
  auto done = within_memory("merge index", [&]() -> Status {
    SegmentRows rows;
    if (auto copied = collect({all.begin() + static_cast<std::ptrdiff_t>(first), all.end()}, rows);
        !copied) {
      return copied;
    }
    merged = build(std::move(rows));
    return ok();
  });
  writer.lock();
  if (done) {
    done = within_memory("merge index", [&]() -> Status {
      if (!gone_meanwhile_.empty()) {
        auto gone = withdraw_from(merged, {gone_meanwhile_.begin(), gone_meanwhile_.end()});
        if (!gone) return std::move(gone).error();
      }
      const Parts now = parts();
      Parts next(now.begin(), now.begin() + static_cast<std::ptrdiff_t>(first));
      if (merged.rows() > 0) next.push_back(std::move(merged));
      next.insert(next.end(), now.begin() + static_cast<std::ptrdiff_t>(merging_end_), now.end());
      publish(std::move(next));
      return ok();
    });
  }
  merging_ = false;
  gone_meanwhile_.clear();
  merged_.notify_all();
  work_.notify_all();
  return done;
}

// Merges what is due now, after whoever is at it.
Status SegmentedIndex::merge_due(std::unique_lock<std::mutex>& writer) {
  merged_.wait(writer, [this] { return !merging_; });
  const std::size_t due = first_to_merge(parts());
  return due < parts().size() ? merge_from(due, writer) : ok();
}

void SegmentedIndex::keep_merging() {
  std::unique_lock writer(writer_);
  while (!closing_) {
    const std::size_t due = merging_ || merge_failed_ ? SIZE_MAX : first_to_merge(parts());
    if (due >= parts().size()) {
      work_.wait(writer);
      continue;
    }
    // The parts stay as they are if this fails: slower to search, and as right.
    auto merged = within_memory("merge index", [&] { return merge_from(due, writer); });
    if (!merged) merge_failed_ = true;
  }
}

Status SegmentedIndex::merge() {
  std::unique_lock writer(writer_);
  merged_.wait(writer, [this] { return !merging_; });
  const Parts now = parts();
  if (now.empty() || (now.size() == 1 && now[0].gone->count() == 0)) return ok();
  return merge_from(0, writer);
}

Status SegmentedIndex::save(const std::string& path, std::string_view note,
                            const std::string& like) const {
  return within_memory("save index " + path, [&]() -> Status {
    const Parts now = parts();
    if (now.size() == 1 && now[0].gone->count() == 0) {
      return index::write_segment(*now[0].segment, note, path, like);
    }
    SegmentRows rows;
    if (auto copied = collect(now, rows); !copied) return copied;
    return index::write_segment(*build(std::move(rows)).segment, note, path, like);
  });
}

IndexFacts SegmentedIndex::facts() const {
  IndexFacts facts;
  std::size_t largest = 0;
  for (const Part& part : parts()) {
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
