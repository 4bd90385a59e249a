// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: where in the bits of a sequential scan each block starts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "decode/jpeg/entropy_bits.h"
#include "decode/jpeg/mcu_codes.h"

namespace semblance::decode::jpeg {

/// Finds the blocks of a scan. It reads no coefficient; and since Huffman codes fall into step by
/// themselves, it reads several stretches of the scan at once: the reader of a stretch begins at
/// any bit, is wrong at first, and is believed from the first block on that the reader of the
/// stretch before starts there too. Between restarts, nothing has to be guessed.
///
/// Kept between files to spare its memory; of one thread.
class BlockWalk {
 public:
  static constexpr std::size_t kMaxLanes = 4;

  /// Fills `starts` with the bit at which each block starts, in the order of the scan. False where
  /// the bits are anything but these blocks, with less than a byte of padding behind the last one
  /// and before each restart.
  ///
  /// `starts.size()` and `interval_blocks`, which is how many of them stand between restarts, are
  /// multiples of codes.blocks and not 0; without restarts they are equal. What is found does not
  /// depend on `lanes`, 1..kMaxLanes: so many readers run side by side.
  bool run(const EntropyBits& bits, const McuCodes& codes, std::size_t interval_blocks,
           std::span<std::uint32_t> starts, std::size_t lanes = kMaxLanes);

  /// What it keeps from one scan to the next.
  std::size_t kept_bytes() const noexcept { return capacity_ * sizeof(std::uint32_t); }

 private:
  std::span<std::uint32_t> guesses(std::size_t count);

  std::unique_ptr<std::uint32_t[]> guesses_;
  std::size_t capacity_ = 0;
};

}  // namespace semblance::decode::jpeg
