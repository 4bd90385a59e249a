// SPDX-License-Identifier: Apache-2.0
#include "index/table_layout.h"

#include <algorithm>
#include <cstring>

namespace semblance::index {

TableLayout::TableLayout(std::size_t tables) : fields(tables) {
  unsigned next = 0;
  for (std::size_t t = 0; t < tables; ++t) {
    const bool longer = t < Hash256::kBits % tables;
    fields[t] = {next, static_cast<unsigned>(Hash256::kBits / tables) + (longer ? 1U : 0U)};
    next += fields[t].bits;
  }
}

std::uint32_t TableLayout::key(const Hash256& code, std::size_t t) const noexcept {
  const Field field = fields[t];
  const std::size_t byte = std::min<std::size_t>(field.first_bit / 8, Hash256::kBytes - 8);
  std::uint64_t word = 0;
  std::memcpy(&word, code.bytes.data() + byte, 8);
  return static_cast<std::uint32_t>(word >> (field.first_bit - 8 * byte) &
                                    ((std::uint64_t{1} << field.bits) - 1));
}

std::size_t tables_for(std::size_t codes) noexcept {
  if (codes < 16'384) return 0;
  if (codes < 30'000'000) return 16;
  return 12;
}

ProbePatterns::ProbePatterns(unsigned bits) {
  for (std::size_t ones = 0; ones <= kMaxProbeRadius; ++ones) {
    begin[ones] = flips.size();
    if (ones == 0) {
      flips.push_back(0);
      continue;
    }
    // Each pattern of one bit less, with a bit above its highest.
    for (std::size_t i = begin[ones - 1], end = begin[ones]; i < end; ++i) {
      const std::uint32_t smaller = flips[i];
      for (unsigned bit = 0; bit < bits; ++bit) {
        const std::uint32_t one = std::uint32_t{1} << bit;
        if (one > smaller) flips.push_back(smaller | one);
      }
    }
  }
  begin[kMaxProbeRadius + 1] = flips.size();
}

}  // namespace semblance::index
