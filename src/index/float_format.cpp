// SPDX-License-Identifier: Apache-2.0
#include "index/float_format.h"

#include <algorithm>

#include "index/float_graph.h"
#include "index/float_lists.h"
#include "index/float_rows.h"
#include "semblance/live_float_index.h"

namespace semblance::index {
namespace {

constexpr std::uint64_t kAlign = 64;
constexpr std::uint64_t kMaxLevels = 64;  // more than FAISS gives a graph of any size

}  // namespace

FloatFilePlan plan_of(const FloatFileHeader& header) {
  FloatFilePlan plan;
  std::uint64_t at = kFloatHeaderBytes;
  const auto place = [&at](std::uint64_t bytes) {
    const FloatSection here{at, bytes};
    at = (at + bytes + kAlign - 1) / kAlign * kAlign;
    return here;
  };
  const std::uint64_t vector = std::uint64_t{header.dimension} * sizeof(float);
  const bool in_lists = header.lists > 0;
  const bool coded = header.code_bytes > 0;
  const bool in_graph = header.links > 0;
  plan.note = place(header.note_bytes);
  plan.vectors = place(header.rows * vector);
  plan.labels = place(header.rows * sizeof(std::int64_t));
  plan.starts = place(in_lists ? (header.lists + std::uint64_t{1}) * sizeof(std::uint64_t) : 0);
  plan.centres = place(header.lists * vector);
  plan.words = place(coded ? kCodeWords * vector : 0);
  plan.codes = place(header.rows * header.code_bytes);
  plan.levels = place(in_graph ? header.rows * sizeof(int) : 0);
  plan.neighbours = place(header.neighbours * sizeof(int));
  plan.file_bytes = at;
  return plan;
}

bool is_sane(const FloatFileHeader& header) {
  if (header.dimension < 1 || header.dimension > kMaxFloatDimension) return false;
  if (header.rows > kMaxFloatRows || header.note_bytes > kMaxFloatNote) return false;
  if (header.lists > header.rows || (header.lists > 0 && header.links > 0)) return false;
  if (header.code_bytes > 0 &&
      (header.lists == 0 || header.code_bytes > header.dimension ||
       header.dimension % header.code_bytes != 0 || !(header.lost >= 0 && header.lost <= 8))) {
    return false;
  }
  if (header.links == 0) return header.neighbours == 0;
  return header.links >= kMinLinks && header.links <= kMaxLinks && header.rows > 0 &&
         header.neighbours <= header.rows * header.links * kMaxLevels;
}

}  // namespace semblance::index
