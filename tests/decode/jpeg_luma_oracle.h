// SPDX-License-Identifier: Apache-2.0
// What JpegLuma must agree with: libjpeg-turbo's own coefficients, and decode_picture's judgement.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "semblance/limits.h"

namespace semblance::decode {

/// The row-major place in a block of each zig-zag position. **Source:** ITU-T T.81, figure 5.
extern const std::array<std::uint8_t, 64> kZigZag;

/// The luma of a JPEG file as jpeg_read_coefficients gives it.
struct TurboLuma {
  std::uint32_t width = 0, height = 0;
  std::uint32_t cols = 0, rows = 0;  // blocks with pixels of the picture
  bool luma_first = false;           // gray or YCbCr, says the library
  bool progressive = false;
  // Row-major places in a block, like the coefficients below.
  std::array<std::uint16_t, 64> steps{};
  // Of a progressive file: the number of the first scan of each coefficient, -1: of none; and where
  // the marker of each scan stands.
  std::array<int, 64> first_scan{};
  std::array<int, 64> unread_bits{};  // that this scan leaves to later ones
  std::vector<std::size_t> scan_starts;
  std::vector<std::array<std::int16_t, 64>> blocks;  // rows x cols
};

/// Nothing where the library ends with an error.
std::optional<TurboLuma> turbo_luma(std::span<const std::uint8_t> bytes);

/// What became of one file.
struct LumaVerdict {
  bool opened = false;
  int orders_read = 0;  // of 1..LumaBlocks::kMaxOrders, how many were given
  std::string wrong;    // what disagrees; empty: nothing does
  bool all_read() const;
};

/// Opens and reads the file in every order, and compares whatever is given.
///
/// Of a progressive file the scans that are not read may be damaged without being noticed; what
/// was read must be the library's all the same, and the file one that decode_picture accepts.
LumaVerdict judge_luma(std::span<const std::uint8_t> bytes, const Limits& limits = {});

}  // namespace semblance::decode
