// SPDX-License-Identifier: Apache-2.0
#include "decode/jpeg/low_coefficients.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <vector>

namespace semblance::decode::jpeg {
namespace {

/// The coefficients of a block by their places in zig-zag order, up to kLast; zero until set.
///
/// In registers: a store whose address depends on the bits would hold up the loads of the blocks
/// behind it.
template <std::size_t kLast>
class Values {
 public:
  /// A place over kLast is none.
  void set(std::uint32_t place, std::uint32_t value) noexcept {
    const Lanes at = Lanes{} + static_cast<std::int16_t>(place);
    const Lanes values = Lanes{} + static_cast<std::int16_t>(value);
    low_ |= (at == kLow) & values;
    if constexpr (kLast >= kLanes) high_ |= (at == kHigh) & values;
  }

  std::int16_t get(std::size_t place) const noexcept {
    return place < kLanes ? low_[place] : high_[place - kLanes];
  }

 private:
  static constexpr std::size_t kLanes = 8;
  static_assert(kLast < 2 * kLanes);
  using Lanes [[gnu::vector_size(16)]] = std::int16_t;

  static constexpr Lanes kLow = {0, 1, 2, 3, 4, 5, 6, 7};
  static constexpr Lanes kHigh = {8, 9, 10, 11, 12, 13, 14, 15};

  Lanes low_{};
  Lanes high_{};
};

template <>
class Values<2> {
 public:
  void set(std::uint32_t place, std::uint32_t value) noexcept {
    first_ = place == 1 ? value : first_;
    second_ = place == 2 ? value : second_;
  }

  std::int16_t get(std::size_t place) const noexcept {
    return static_cast<std::int16_t>(place == 1 ? first_ : second_);
  }

 private:
  std::uint32_t first_ = 0;
  std::uint32_t second_ = 0;
};

/// As read_block, symbol by symbol: for codes that windows are too short for.
template <std::size_t kLast>
[[gnu::noinline]] int read_slowly(const std::uint8_t* bytes, const McuCodes::Pair& codes,
                                  std::size_t at, Values<kLast>& values) noexcept {
  const auto symbol_of = [&](const HuffmanCode& code) {
    return code.first_of(static_cast<std::uint32_t>(load_bits(bytes, at) >> 48));
  };
  const auto take_value = [&](std::uint32_t length, std::uint32_t size) {
    const std::uint64_t bits = load_bits(bytes, at) << length >> 32;
    at += length + size;
    return extend(static_cast<std::uint32_t>(bits >> (32 - size)), size);
  };
  const HuffmanCode::Symbol dc = symbol_of(codes.dc);
  const int mean = take_value(dc.length, dc.value);
  values = {};
  for (std::size_t place = 0; place < kLast;) {
    const HuffmanCode::Symbol symbol = symbol_of(codes.ac);
    const AcSymbol means = AcSymbol::of(symbol.value);
    if (means.ends) break;
    place += means.advance;
    values.set(static_cast<std::uint32_t>(place),
               static_cast<std::uint32_t>(take_value(symbol.length, means.size)));
  }
  return mean;
}

/// Reads a block: its coefficients up to place kLast to where they belong, those that are not zero.
/// Returns the difference of its mean to the last one's.
///
/// As many symbols as there can be are read of every block, to no effect behind its end: cheaper
/// than a branch that goes either way. One load is enough for a DC symbol of at most 21 bits and an
/// AC symbol of at most 20, or for two of those, and leaves the low 16 bits free.
template <std::size_t kLast>
[[gnu::always_inline]] inline int read_block(const std::uint8_t* bytes, const McuCodes::Pair& codes,
                                             const ValueWindows& windows, std::size_t at,
                                             Values<kLast>& values) noexcept {
  constexpr int kShift = 64 - kWindowBits;
  constexpr std::uint64_t kFree = 0xFFFF;
  std::uint64_t bits = load_bits(bytes, at) & ~kFree;
  const auto take = [&bits](std::uint32_t entry) __attribute__((always_inline)) {
    const int length = static_cast<int>(entry & one::kBits);
    // The low bits are free, so that nothing but the symbol comes to stand there.
    const std::uint32_t symbol = static_cast<std::uint32_t>(std::rotl(bits, length));
    bits <<= length;
    return static_cast<std::int16_t>(symbol + (entry >> one::kBiasShift));
  };
  const std::uint32_t dc = windows.dc[bits >> kShift];
  if (dc == 0) [[unlikely]]
    return read_slowly<kLast>(bytes, codes, at, values);
  const int mean = take(dc);
  std::size_t used = dc & one::kBits;
  std::size_t place = 0, from = at;
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kLast; ++i) {
    if (i % 2 == 1) {
      from += used;
      used = 0;
      bits = load_bits(bytes, from) & ~kFree;
    }
    const std::uint32_t ac = windows.ac[bits >> kShift];
    if (ac == 0) [[unlikely]] {
      return place >= kLast ? mean : read_slowly<kLast>(bytes, codes, at, values);
    }
    used += ac & one::kBits;
    place += ac >> one::kAdvanceShift & one::kAdvance;
    values.set(static_cast<std::uint32_t>(place), static_cast<std::uint32_t>(take(ac)));
  }
  return mean;
}

/// The means that samples of 8 bits have. **Source:** ITU-T T.81, A.3.1 and A.3.3: a mean is eight
/// times that of the samples, which are shifted down by 128.
class MeanRange {
 public:
  explicit MeanRange(int step) noexcept
      : least_(std::max(-2048, -(128 + kSlack) * 8 / step)),
        most_(std::min(2047, (127 + kSlack) * 8 / step)) {}

  bool holds(int mean) const noexcept { return mean >= least_ && mean <= most_; }

 private:
  static constexpr int kSlack = 16;  // half the coarsest step, as samples

  int least_;
  int most_;
};

/// Whether the coefficients behind the mean, dequantised, are within twice of what samples of 8
/// bits and the coarsest step give: far from what a decoder's 16 bits hold.
bool are_usual(const LumaBlocks& luma) noexcept {
  constexpr std::size_t kPiece = 16;
  const std::size_t count = std::size_t{luma.rows} * luma.cols;
  for (std::size_t plane = 1; plane < luma.kept(); ++plane) {
    const std::int16_t* const values = luma.plane_values(plane);
    std::array<std::int16_t, kPiece> bits{};  // of all values, but for their sign
    std::size_t i = 0;
    for (; i + kPiece <= count; i += kPiece) {
      for (std::size_t j = 0; j < kPiece; ++j) {
        bits[j] = static_cast<std::int16_t>(bits[j] | (values[i + j] ^ (values[i + j] >> 15)));
      }
    }
    for (; i < count; ++i) {
      bits[0] = static_cast<std::int16_t>(bits[0] | (values[i] ^ (values[i] >> 15)));
    }
    const int most = *std::max_element(bits.begin(), bits.end());
    if (most * luma.steps[plane] > 4096) return false;
  }
  return true;
}

/// Where the blocks of a scan lie in the picture.
struct Layout {
  std::size_t across;  // luma blocks of a unit
  std::size_t down;
  std::size_t unit;  // blocks of a unit, of all parts
  std::size_t unit_cols;
  std::size_t unit_rows;
  std::size_t restart;  // units
};

template <int kOrders>
bool read_blocks(const std::uint8_t* bytes, const McuCodes& codes, const Layout& layout,
                 std::span<const std::uint32_t> starts, LumaBlocks& luma) {
  constexpr std::size_t kKept = std::size_t{kOrders} * (kOrders + 1) / 2;
  using Rows = std::array<std::int16_t*, kKept>;  // of the planes, by place
  const McuCodes::Pair& pair = codes.pairs[0];
  const ValueWindows& windows = codes.values;
  const std::size_t plane = std::size_t{luma.rows} * luma.cols;
  const MeanRange range(luma.steps[0]);

  // Blocks that only fill up the last unit are read for their means, into a row of nothing.
  std::vector<std::int16_t> nothing(layout.unit_cols * layout.across);
  Rows outside;
  outside.fill(nothing.data());
  std::array<Rows, 4> rows;

  int mean = 0;
  std::size_t until_restart = layout.restart;
  const std::uint32_t* unit = starts.data();
  for (std::size_t unit_row = 0; unit_row < layout.unit_rows; ++unit_row) {
    for (std::size_t y = 0; y < layout.down; ++y) {
      const std::size_t row = unit_row * layout.down + y;
      for (std::size_t i = 0; i < kKept; ++i) {
        rows[y][i] = row < luma.rows
                         ? luma.values.data() + kZigZagPlanes[i] * plane + row * luma.cols
                         : nothing.data();
      }
    }
    for (std::size_t unit_col = 0; unit_col < layout.unit_cols; ++unit_col, unit += layout.unit) {
      if (until_restart-- == 0) {
        mean = 0;
        until_restart = layout.restart - 1;
      }
      const std::uint32_t* start = unit;
      for (std::size_t y = 0; y < layout.down; ++y) {
        for (std::size_t x = 0; x < layout.across; ++x) {
          const std::size_t col = unit_col * layout.across + x;
          const Rows& to = col < luma.cols ? rows[y] : outside;
          Values<kKept - 1> values;
          mean += read_block<kKept - 1>(bytes, pair, windows, *start++, values);
          if (!range.holds(mean)) return false;
          to[0][col] = static_cast<std::int16_t>(mean);
#pragma GCC unroll 16
          for (std::size_t i = 1; i < kKept; ++i) to[i][col] = values.get(i);
        }
      }
    }
  }
  return are_usual(luma);
}

}  // namespace

bool read_low_coefficients(const EntropyBits& bits, const McuCodes& codes, const Frame& frame,
                           const Scan& scan, std::span<const std::uint32_t> starts,
                           LumaBlocks& out) {
  const Component& luma = frame.components[0];
  const bool alone = scan.part_count == 1;
  const std::size_t units = std::size_t{scan.mcu_cols} * scan.mcu_rows;
  const Layout layout{
      alone ? 1u : luma.h, alone ? 1u : luma.v,
      codes.blocks,        scan.mcu_cols,
      scan.mcu_rows,       scan.restart_interval == 0 ? units : scan.restart_interval};
  switch (out.orders) {
    case 1:
      return read_blocks<1>(bits.bytes(), codes, layout, starts, out);
    case 2:
      return read_blocks<2>(bits.bytes(), codes, layout, starts, out);
    case 3:
      return read_blocks<3>(bits.bytes(), codes, layout, starts, out);
    default:
      return read_blocks<4>(bits.bytes(), codes, layout, starts, out);
  }
}

}  // namespace semblance::decode::jpeg
