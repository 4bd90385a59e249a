// SPDX-License-Identifier: Apache-2.0
// Private to src/index: an immutable part of an index: codes, the tables over them, their labels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/packed_integers.h"
#include "index/table_layout.h"
#include "semblance/hash256.h"
#include "semblance/result.h"

namespace semblance::index {

/// Told of every part of a segment before it is read, so that a mapped file is checked on the way.
class ReadCheck {
 public:
  virtual ~ReadCheck() = default;

  /// Errc::kCorruptStore if any byte of [first, first + bytes) is not what was written. Cheap for
  /// what was checked before. Thread-safe.
  virtual Status check(const void* first, std::size_t bytes) const = 0;
};

/// One table: the codes by the value of one field, each with sixteen bits of the next field.
struct TableView {
  const std::uint32_t* starts = nullptr;    // 2^bits + 1 places: of key k, [starts[k], starts[k+1])
  const std::uint16_t* sketches = nullptr;  // by place; kSketchSlack more may be read
  PackedView codes;                         // by place; bytes is null in table 0, which is in order
};

/// Where the parts of a segment lie; they are owned elsewhere.
struct SegmentView {
  std::size_t codes = 0;                   // that differ
  std::size_t rows = 0;                    // codes as added, equal ones counted
  std::size_t prefix_bytes = 0;            // of each code in the planes
  const std::uint8_t* codes_at = nullptr;  // codes x 32 bytes, bits in the order of the index
  const std::uint8_t* planes = nullptr;    // a block of kPrefixBlock codes after another
  PackedView labels;                       // by row
  PackedView first_rows;                   // codes + 1; bytes is null if no two rows are equal
  std::vector<TableView> tables;           // none: the segment is scanned
  const ReadCheck* read_check = nullptr;   // null: nothing to check

  std::span<const Hash256> all_codes() const noexcept {
    return {reinterpret_cast<const Hash256*>(codes_at), codes};
  }

  /// Says that [first, first + bytes) will be read.
  Status check(const void* first, std::size_t bytes) const {
    return read_check == nullptr ? ok() : read_check->check(first, bytes);
  }
};

/// A code of a segment within the radius of a query.
struct CodeHit {
  std::uint32_t query = 0;
  std::uint32_t code = 0;
  std::int32_t distance = 0;
};

/// An immutable segment and what owns its parts. Thread-safe.
class Segment {
 public:
  virtual ~Segment() = default;

  const SegmentView& view() const noexcept { return view_; }

  /// What a probe turns in the key of table t.
  const ProbePatterns& patterns(std::size_t t) const noexcept { return *patterns_[t]; }

  const TableLayout& layout() const noexcept { return layout_; }

  /// Bytes held in memory or mapped.
  std::uint64_t bytes() const noexcept { return bytes_; }

 protected:
  /// For a view that is filled in; `bytes` as bytes() says.
  void settle(SegmentView view, std::uint64_t bytes);

 private:
  SegmentView view_;
  TableLayout layout_{kMinTables};
  std::vector<std::shared_ptr<const ProbePatterns>> patterns_;
  std::uint64_t bytes_ = 0;
};

/// The codes and labels that a segment is made of, in any order; codes in the order of the index.
struct SegmentRows {
  std::vector<Hash256> codes;
  std::vector<std::uint64_t> labels;
};

/// Builds a segment in memory with that many tables (0: it is scanned); takes the rows apart to
/// save memory. Equal codes become one. Throws std::bad_alloc.
std::unique_ptr<Segment> build_segment(SegmentRows&& rows, std::size_t tables);

/// Finds every code within max_distance of each query; queries are in the order of the index, hits
/// in no order, no pair twice. Uses the tables where that is less work than a scan, query by query.
Status search_segment(const Segment& segment, std::span<const Hash256> queries, int max_distance,
                      std::vector<CodeHit>& hits);

}  // namespace semblance::index
