// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: which tables the blocks of a sequential scan take, in their order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "decode/jpeg/frame.h"
#include "decode/jpeg/huffman.h"
#include "decode/jpeg/windows.h"

namespace semblance::decode::jpeg {

/// The tables of the blocks of a scan's units.
struct McuCodes {
  /// One DC and one AC table; several components may share them.
  struct Pair {
    HuffmanCode dc;
    HuffmanCode ac;

    friend bool operator==(const Pair&, const Pair&) = default;
  };

  std::size_t blocks = 0;  // of a unit, 1..kMaxMcuBlocks
  std::size_t period = 0;  // the least number of blocks after which the pairs repeat
  std::array<std::uint8_t, kMaxMcuBlocks> pair_of{};  // by block: number of its pair
  std::array<Pair, kMaxComponents> pairs{};
  // Of each pair, and one more that none uses: two bits can number no other.
  std::array<Windows, 4> windows{};
  static_assert(kMaxComponents < 4);
  ValueWindows values;  // of pair 0, which is that of the first block

  /// Sets the tables to those of `scan`, which is a sequential one of `frame`. Windows that stand
  /// already, as most files have the same tables, are not built again.
  void build(const Frame& frame, const Scan& scan) noexcept;

 private:
  /// Puts a pair in its place; true if its windows had to be built.
  bool set_pair(std::size_t number, const Pair& pair) noexcept;

  std::array<bool, kMaxComponents> built_{};  // by pair
};

}  // namespace semblance::decode::jpeg
