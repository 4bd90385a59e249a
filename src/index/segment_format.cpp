// SPDX-License-Identifier: Apache-2.0
#include "index/segment_format.h"

#include <algorithm>

#include "hamming/sketch_filter.h"
#include "index/block_scan.h"

namespace semblance::index {
namespace {

constexpr std::size_t kAlign = 64;

constexpr std::uint64_t aligned(std::uint64_t offset, std::uint64_t to) {
  return (offset + to - 1) / to * to;
}

}  // namespace

std::uint64_t starts_bytes(const TableLayout& layout, std::size_t t) {
  return ((std::uint64_t{1} << layout.fields[t].bits) + 1) * sizeof(std::uint32_t);
}

std::uint64_t sketch_bytes(std::uint64_t codes) {
  return (codes + kernels::kSketchSlack) * sizeof(std::uint16_t);
}

FilePlan plan_of(const FileHeader& header) {
  FilePlan plan;
  const TableLayout layout(std::max<std::size_t>(header.tables, kMinTables));
  plan.tables.resize(header.tables);
  // Parts of the data, from its beginning; then the directory, whose digests depend on their sum.
  std::uint64_t at = 0;
  const auto place = [&at](std::uint64_t bytes) {
    const std::uint64_t here = at;
    at = aligned(at + bytes, kAlign);
    return here;
  };
  plan.codes = place(Hash256::kBytes * header.codes);
  plan.planes = place(plane_bytes(header.codes, header.prefix_bytes));
  plan.labels = place(packed_bytes(header.rows, header.label_bits));
  if (header.first_row_bits > 0) {
    plan.first_rows = place(packed_bytes(header.codes + 1, header.first_row_bits));
  }
  for (std::size_t t = 0; t < plan.tables.size(); ++t) {
    plan.tables[t].sketches = place(sketch_bytes(header.codes));
    if (t > 0) plan.tables[t].codes = place(packed_bytes(header.codes, header.code_bits));
  }
  plan.blocks = (at + kBlock - 1) / kBlock;

  at = aligned(kHeaderBytes + header.note_bytes, kAlign);
  plan.digests = place(plan.blocks * sizeof(Digest));
  for (std::size_t t = 0; t < plan.tables.size(); ++t) {
    plan.tables[t].starts = place(starts_bytes(layout, t));
  }
  plan.data = aligned(at, kBlock);
  plan.file_bytes = plan.data + plan.blocks * kBlock;
  return plan;
}

FileHeader header_of(const SegmentView& view, std::string_view note) {
  FileHeader header;
  header.codes = view.codes;
  header.rows = view.rows;
  header.note_bytes = note.size();
  header.tables = static_cast<std::uint32_t>(view.tables.size());
  header.prefix_bytes = static_cast<std::uint32_t>(view.prefix_bytes);
  header.label_bits = view.labels.bits;
  header.first_row_bits = view.first_rows.bytes == nullptr ? 0 : view.first_rows.bits;
  header.code_bits = bits_for(view.codes);
  header.file_bytes = plan_of(header).file_bytes;
  return header;
}

}  // namespace semblance::index
