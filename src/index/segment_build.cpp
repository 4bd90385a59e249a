// SPDX-License-Identifier: Apache-2.0
// A segment in memory: rows sorted into table 0, equal codes made one, then a table after another.
#include <algorithm>
#include <deque>
#include <numeric>
#include <tuple>
#include <utility>

#include "hamming/sketch_filter.h"
#include "index/block_scan.h"
#include "index/memory.h"
#include "index/segment.h"

namespace semblance::index {
namespace {

// Enough that the planes cost little beside the codes: see README.md for the bytes of a code.
constexpr std::size_t kLongPrefixUpTo = 30'000'000;

// The places of the codes in one table: how many have each key, then where each key begins.
template <class Key>
void count_keys(std::size_t codes, std::size_t keys, std::uint32_t* starts, Key&& key) {
  std::fill(starts, starts + keys + 1, 0);
  for (std::size_t i = 0; i < codes; ++i) ++starts[key(i) + 1];
  std::partial_sum(starts, starts + keys + 1, starts);
}

class MemorySegment final : public Segment {
 public:
  MemorySegment(SegmentRows&& rows, std::size_t tables)
      : fields_(std::max(tables, kMinTables)), tables_(tables) {
    if (tables > 0) sort_by_first_field(rows);
    view_.rows = rows.codes.size();
    keep_labels(rows.labels);
    take_distinct(rows);
    rows = {};
    if (tables > 0) make_room();
    for (std::size_t t = 0; t < tables; ++t) build_table(t);
    settle(std::move(view_), bytes_);
  }

 private:
  Memory& keep(Memory memory) {
    bytes_ += memory.size();
    return parts_.emplace_back(std::move(memory));
  }

  // By key, then code, then label: table 0 then needs no list of codes, equal codes are neighbours,
  // and equal rows give equal segments whatever order they came in.
  void sort_by_first_field(SegmentRows& rows) const {
    const std::size_t count = rows.codes.size();
    const std::size_t keys = std::size_t{1} << fields_.fields[0].bits;
    std::vector<std::uint32_t> starts(keys + 1);
    count_keys(count, keys, starts.data(),
               [&](std::size_t i) { return fields_.key(rows.codes[i], 0); });
    SegmentRows sorted{std::vector<Hash256>(count), std::vector<std::uint64_t>(count)};
    std::vector<std::uint32_t> next(starts.begin(), starts.end() - 1);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t place = next[fields_.key(rows.codes[i], 0)]++;
      sorted.codes[place] = rows.codes[i];
      sorted.labels[place] = rows.labels[i];
    }
    rows = std::move(sorted);
    for (std::size_t key = 0; key < keys; ++key) sort_bucket(rows, starts[key], starts[key + 1]);
  }

  static void sort_bucket(SegmentRows& rows, std::size_t begin, std::size_t end) {
    if (end - begin < 2) return;
    std::vector<std::pair<Hash256, std::uint64_t>> bucket;
    bucket.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i) bucket.emplace_back(rows.codes[i], rows.labels[i]);
    std::sort(bucket.begin(), bucket.end());
    for (std::size_t i = begin; i < end; ++i) {
      std::tie(rows.codes[i], rows.labels[i]) = bucket[i - begin];
    }
  }

  void keep_labels(const std::vector<std::uint64_t>& labels) {
    std::uint64_t largest = 0;
    for (const std::uint64_t label : labels) largest = std::max(largest, label);
    const unsigned bits = bits_for(largest);
    Memory& packed = keep(Memory(packed_bytes(labels.size(), bits)));
    for (std::size_t i = 0; i < labels.size(); ++i) pack(packed.data(), bits, i, labels[i]);
    view_.labels = {packed.data(), bits};
  }

  void take_distinct(const SegmentRows& rows) {
    std::vector<std::uint32_t> firsts;
    const auto& all = rows.codes;
    std::size_t distinct = 0;
    for (std::size_t i = 0; i < all.size(); ++i) distinct += i == 0 || all[i] != all[i - 1];
    // Rows that are not sorted may be equal and apart: they are separate codes then.
    const bool some_equal = tables_ > 0 && distinct < all.size();
    view_.codes = some_equal ? distinct : all.size();
    Memory& codes = keep(Memory(Hash256::kBytes * view_.codes));
    auto* const to = codes.as<Hash256>();
    view_.codes_at = codes.data();
    if (!some_equal) {
      std::copy(all.begin(), all.end(), to);
    } else {
      const unsigned bits = bits_for(all.size());
      Memory& firsts_packed = keep(Memory(packed_bytes(distinct + 1, bits)));
      std::size_t code = 0;
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (i > 0 && all[i] == all[i - 1]) continue;
        pack(firsts_packed.data(), bits, code, i);
        to[code++] = all[i];
      }
      pack(firsts_packed.data(), bits, distinct, all.size());
      view_.first_rows = {firsts_packed.data(), bits};
    }
    view_.prefix_bytes = view_.codes <= kLongPrefixUpTo ? kLongPrefix : kShortPrefix;
    Memory& planes = keep(Memory(plane_bytes(view_.codes, view_.prefix_bytes)));
    pack_planes(view_.all_codes(), view_.prefix_bytes, planes.data());
    view_.planes = planes.data();
  }

  // The directories together, and the sketches: in parts of their own they would be too small for
  // huge pages.
  void make_room() {
    std::size_t keys = 0;
    for (const TableLayout::Field& field : fields_.fields) {
      keys += (std::size_t{1} << field.bits) + 1;
    }
    next_starts_ = keep(Memory(keys * sizeof(std::uint32_t))).as<std::uint32_t>();
    next_sketches_ =
        keep(Memory(tables_ * sketches_each() * sizeof(std::uint16_t))).as<std::uint16_t>();
  }

  std::size_t sketches_each() const { return view_.codes + kernels::kSketchSlack; }

  void build_table(std::size_t t) {
    const auto codes = view_.all_codes();
    const std::size_t keys = std::size_t{1} << fields_.fields[t].bits;
    std::uint32_t* const starts = std::exchange(next_starts_, next_starts_ + keys + 1);
    std::uint16_t* const sketches = std::exchange(next_sketches_, next_sketches_ + sketches_each());
    TableView table;
    table.starts = starts;
    table.sketches = sketches;
    count_keys(codes.size(), keys, starts, [&](std::size_t i) { return fields_.key(codes[i], t); });
    if (t == 0) {
      for (std::size_t i = 0; i < codes.size(); ++i) sketches[i] = fields_.sketch(codes[i], t);
      view_.tables.push_back(table);
      return;
    }
    const unsigned bits = bits_for(codes.size());
    Memory& packed = keep(Memory(packed_bytes(codes.size(), bits)));
    std::vector<std::uint32_t> next(starts, starts + keys);
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const std::uint32_t place = next[fields_.key(codes[i], t)]++;
      sketches[place] = fields_.sketch(codes[i], t);
      pack(packed.data(), bits, place, i);
    }
    table.codes = {packed.data(), bits};
    view_.tables.push_back(table);
  }

  const TableLayout fields_;
  const std::size_t tables_;
  SegmentView view_;
  std::deque<Memory> parts_;              // whose members stay where they are
  std::uint32_t* next_starts_ = nullptr;  // room for the tables to come
  std::uint16_t* next_sketches_ = nullptr;
  std::uint64_t bytes_ = 0;
};

}  // namespace

void Segment::settle(SegmentView view, std::uint64_t bytes) {
  view_ = std::move(view);
  bytes_ = bytes;
  if (view_.tables.empty()) return;
  layout_ = TableLayout(view_.tables.size());
  for (std::size_t t = 0; t < layout_.tables(); ++t) {
    const bool as_before = t > 0 && layout_.fields[t].bits == layout_.fields[t - 1].bits;
    patterns_.push_back(as_before ? patterns_.back()
                                  : std::make_shared<const ProbePatterns>(layout_.fields[t].bits));
  }
}

std::unique_ptr<Segment> build_segment(SegmentRows&& rows, std::size_t tables) {
  return std::make_unique<MemorySegment>(std::move(rows), tables);
}

}  // namespace semblance::index
