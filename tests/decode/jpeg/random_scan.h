// SPDX-License-Identifier: Apache-2.0
// Scans of random codes and random blocks, of which it is known where each block starts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "decode/jpeg/entropy_bits.h"
#include "decode/jpeg/frame.h"
#include "decode/jpeg/mcu_codes.h"

namespace semblance::decode::jpeg {

using Random = std::mt19937;

/// A number of 0..most, the same on every platform.
std::uint32_t up_to(Random& random, std::uint32_t most);

/// A Huffman table that owns its bytes.
struct Table {
  std::vector<std::uint8_t> counts;
  std::vector<std::uint8_t> symbols;

  HuffmanSpec spec() const { return {counts, symbols}; }
};

/// Tables of random lengths: of all usual DC symbols, and of the AC symbols that found room, of
/// which the end of block is always one. `short_codes`: most are short, as in real files.
Table random_dc_table(Random& random, bool short_codes);
Table random_ac_table(Random& random, bool short_codes);

/// The tables of T.81, annex K.3, for luma.
Table usual_dc_table();
Table usual_ac_table();

/// Bits, the first the highest of a byte.
class BitWriter {
 public:
  void put(std::uint32_t bits, int count);
  /// Fills up the last byte with ones.
  void align();
  std::size_t size() const noexcept { return size_; }
  const std::vector<std::uint8_t>& bytes() const noexcept { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t size_ = 0;  // bits
};

/// What a scan looks like: luma of across x down blocks a unit, two of chroma where there are any.
struct ScanShape {
  std::uint8_t across = 2;
  std::uint8_t down = 2;
  bool chroma = true;
  bool short_codes = true;
  std::size_t units = 100;
  std::uint32_t restart_interval = 0;  // units
  std::uint32_t end_in = 6;            // a block ends after one symbol in so many, about
};

/// A scan, its tables and its bits.
struct RandomScan {
  std::array<Table, 2> dc, ac;  // luma, chroma
  Frame frame;                  // points into the tables
  std::unique_ptr<McuCodes> codes;
  std::vector<std::uint8_t> entropy;  // stuffed, with restart markers
  std::size_t intervals = 1;
  std::size_t interval_blocks = 0;
  std::vector<std::uint32_t> starts;  // of every block
};

std::unique_ptr<RandomScan> random_scan(Random& random, const ScanShape& shape);

}  // namespace semblance::decode::jpeg
