// SPDX-License-Identifier: Apache-2.0
// A saved index of vectors, taken as it lies, or built of the input and sealed, so that what no
// honest writer wrote comes to be read: refused, or an index that answers.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "index/forged_float_index.h"
#include "index/memory_file.h"
#include "semblance/live_float_index.h"

namespace semblance {
namespace {

LiveFloatIndexOptions quick() {
  LiveFloatIndexOptions options;
  options.merge_in_background = false;
  options.search_reach = 4;
  options.probes = 2;
  return options;
}

void open_and_use(const fuzz::MemoryFile& file, std::string_view bytes, double least) {
  const auto opened = open_float_index(
      file.holding({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}), quick());
  if (!opened) {
    SEMBLANCE_HOLDS(opened.error().code == Errc::kCorruptStore);
    return;
  }
  LiveFloatIndex& index = **opened;
  SEMBLANCE_HOLDS(index.verify());
  const std::size_t size = index.size();
  SEMBLANCE_HOLDS(size * index.dimension() * sizeof(float) <= bytes.size());
  std::vector<float> query(index.dimension());
  query[0] = 1;
  std::int64_t label = 0;
  SEMBLANCE_HOLDS(index.for_each([&](std::span<const float> vector, std::int64_t of) {
    std::copy(vector.begin(), vector.end(), query.begin());
    label = of;
  }));
  const auto hits = index.search(query, least);
  SEMBLANCE_HOLDS(hits && hits->size() <= size);
  for (const ProductHit& hit : *hits) SEMBLANCE_HOLDS(hit.label >= 0 && hit.product >= least);
  const auto withdrawn = index.withdraw({&label, 1});
  SEMBLANCE_HOLDS(withdrawn && index.size() + *withdrawn == size);
  SEMBLANCE_HOLDS(index.merge());
  SEMBLANCE_HOLDS(index.search(query, least));
}

}  // namespace
}  // namespace semblance

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  static const fuzz::MemoryFile file;
  fuzz::Choices choices({data, size});
  const std::size_t how = choices.below(4);
  const double least = choices.byte() / 100.0 - 1.2;
  const std::string_view rest = fuzz::text_of(choices.rest());
  if (how == 0) {
    open_and_use(file, rest, least);
    return 0;
  }
  // The fields of the header, without its digest, and what is behind it.
  constexpr std::size_t kFields = offsetof(index::FloatFileHeader, body);
  std::string bytes(rest.substr(0, kFields));
  bytes.resize(index::kFloatHeaderBytes);
  bytes += rest.substr(std::min(kFields, rest.size()));
  ForgedFloatIndex forged(std::move(bytes));
  if (how >= 2) {  // of this format, and of the size that its counts ask for
    forged.set(&index::FloatFileHeader::magic, index::kFloatMagic);
    forged.set(&index::FloatFileHeader::format, index::kFloatFormat);
    if (index::is_sane(forged.header())) {
      const std::uint64_t wanted = forged.plan().file_bytes;
      forged.set(&index::FloatFileHeader::file_bytes, wanted);
      if (wanted < 200'000) forged.resize(wanted);
    }
  }
  open_and_use(file, forged.sealed(), least);
  return 0;
}
