// SPDX-License-Identifier: Apache-2.0
#include "decode/jpeg/random_scan.h"

#include <algorithm>

#include "decode/jpeg/huffman.h"

namespace semblance::decode::jpeg {
namespace {

struct Code {
  std::uint32_t bits = 0;
  int length = 0;  // 0: none
};

using Codes = std::array<Code, 256>;

Codes codes_of(const Table& table) {
  Codes codes;
  HuffmanCode(table.spec()).for_each([&](std::uint32_t bits, int length, std::uint8_t value) {
    codes[value] = {bits, length};
  });
  return codes;
}

/// A table of the symbols, in that order, as far as there is room: the code of ones is left out.
Table random_table(Random& random, const std::vector<std::uint8_t>& symbols, bool short_codes) {
  Table table;
  table.counts.resize(HuffmanSpec::kLengths);
  std::uint32_t room = 1, left = static_cast<std::uint32_t>(symbols.size());
  for (std::size_t length = 1; length <= HuffmanSpec::kLengths; ++length) {
    room = std::min(room * 2, 1u << 20);
    std::uint32_t count = up_to(random, short_codes ? room / 2 : std::min(room - 1, 2u));
    // The last length takes what is left.
    if (length == HuffmanSpec::kLengths) count = left;
    count = std::min({count, left, room - 1, 255u});
    table.counts[length - 1] = static_cast<std::uint8_t>(count);
    room -= count;
    left -= count;
  }
  table.symbols.assign(symbols.begin(), symbols.end() - left);
  return table;
}

void shuffle(Random& random, std::vector<std::uint8_t>& symbols) {
  for (std::size_t i = symbols.size(); i > 1; --i) {
    std::swap(symbols[i - 1], symbols[up_to(random, static_cast<std::uint32_t>(i - 1))]);
  }
}

/// Writes random blocks of one pair of tables.
class BlockWriter {
 public:
  BlockWriter(const Table& dc, const Table& ac)
      : dc_(codes_of(dc)), ac_(codes_of(ac)), dc_symbols_(dc.symbols), ac_symbols_(ac.symbols) {}

  void write(Random& random, BitWriter& bits, std::uint32_t end_in) const {
    put(random, bits, dc_, pick(random, dc_symbols_), 15);
    std::uint32_t place = 0;
    while (place < kBlockValues - 1) {
      std::uint8_t symbol = pick(random, ac_symbols_);
      const AcSymbol means = AcSymbol::of(symbol);
      const bool fits = place + means.advance < kBlockValues - (means.size == 0 ? 1u : 0u);
      if (!fits || up_to(random, end_in) == 0) symbol = 0;
      put(random, bits, ac_, symbol, 15);
      if (symbol == 0) return;
      place += means.advance;
    }
  }

 private:
  static std::uint8_t pick(Random& random, const std::vector<std::uint8_t>& symbols) {
    return symbols[up_to(random, static_cast<std::uint32_t>(symbols.size() - 1))];
  }

  static void put(Random& random, BitWriter& bits, const Codes& codes, std::uint8_t symbol,
                  std::uint32_t size_mask) {
    bits.put(codes[symbol].bits, codes[symbol].length);
    const std::uint32_t size = symbol & size_mask;
    bits.put(up_to(random, (1u << size) - 1), static_cast<int>(size));
  }

  Codes dc_, ac_;
  std::vector<std::uint8_t> dc_symbols_, ac_symbols_;
};

void append_stuffed(const std::vector<std::uint8_t>& bytes, std::vector<std::uint8_t>& to) {
  for (const std::uint8_t byte : bytes) {
    to.push_back(byte);
    if (byte == 0xFF) to.push_back(0);
  }
}

void describe(const ScanShape& shape, RandomScan& scan) {
  Frame& frame = scan.frame;
  frame.component_count = shape.chroma ? 3 : 1;
  frame.max_h = shape.across;
  frame.max_v = shape.down;
  Scan& only = frame.scans.emplace_back();
  only.part_count = frame.component_count;
  only.mcu_cols = static_cast<std::uint32_t>(shape.units);
  only.mcu_rows = 1;
  only.restart_interval = shape.restart_interval;
  for (std::size_t i = 0; i < only.part_count; ++i) {
    frame.components[i].h = i == 0 ? shape.across : 1;
    frame.components[i].v = i == 0 ? shape.down : 1;
    const std::size_t table = i == 0 ? 0 : 1;
    only.parts[i] = {static_cast<std::uint8_t>(i), scan.dc[table].spec(), scan.ac[table].spec()};
  }
  scan.codes = std::make_unique<McuCodes>();
  scan.codes->build(frame, only);
}

}  // namespace

std::uint32_t up_to(Random& random, std::uint32_t most) {
  return static_cast<std::uint32_t>(std::uint64_t{random()} * (std::uint64_t{most} + 1) >> 32);
}

Table random_dc_table(Random& random, bool short_codes) {
  std::vector<std::uint8_t> symbols;
  for (std::uint8_t size = 0; size <= kMaxDcSize; ++size) symbols.push_back(size);
  shuffle(random, symbols);
  return random_table(random, symbols, short_codes);
}

Table random_ac_table(Random& random, bool short_codes) {
  std::vector<std::uint8_t> symbols{0xF0};
  for (std::uint32_t run = 0; run < 16; ++run) {
    for (std::uint32_t size = 1; size <= AcSymbol::kMaxSize; ++size) {
      symbols.push_back(static_cast<std::uint8_t>(run << 4 | size));
    }
  }
  shuffle(random, symbols);
  symbols.insert(symbols.begin() + up_to(random, 3), 0);
  return random_table(random, symbols, short_codes);
}

Table usual_dc_table() {
  return {{0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}};
}

Table usual_ac_table() {
  Table table{{0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125},
              {0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13,
               0x51, 0x61, 0x07, 0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42,
               0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72, 0x82}};
  // The rest, of 16 bits, are in the order of their values.
  for (std::uint32_t value = 0; value < 256; ++value) {
    const std::uint8_t symbol = static_cast<std::uint8_t>(value);
    const bool taken = std::find(table.symbols.begin(), table.symbols.begin() + 37, symbol) !=
                       table.symbols.begin() + 37;
    const std::uint32_t size = value & 15;
    if (!taken && size >= 1 && size <= AcSymbol::kMaxSize) table.symbols.push_back(symbol);
  }
  return table;
}

void BitWriter::put(std::uint32_t bits, int count) {
  while (count-- > 0) {
    if (size_ % 8 == 0) bytes_.push_back(0);
    if ((bits >> count & 1) != 0) bytes_.back() |= static_cast<std::uint8_t>(0x80 >> size_ % 8);
    ++size_;
  }
}

void BitWriter::align() {
  while (size_ % 8 != 0) put(1, 1);
}

std::unique_ptr<RandomScan> random_scan(Random& random, const ScanShape& shape) {
  auto scan = std::make_unique<RandomScan>();
  for (std::size_t i = 0; i < 2; ++i) {
    scan->dc[i] = random_dc_table(random, shape.short_codes);
    scan->ac[i] = random_ac_table(random, shape.short_codes);
  }
  describe(shape, *scan);
  const BlockWriter luma(scan->dc[0], scan->ac[0]), chroma(scan->dc[1], scan->ac[1]);
  const std::size_t luma_blocks = std::size_t{shape.across} * shape.down;
  const std::size_t interval = shape.restart_interval == 0 ? shape.units : shape.restart_interval;
  scan->interval_blocks = interval * scan->codes->blocks;
  scan->intervals = 0;
  std::uint32_t base = 0;
  for (std::size_t first = 0; first < shape.units; first += interval, ++scan->intervals) {
    BitWriter bits;
    const std::size_t last = std::min(first + interval, shape.units);
    for (std::size_t i = first * scan->codes->blocks; i < last * scan->codes->blocks; ++i) {
      scan->starts.push_back(base + static_cast<std::uint32_t>(bits.size()));
      const bool is_luma = i % scan->codes->blocks < luma_blocks;
      (is_luma ? luma : chroma).write(random, bits, shape.end_in);
    }
    bits.align();
    base += static_cast<std::uint32_t>(bits.size());
    append_stuffed(bits.bytes(), scan->entropy);
    if (last == shape.units) continue;
    scan->entropy.push_back(0xFF);
    scan->entropy.push_back(static_cast<std::uint8_t>(0xD0 + scan->intervals % 8));
  }
  return scan;
}

}  // namespace semblance::decode::jpeg
