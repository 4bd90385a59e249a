// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: what the markers of a usual JPEG file say, and where its entropy code
// lies.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/luma_blocks.h"

namespace semblance::decode::jpeg {

/// More is not usual, and decode_picture stops there too.
inline constexpr std::size_t kMaxScans = 500;

/// The widest picture that libjpeg-turbo takes.
inline constexpr std::uint32_t kMaxDimension = 65'500;

inline constexpr std::size_t kMaxComponents = 3;
inline constexpr std::size_t kMaxMcuBlocks = 10;
inline constexpr std::size_t kBlockValues = 64;

/// The second byte of the first restart marker; the following seven are the next ones.
inline constexpr std::uint8_t kRst0 = 0xD0;

/// a / b, rounded up.
template <class Number>
constexpr Number divide_up(Number a, Number b) noexcept {
  return (a + b - 1) / b;
}

/// The planes of LumaBlocks by their coefficients' numbers in zig-zag order, whose diagonals
/// alternate in direction. **Source:** ITU-T T.81, figure A.6.
inline constexpr std::array<std::uint8_t, LumaBlocks::kMaxKept> kZigZagPlanes = {
    LumaBlocks::plane(0, 0), LumaBlocks::plane(0, 1), LumaBlocks::plane(1, 0),
    LumaBlocks::plane(2, 0), LumaBlocks::plane(1, 1), LumaBlocks::plane(0, 2),
    LumaBlocks::plane(0, 3), LumaBlocks::plane(1, 2), LumaBlocks::plane(2, 1),
    LumaBlocks::plane(3, 0)};

/// The lengths of the symbols' codes, and the symbols in the order of their codes. A copy: a large
/// file is read in place, and may change between the check of a table and its use.
/// **Source:** ITU-T T.81, B.2.4.2 and C.2.
class HuffmanSpec {
 public:
  static constexpr std::size_t kLengths = 16;
  static constexpr std::size_t kMostSymbols = 256;

  /// Not defined.
  HuffmanSpec() = default;

  /// Of kLengths counts, of the codes of 1, 2, ... bits, and of at most kMostSymbols symbols; what
  /// is more is dropped.
  HuffmanSpec(std::span<const std::uint8_t> counts, std::span<const std::uint8_t> symbols) noexcept
      : symbol_count_(std::min(symbols.size(), kMostSymbols)), defined_(true) {
    std::copy_n(counts.begin(), std::min(counts.size(), kLengths), counts_.begin());
    std::copy_n(symbols.begin(), symbol_count_, symbols_.begin());
  }

  bool defined() const noexcept { return defined_; }
  std::span<const std::uint8_t, kLengths> counts() const noexcept { return counts_; }
  std::span<const std::uint8_t> symbols() const noexcept {
    return std::span(symbols_).first(symbol_count_);
  }

 private:
  std::array<std::uint8_t, kLengths> counts_{};
  std::array<std::uint8_t, kMostSymbols> symbols_{};
  std::size_t symbol_count_ = 0;
  bool defined_ = false;
};

/// Whether the codes are a prefix code that leaves the code of only ones out, as T.81 asks.
bool is_prefix_code(const HuffmanSpec& spec) noexcept;

/// One component of the picture.
struct Component {
  std::uint8_t id = 0;
  std::uint8_t h = 1;      // samples across for each max_h of the frame, 1..4, a divisor of it
  std::uint8_t v = 1;      // samples down, likewise
  std::uint32_t cols = 0;  // blocks that hold its samples, across
  std::uint32_t rows = 0;  // and down
  std::array<std::uint8_t, kBlockValues> steps{};  // of quantisation, zig-zag order, none is 0
};

/// One component of a scan, with the tables in force when the scan began.
struct ScanPart {
  std::uint8_t component = 0;  // number in Frame::components
  HuffmanSpec dc;              // defined, and a prefix code, wherever the scan uses it
  HuffmanSpec ac;
};

/// One scan and its entropy code.
struct Scan {
  std::array<ScanPart, kMaxComponents> parts{};
  std::uint8_t part_count = 0;  // more than one: interleaved, in the order of the frame
  std::uint8_t first = 0;       // coefficients, zig-zag: Ss of T.81
  std::uint8_t last = 63;       // Se
  std::uint8_t high = 0;        // bits that earlier scans gave, 0: this is the first: Ah
  std::uint8_t low = 0;         // bits that later scans will give: Al
  std::uint32_t mcu_cols = 0;   // units of the entropy code across; of one part, blocks of it
  std::uint32_t mcu_rows = 0;
  std::uint32_t restart_interval = 0;     // such units; 0: no restarts
  std::span<const std::uint8_t> entropy;  // up to the marker that ends it; stuffed, restarts inside
};

/// A JPEG file of the usual kind, from its start marker to its end marker.
struct Frame {
  std::uint32_t width = 0;   // pixels, 1..kMaxDimension
  std::uint32_t height = 0;  // pixels, likewise
  bool progressive = false;
  std::uint8_t max_h = 1;
  std::uint8_t max_v = 1;
  std::uint8_t component_count = 0;  // 1: gray; 3: luma first, at full resolution, then chroma
  std::array<Component, kMaxComponents> components{};
  std::vector<Scan> scans;  // in the order of the file; sequential: each component in exactly one
};

/// Reads the markers. Nothing where the file is not of the usual kind: anything but 8 bits and
/// Huffman codes, sequential or progressive, gray or YCbCr with luma at full resolution; a table
/// missing or malformed; bytes between segments; no end marker; more scans than kMaxScans.
///
/// The entropy codes of what is returned are parts of `bytes`. The entropy code is not looked at,
/// but for its end.
std::optional<Frame> parse_frame(std::span<const std::uint8_t> bytes);

}  // namespace semblance::decode::jpeg
