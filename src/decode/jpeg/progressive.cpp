// SPDX-License-Identifier: Apache-2.0
#include "decode/jpeg/progressive.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "decode/jpeg/entropy_bits.h"
#include "decode/jpeg/huffman.h"

namespace semblance::decode::jpeg {
namespace {

constexpr std::uint8_t kLuma = 0;  // the number of its component

/// A mean of more bits is none of 8-bit samples.
constexpr int kMeanRange = 2048;

/// A symbol and its extra bits.
struct Symbol {
  // Of both; and so 0 where there is none, or none that 8-bit samples have.
  std::uint32_t bits() const noexcept { return packed & 31u; }
  std::uint32_t value() const noexcept { return packed >> 5; }

  /// The `size` extra bits, which end where both end, of a word that begins with both.
  std::uint32_t extra(std::uint64_t word, std::uint32_t size) const noexcept {
    return static_cast<std::uint32_t>(word >> (64 - bits())) & ((1u << size) - 1);
  }

  static constexpr std::uint32_t kMaxBits = 31;

  std::uint16_t packed = 0;
};

/// The codes of one table, the short ones looked up.
class SymbolTable {
 public:
  /// The extra bits that a value stands for, or kNone if there is no such value.
  using Extra = std::uint32_t (*)(std::uint32_t value);
  static constexpr std::uint32_t kNone = 16;

  SymbolTable(const HuffmanSpec& spec, Extra extra) noexcept : extra_(extra), code_(spec) {
    code_.for_each([this](std::uint32_t code, int length, std::uint8_t value) {
      if (length > kBits) return;
      std::fill_n(short_.begin() + (code << (kBits - length)), 1u << (kBits - length),
                  packed({value, static_cast<std::uint8_t>(length)}));
    });
  }

  /// What `word` begins with; its first 31 bits are looked at.
  Symbol first_of(std::uint64_t word) const noexcept {
    const Symbol symbol = short_[word >> (64 - kBits)];
    if (symbol.packed != 0) [[likely]]
      return symbol;
    return packed(code_.first_of(static_cast<std::uint32_t>(word >> 48)));
  }

 private:
  static constexpr int kBits = 10;

  Symbol packed(HuffmanCode::Symbol symbol) const noexcept {
    const std::uint32_t extra = extra_(symbol.value);
    if (symbol.length == 0 || extra == kNone) return {};
    const std::uint32_t bits = symbol.length + extra;
    return {static_cast<std::uint16_t>(bits | std::uint32_t{symbol.value} << 5)};
  }

  Extra extra_;
  std::array<Symbol, std::size_t{1} << kBits> short_{};
  HuffmanCode code_;
};

std::uint32_t extra_of_mean(std::uint32_t value) noexcept {
  return value <= kMaxDcSize ? value : SymbolTable::kNone;
}

constexpr std::uint32_t kLongRun = 15;  // of zeros, and a coefficient that is zero too

/// Of the upper four bits a run; of the lower ones the size of the coefficient behind it. Without
/// one, the run is the size of the number of blocks of which nothing more comes.
std::uint32_t extra_of_band(std::uint32_t value) noexcept {
  const std::uint32_t run = value >> 4, size = value & 15;
  if (size == 0) return run < kLongRun ? run : 0;
  return size <= AcSymbol::kMaxSize ? size : SymbolTable::kNone;
}

// A reader looks where it is before every MCU or block: so far it may have gone past the end.
static_assert(kMaxMcuBlocks * Symbol::kMaxBits / 8 + 16 < EntropyBits::kPadding);
static_assert(kBlockValues * Symbol::kMaxBits / 8 + 16 < EntropyBits::kPadding);

/// A place in the bits of one interval of a scan.
struct BitPlace {
  const std::uint8_t* bytes;
  std::size_t at;   // bits
  std::size_t end;  // likewise

  std::uint64_t word() const noexcept { return load_bits(bytes, at); }
  bool is_past_end() const noexcept { return at > end; }
  /// Whether nothing is left but what fills the last byte.
  bool is_at_end() const noexcept { return at <= end && end - at < 8; }
};

std::size_t mcu_count(const Scan& scan) noexcept {
  return std::size_t{scan.mcu_cols} * scan.mcu_rows;
}

std::size_t interval_count(const Scan& scan) noexcept {
  if (scan.restart_interval == 0) return 1;
  return (mcu_count(scan) + scan.restart_interval - 1) / scan.restart_interval;
}

/// Calls `read(place, first, last)` for the MCUs [first, last) of every interval, until it is
/// false; whether it never was, and used up every interval's bits.
template <class Read>
bool for_each_interval(const Scan& scan, Read read) {
  EntropyBits bits;
  if (!bits.assign(scan.entropy, interval_count(scan))) return false;
  const std::size_t count = mcu_count(scan);
  std::size_t mcu = 0;
  for (const EntropyBits::Interval& interval : bits.intervals()) {
    const std::size_t last =
        scan.restart_interval == 0 ? count : std::min(count, mcu + scan.restart_interval);
    BitPlace place{bits.bytes(), std::size_t{interval.begin} * 8, std::size_t{interval.end} * 8};
    if (!read(place, mcu, last) || !place.is_at_end()) return false;
    mcu = last;
  }
  return true;
}

/// The MCUs of a scan that begins with luma, one after the other.
class LumaOfScan {
 public:
  LumaOfScan(const Frame& frame, const Scan& scan, const LumaBlocks& luma) noexcept
      : cols_(luma.cols), rows_(luma.rows), mcu_cols_(scan.mcu_cols) {
    for (std::size_t i = 0; i < scan.part_count; ++i) {
      const Component& part = frame.components[scan.parts[i].component];
      const std::size_t blocks = scan.part_count == 1 ? 1 : std::size_t{part.h} * part.v;
      std::fill_n(part_of_.begin() + static_cast<std::ptrdiff_t>(blocks_), blocks,
                  static_cast<std::uint8_t>(i));
      blocks_ += blocks;
    }
    if (scan.part_count > 1) {
      across_ = frame.components[kLuma].h;
      down_ = frame.components[kLuma].v;
    }
  }

  std::size_t blocks() const noexcept { return blocks_; }  // in an MCU, of all components
  std::size_t luma_blocks() const noexcept { return std::size_t{across_} * down_; }  // the first
  std::size_t part_of(std::size_t block) const noexcept { return part_of_[block]; }

  void go_to(std::size_t mcu) noexcept {
    row_ = static_cast<std::uint32_t>(mcu / mcu_cols_) * down_;
    col_ = static_cast<std::uint32_t>(mcu % mcu_cols_) * across_;
  }
  void go_on() noexcept {
    col_ += across_;
    if (col_ < mcu_cols_ * across_) return;
    col_ = 0;
    row_ += down_;
  }

  /// Calls `use(i, block)` for the luma blocks of this MCU that hold pixels: its place among the
  /// MCU's blocks, and in a plane.
  template <class Use>
  void for_each(Use use) const {
    for (std::uint32_t y = 0; y < down_ && row_ + y < rows_; ++y) {
      for (std::uint32_t x = 0; x < across_ && col_ + x < cols_; ++x) {
        use(std::size_t{y} * across_ + x, std::size_t{row_ + y} * cols_ + col_ + x);
      }
    }
  }

 private:
  std::uint32_t cols_, rows_, mcu_cols_;
  std::uint32_t across_ = 1, down_ = 1;
  std::uint32_t row_ = 0, col_ = 0;  // of the first luma block
  std::size_t blocks_ = 0;
  std::array<std::uint8_t, kMaxMcuBlocks> part_of_{};
};

/// Reads the means' upper bits: differences from block to block, of every component of the scan.
class MeanReader {
 public:
  MeanReader(const Scan& scan, LumaOfScan& where, LumaBlocks& luma)
      : where_(where), values_(luma.values.data()), low_(scan.low) {
    tables_.reserve(scan.part_count);
    for (std::size_t i = 0; i < scan.part_count; ++i) {
      tables_.emplace_back(scan.parts[i].dc, &extra_of_mean);
    }
  }

  bool operator()(BitPlace& place, std::size_t mcu, std::size_t last) {
    const int range = kMeanRange >> low_;
    int mean = 0;
    where_.go_to(mcu);
    for (; mcu < last; ++mcu, where_.go_on()) {
      if (place.is_past_end() || !read_differences(place)) return false;
      for (std::size_t i = 0; i < where_.luma_blocks(); ++i) {
        mean += differences_[i];
        differences_[i] = mean;
        if (mean < -range || mean >= range) return false;
      }
      where_.for_each([&](std::size_t i, std::size_t block) {
        values_[block] = static_cast<std::int16_t>(differences_[i] * (1 << low_));
      });
    }
    return true;
  }

 private:
  bool read_differences(BitPlace& place) noexcept {
    static_assert(2 * (HuffmanCode::kMaxLength + kMaxDcSize) <= 57);  // bits of a word
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < where_.blocks(); ++i) {
      if (i % 2 == 0) word = place.word();
      const Symbol symbol = tables_[where_.part_of(i)].first_of(word);
      if (symbol.packed == 0) return false;
      differences_[i] = extend(symbol.extra(word, symbol.value()), symbol.value());
      word <<= symbol.bits();
      place.at += symbol.bits();
    }
    return true;
  }

  LumaOfScan& where_;
  std::int16_t* values_;
  int low_;
  std::vector<SymbolTable> tables_;               // by part of the scan
  std::array<int, kMaxMcuBlocks> differences_{};  // of one MCU
};

/// Reads one more bit of every mean.
bool refine_means(const Scan& scan, LumaOfScan& where, LumaBlocks& luma) {
  return for_each_interval(scan, [&](BitPlace& place, std::size_t mcu, std::size_t last) {
    if (place.end - place.at < (last - mcu) * where.blocks()) return false;
    where.go_to(mcu);
    for (; mcu < last; ++mcu, place.at += where.blocks(), where.go_on()) {
      const std::uint64_t word = place.word();
      where.for_each([&](std::size_t i, std::size_t block) {
        const auto bit = static_cast<int>(word << i >> 63) << scan.low;
        luma.values[block] = static_cast<std::int16_t>(luma.values[block] | bit);
      });
    }
    return true;
  });
}

/// Reads the first scan of a band of coefficients other than the mean.
class BandReader {
 public:
  BandReader(const Scan& scan, LumaBlocks& luma)
      : table_(scan.parts[0].ac, &extra_of_band),
        first_(scan.first),
        last_(scan.last),
        low_(scan.low) {
    const std::size_t plane_size = std::size_t{luma.rows} * luma.cols;
    for (std::size_t k = first_; k <= last_ && k < luma.kept(); ++k) {
      planes_[k] = luma.values.data() + kZigZagPlanes[k] * plane_size;
      luma.unread_bits[kZigZagPlanes[k]] = static_cast<std::uint8_t>(scan.low);
    }
  }

  bool operator()(BitPlace& place, std::size_t block, std::size_t last) {
    while (block < last) {
      if (place.is_past_end()) return false;
      std::size_t empty = 0;  // blocks of which nothing more comes, this one among them
      if (!read_block(place, block, empty) || empty > last - block) return false;
      block += std::max<std::size_t>(empty, 1);
    }
    return true;
  }

 private:
  /// Reads the coefficients of a block until they, or those of a run of blocks, end.
  bool read_block(BitPlace& place, std::size_t block, std::size_t& empty) {
    for (std::size_t k = first_; k <= last_; ++k) {
      const std::uint64_t word = place.word();
      const Symbol symbol = table_.first_of(word);
      if (symbol.packed == 0) return false;
      place.at += symbol.bits();
      const std::uint32_t run = symbol.value() >> 4, size = symbol.value() & 15;
      if (size == 0 && run < kLongRun) {
        empty = (std::size_t{1} << run) + symbol.extra(word, run);
        return true;
      }
      k += run;
      if (k > last_) return false;
      if (planes_[k] == nullptr) continue;
      const int value = size == 0 ? 0 : extend(symbol.extra(word, size), size);
      planes_[k][block] = static_cast<std::int16_t>(value * (1 << low_));
    }
    return true;
  }

  SymbolTable table_;
  std::size_t first_, last_;
  int low_;
  std::array<std::int16_t*, kBlockValues> planes_{};  // by zig-zag position; most are not wanted
};

/// Whether the restarts of a scan that is not read stand in their number and order.
bool has_its_restarts(const Scan& scan) noexcept {
  std::span<const std::uint8_t> rest = scan.entropy;
  std::size_t restarts = 0;
  while (!rest.empty()) {
    const void* hit = std::memchr(rest.data(), 0xFF, rest.size());
    if (hit == nullptr) break;
    const auto at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(hit) - rest.data());
    if (rest.size() - at < 2) return false;
    const std::uint8_t next = rest[at + 1];
    if (next != 0 && next != kRst0 + restarts++ % 8) return false;
    rest = rest.subspan(at + 2);
  }
  return restarts + 1 == interval_count(scan);
}

/// Whether all values are such as samples of 8 bits have, with some slack: a decoder may clip or
/// wrap what follows from others. **Source:** ITU-T T.81, A.3.3: a mean is eight times its
/// samples', less 128.
bool are_usual(const LumaBlocks& luma) noexcept {
  constexpr int kSlack = 16;  // half the coarsest step, as samples
  constexpr int kMostOther = 4096;
  const std::size_t plane_size = std::size_t{luma.rows} * luma.cols;
  for (std::size_t plane = 0; plane < luma.kept(); ++plane) {
    const std::int16_t* values = luma.plane_values(plane);
    int least = 0, most = 0;
    for (std::size_t i = 0; i < plane_size; ++i) {
      least = std::min<int>(least, values[i]);
      most = std::max<int>(most, values[i]);
    }
    const int step = luma.steps[plane];
    const int floor = plane == 0 ? -(128 + kSlack) * 8 : -kMostOther;
    const int ceiling = plane == 0 ? (127 + kSlack) * 8 : kMostOther;
    if (least * step < floor || most * step > ceiling) return false;
  }
  return true;
}

bool read_scan(const Frame& frame, const Scan& scan, LumaBlocks& luma) {
  const bool of_luma = scan.parts[0].component == kLuma;
  if (of_luma && scan.first == 0) {
    LumaOfScan where(frame, scan, luma);
    if (scan.high > 0) return refine_means(scan, where, luma);
    return for_each_interval(scan, MeanReader(scan, where, luma));
  }
  if (of_luma && scan.high == 0 && scan.first < luma.kept()) {
    return for_each_interval(scan, BandReader(scan, luma));
  }
  return has_its_restarts(scan);
}

}  // namespace

bool is_complete_progression(const Frame& frame) noexcept {
  constexpr std::int8_t kNone = -1;
  std::array<std::array<std::int8_t, kBlockValues>, kMaxComponents> missing;  // bits
  for (auto& component : missing) component.fill(kNone);
  for (const Scan& scan : frame.scans) {
    for (std::size_t i = 0; i < scan.part_count; ++i) {
      auto& component = missing[scan.parts[i].component];
      if (scan.first > 0 && component[0] == kNone) return false;
      const int expected = scan.high == 0 ? kNone : scan.high;
      for (std::size_t k = scan.first; k <= scan.last; ++k) {
        if (component[k] != expected) return false;
        component[k] = static_cast<std::int8_t>(scan.low);
      }
    }
  }
  return std::all_of(
      missing.begin(), missing.begin() + frame.component_count, [](const auto& component) {
        return std::ranges::all_of(component, [](std::int8_t bits) { return bits == 0; });
      });
}

bool read_progressive(const Frame& frame, LumaBlocks& luma) {
  const bool right = std::ranges::all_of(
      frame.scans, [&](const Scan& scan) { return read_scan(frame, scan, luma); });
  return right && are_usual(luma);
}

}  // namespace semblance::decode::jpeg
