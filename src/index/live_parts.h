// SPDX-License-Identifier: Apache-2.0
// Private to src/index: the segments of a live index, and what becomes of their rows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "index/segment.h"
#include "index/tombstones.h"

namespace semblance::index {

/// A segment and the rows of it that are withdrawn.
struct Part {
  std::shared_ptr<const Segment> segment;
  std::shared_ptr<Tombstones> gone;

  std::size_t rows() const noexcept { return segment->view().rows; }
  std::size_t live() const noexcept { return rows() - gone->count(); }
};

using Parts = std::vector<Part>;  // the oldest and largest first

/// An error of a segment that contradicts itself.
Error contradiction(std::string_view cause);

/// The rows of a code: [first, second).
Result<std::pair<std::size_t, std::size_t>> rows_of(const SegmentView& view, std::size_t code);

/// Calls visit(row, label) for every row that is not withdrawn.
template <class Visit>
Status for_each_label(const Part& part, Visit&& visit) {
  const SegmentView& view = part.segment->view();
  constexpr std::size_t kStretch = 4096;
  for (std::size_t first = 0; first < view.rows; first += kStretch) {
    const std::size_t end = std::min(view.rows, first + kStretch);
    const std::uint8_t* const at = view.labels.address(first);
    const auto bytes = static_cast<std::size_t>(view.labels.address(end - 1) + 8 - at);
    if (auto checked = view.check(at, bytes); !checked) return checked;
    for (std::size_t row = first; row < end; ++row) {
      if (!part.gone->test(row)) visit(row, static_cast<std::int64_t>(view.labels.at(row)));
    }
  }
  return ok();
}

/// Calls visit(code, label) for every row that is not withdrawn, bits in the order of the index.
template <class Visit>
Status for_each_row(const Part& part, Visit&& visit) {
  const SegmentView& view = part.segment->view();
  const auto codes = view.all_codes();
  std::size_t code = 0;
  std::size_t end = 0;  // of the rows of the code before
  auto failed = ok();
  auto visited = for_each_label(part, [&](std::size_t row, std::int64_t label) {
    while (failed && row >= end) {
      if (code >= view.codes) failed = contradiction("a row is of no code");
      if (!failed) return;
      auto rows = rows_of(view, code);
      if (rows && rows->first != end)
        rows = contradiction("the rows of the codes are out of order");
      if (rows) failed = view.check(&codes[code], Hash256::kBytes);
      if (!rows) failed = std::move(rows).error();
      if (!failed) return;
      end = rows->second;
      ++code;
    }
    if (failed) visit(codes[code - 1], label);
  });
  return failed ? std::move(visited) : std::move(failed);
}

/// Appends the rows of all parts that are not withdrawn.
Status collect(const Parts& parts, SegmentRows& rows);

/// Withdraws the rows of these labels, and returns how many that were. Calls must not run beside
/// each other.
Result<std::size_t> withdraw_from(const Part& part, const std::unordered_set<std::int64_t>& labels);

}  // namespace semblance::index
