// SPDX-License-Identifier: Apache-2.0
#include "decode/jpeg/windows.h"

#include <algorithm>

namespace semblance::decode::jpeg {
namespace {

/// The windows of every width up to kWindowBits, so that the wider ones are made of narrower ones:
/// behind a symbol, what is left of a window is a window. Those of `width` bits start at 1 <<
/// width. 0: no symbol.
struct Pyramid {
  std::array<std::uint16_t, kWindows * 2> entries{};
  std::array<std::uint32_t, kWindowBits + 1> most{};  // the most coefficients of that width

  /// Writes the windows of `width` bits that start with a code, its `size` extra bits, and whatever
  /// follows: entry `own`, or of `own` and the narrower window behind it.
  void lead(std::uint16_t* windows, int width, std::uint32_t code, int length, std::uint32_t size,
            std::uint32_t own) noexcept {
    const std::size_t count = std::size_t{1} << (width - length);
    std::uint16_t* to = windows + (std::size_t{code} << (width - length));
    const int left = width - length - static_cast<int>(size);
    if (left <= 0 || (own & skip::kEnds) != 0) {
      std::fill_n(to, count, static_cast<std::uint16_t>(own));
      return;
    }
    const std::size_t narrow = std::size_t{1} << left;
    const std::uint16_t* behind = entries.data() + narrow;
    const std::uint32_t advance = own >> skip::kAdvanceShift & skip::kMaxAdvance;
    const bool fits = advance + most[static_cast<std::size_t>(left)] <= skip::kMaxAdvance;
    for (std::size_t i = 0; i < count; i += narrow) {
      for (std::size_t j = 0; j < narrow; ++j) {
        const std::uint32_t next = behind[j];
        const std::uint32_t more = next >> skip::kAdvanceShift & skip::kMaxAdvance;
        const bool both = fits || advance + more <= skip::kMaxAdvance;
        to[i + j] = static_cast<std::uint16_t>(both ? own + next : own);
      }
    }
  }
};

void build_inside(Pyramid& pyramid, const HuffmanCode& ac) noexcept {
  struct Lead {
    std::uint16_t code;
    std::uint8_t length;
    std::uint8_t size;
    std::uint16_t entry;
  };
  std::array<Lead, 256> leads;  // the shorter ones first
  std::size_t count = 0;
  ac.for_each([&](std::uint32_t code, int length, std::uint8_t value) {
    const AcSymbol symbol = AcSymbol::of(value);
    if (length > kWindowBits || !symbol.usual) return;
    const std::uint32_t bits = static_cast<std::uint32_t>(length) + symbol.size;
    leads[count++] = {
        static_cast<std::uint16_t>(code), static_cast<std::uint8_t>(length), symbol.size,
        static_cast<std::uint16_t>(bits | std::uint32_t{symbol.advance} << skip::kAdvanceShift |
                                   (symbol.ends ? skip::kEnds : 0))};
  });
  for (int width = 1; width <= kWindowBits; ++width) {
    std::uint16_t* const windows = pyramid.entries.data() + (std::size_t{1} << width);
    for (std::size_t i = 0; i < count && leads[i].length <= width; ++i) {
      const Lead& lead = leads[i];
      pyramid.lead(windows, width, lead.code, lead.length, lead.size, lead.entry);
    }
    std::uint32_t& most = pyramid.most[static_cast<std::size_t>(width)];
    for (std::size_t i = 0; i < std::size_t{1} << width; ++i) {
      most = std::max(most, windows[i] >> skip::kAdvanceShift & skip::kMaxAdvance);
    }
  }
}

/// Says kStuck where a window got nothing.
void mark_stuck(std::array<std::uint16_t, kWindows>& windows) noexcept {
  for (std::uint16_t& entry : windows) {
    if (entry == 0) entry = skip::kStuck;
  }
}

/// Writes the windows that start with a code, by the sign that its first extra bit gives.
void lead_one(std::array<std::uint32_t, kWindows>& windows, std::uint32_t code, int length,
              std::uint32_t size, std::uint32_t advance) noexcept {
  const int signs = size > 0 ? 1 : 0;
  if (length + signs > kWindowBits) return;
  const std::uint32_t bits = static_cast<std::uint32_t>(length) + size;
  const std::size_t count = std::size_t{1} << (kWindowBits - length - signs);
  std::uint32_t* to = windows.data() + (std::size_t{code} << (kWindowBits - length));
  for (int positive = 1 - signs; positive <= 1; ++positive, to += count) {
    const std::uint32_t below = positive != 0 ? 0 : (1u << size) - 1;
    const std::uint32_t bias = 0u - (code << size) - below;
    std::fill_n(to, count, bits | advance << one::kAdvanceShift | bias << one::kBiasShift);
  }
}

}  // namespace

void Windows::build(const HuffmanCode& dc, const HuffmanCode& ac) noexcept {
  Pyramid pyramid;
  build_inside(pyramid, ac);
  std::copy_n(pyramid.entries.data() + kWindows, kWindows, inside.data());
  mark_stuck(inside);

  start.fill(0);
  dc.for_each([&](std::uint32_t code, int length, std::uint8_t size) {
    if (length > kWindowBits || size > kMaxDcSize) return;
    const std::uint32_t bits = static_cast<std::uint32_t>(length) + size;
    pyramid.lead(start.data(), kWindowBits, code, length, size, bits | skip::kEnters);
  });
  mark_stuck(start);
}

void ValueWindows::build(const HuffmanCode& dc_code, const HuffmanCode& ac_code) noexcept {
  dc.fill(0);
  dc_code.for_each([&](std::uint32_t code, int length, std::uint8_t size) {
    if (size <= kMaxDcSize) lead_one(dc, code, length, size, 0);
  });
  ac.fill(0);
  ac_code.for_each([&](std::uint32_t code, int length, std::uint8_t value) {
    const AcSymbol symbol = AcSymbol::of(value);
    if (symbol.usual) {
      lead_one(ac, code, length, symbol.size,
               symbol.ends ? one::kMaxAdvance : std::uint32_t{symbol.advance});
    }
  });
}

}  // namespace semblance::decode::jpeg
