// SPDX-License-Identifier: Apache-2.0
#include "index/live_parts.h"

#include <string>

namespace semblance::index {
Error contradiction(std::string_view cause) {
  return {Errc::kCorruptStore, "search index: " + std::string(cause)};
}

Result<std::pair<std::size_t, std::size_t>> rows_of(const SegmentView& view, std::size_t code) {
  if (view.first_rows.bytes == nullptr) return std::pair(code, code + 1);
  if (auto checked = view.check(view.first_rows.address(code), 16); !checked) {
    return std::move(checked).error();
  }
  const std::pair rows(view.first_rows.at(code), view.first_rows.at(code + 1));
  if (rows.first >= rows.second || rows.second > view.rows) {
    return contradiction("a code names rows that are not there");
  }
  return rows;
}

Status collect(const Parts& parts, SegmentRows& rows) {
  std::size_t live = 0;
  for (const Part& part : parts) live += part.live();
  rows.codes.reserve(live);
  rows.labels.reserve(live);
  for (const Part& part : parts) {
    auto copied = for_each_row(part, [&](const Hash256& code, std::int64_t label) {
      rows.codes.push_back(code);
      rows.labels.push_back(static_cast<std::uint64_t>(label));
    });
    if (!copied) return copied;
  }
  return ok();
}

Result<std::size_t> withdraw_from(const Part& part,
                                  const std::unordered_set<std::int64_t>& labels) {
  std::size_t withdrawn = 0;
  auto visited = for_each_label(part, [&](std::size_t row, std::int64_t label) {
    if (labels.contains(label)) withdrawn += part.gone->set(row);
  });
  if (!visited) return std::move(visited).error();
  return withdrawn;
}

}  // namespace semblance::index
