// SPDX-License-Identifier: Apache-2.0
// A saved index, damaged at will: taken as it lies, and sealed again, so that what no honest writer
// wrote is met behind the digests too.
#include <algorithm>
#include <tuple>
#include <vector>

#include "index/forged_index.h"
#include "index/memory_file.h"
#include "semblance/live_index.h"

namespace {

using namespace semblance;

struct Row {
  Hash256 code;
  std::int64_t label = 0;
};

// Whatever the file: errors, or hits on rows that are there, each once, at their distance.
void use(LiveIndex& index, std::span<const Hash256> queries, int max_distance) {
  std::vector<Row> rows;
  const auto visited = index.for_each([&](const Hash256& code, std::int64_t label) {
    rows.push_back({code, label});
  });
  const auto hits = index.range_search(queries, max_distance);
  if (!visited || !hits) return;
  SEMBLANCE_HOLDS(rows.size() == index.size());
  std::vector<LabelledHit> right;
  for (std::uint32_t q = 0; q < queries.size(); ++q) {
    for (const Row& row : rows) {
      const int distance = hamming_distance(queries[q], row.code);
      if (distance <= max_distance) right.push_back({q, row.label, distance});
    }
  }
  const auto before = [](const LabelledHit& a, const LabelledHit& b) {
    return std::tie(a.query, a.distance, a.label) < std::tie(b.query, b.distance, b.label);
  };
  std::sort(right.begin(), right.end(), before);
  SEMBLANCE_HOLDS(std::includes(right.begin(), right.end(), hits->begin(), hits->end(), before));
}

void open_and_use(const fuzz::MemoryFile& file, std::span<const std::uint8_t> bytes, int radius) {
  const auto opened = open_index(file.holding(bytes), {.merge_in_background = false, .tables = 0});
  if (!opened) return;
  LiveIndex& index = **opened;
  std::vector<Hash256> queries(2);
  std::copy_n(&bytes[index::kDataBlock], 32, queries[1].bytes.begin());
  use(index, queries, radius);
  (void)index.verify();
  const std::size_t size = index.size();
  const std::vector<std::int64_t> label{1};
  const auto withdrawn = index.withdraw(label);
  SEMBLANCE_HOLDS(!withdrawn || index.size() + *withdrawn == size);
  const bool merged = static_cast<bool>(index.merge());
  if (merged && index.size() > 0) use(index, queries, radius);
  SEMBLANCE_HOLDS(index.note().size() <= bytes.size());
}

// An index of no tables whose header, note and data are the input's, and whose digests are right:
// 72 bytes of header, 32 of note, and the rest is data.
std::vector<std::uint8_t> built_of(std::span<const std::uint8_t> input) {
  std::vector<std::uint8_t> bytes(2 * index::kDataBlock);
  const auto part = [&](std::size_t at, std::size_t most) {
    const auto taken = input.first(std::min(most, input.size()));
    std::copy(taken.begin(), taken.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
    input = input.subspan(taken.size());
  };
  part(0, index::kDirectoryDigestAt);
  part(index::kHeaderSize, 32);
  part(index::kDataBlock, index::kDataBlock);
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::MemoryFile file;
  fuzz::Choices choices({data, size});
  const std::size_t how = choices.below(4);
  const int radius = choices.byte() * 256 / 255;
  if (how == 0) {
    open_and_use(file, choices.rest(), radius);
    return 0;
  }
  index::ForgedIndex forged(built_of(choices.rest()));
  if (how >= 2) forged.set(index::kFileBytesField, forged.bytes.size());
  forged.seal();
  open_and_use(file, forged.bytes, radius);
  return 0;
}
