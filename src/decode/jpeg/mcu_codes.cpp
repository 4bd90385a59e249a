// SPDX-License-Identifier: Apache-2.0
#include "decode/jpeg/mcu_codes.h"

#include <algorithm>

namespace semblance::decode::jpeg {

bool McuCodes::set_pair(std::size_t number, const Pair& pair) noexcept {
  if (built_[number] && pairs[number] == pair) return false;
  pairs[number] = pair;
  windows[number].build(pair.dc, pair.ac);
  built_[number] = true;
  return true;
}

void McuCodes::build(const Frame& frame, const Scan& scan) noexcept {
  blocks = 0;
  std::size_t pair_count = 0;
  for (std::size_t i = 0; i < scan.part_count; ++i) {
    const ScanPart& part = scan.parts[i];
    const Pair pair{HuffmanCode(part.dc), HuffmanCode(part.ac)};
    std::size_t number = 0;
    while (number < pair_count && pairs[number] != pair) ++number;
    if (number == pair_count) {
      ++pair_count;
      if (set_pair(number, pair) && number == 0) values.build(pair.dc, pair.ac);
    }
    const Component& component = frame.components[part.component];
    const std::size_t count = scan.part_count == 1 ? 1 : std::size_t{component.h} * component.v;
    std::fill_n(pair_of.begin() + static_cast<std::ptrdiff_t>(blocks), count,
                static_cast<std::uint8_t>(number));
    blocks += count;
  }
  period = 1;
  while (blocks % period != 0 ||
         !std::equal(pair_of.begin() + static_cast<std::ptrdiff_t>(period),
                     pair_of.begin() + static_cast<std::ptrdiff_t>(blocks), pair_of.begin())) {
    ++period;
  }
}

}  // namespace semblance::decode::jpeg
