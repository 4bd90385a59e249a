// SPDX-License-Identifier: Apache-2.0
#include "decode/jpeg/huffman.h"

#include <algorithm>

namespace semblance::decode::jpeg {

bool is_prefix_code(const HuffmanSpec& spec) noexcept {
  if (!spec.defined()) return false;
  std::uint32_t code = 0;
  for (std::size_t length = 1; length <= HuffmanSpec::kLengths; ++length) {
    const std::uint32_t count = spec.counts()[length - 1];
    code = (code << 1) + count;
    if (count > 0 && code >= 1u << length) return false;
  }
  return true;
}

HuffmanCode::HuffmanCode(const HuffmanSpec& spec) noexcept {
  std::uint32_t index = 0, limit = 0;
  for (std::size_t length = 1; length <= kMaxLength; ++length) {
    const std::uint32_t count = spec.counts()[length - 1];
    firsts_[length] = index;
    index += count;
    limit += count << (kMaxLength - length);
    limits_[length] = limit;
  }
  firsts_[kMaxLength + 1] = index;
  std::ranges::copy(spec.symbols(), symbols_.begin());
}

}  // namespace semblance::decode::jpeg
