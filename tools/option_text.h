// SPDX-License-Identifier: Apache-2.0
// What the words of the command line may be: whole numbers and plain text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "semblance/result.h"

namespace semblance::tool {

/// The whole numbers that an option takes.
struct NumberRange {
  std::uint64_t least = 0;
  std::uint64_t most = UINT64_MAX;
  std::uint64_t kilo = 0;  // what a suffix `K` multiplies by, `M` by its square; 0: no suffix
};

/// Parses a whole number in decimal digits, with a suffix K, M, G or T where the range has one.
/// A sign, any other character, overflow, or a number out of range is Errc::kBadArgument.
Result<std::uint64_t> parse_number(std::string_view text, const NumberRange& range);

/// Parses a decimal number of 0 to `most`, such as `0.5`: digits with one point at most. Anything
/// else, such as a sign or an exponent, is Errc::kBadArgument.
Result<double> parse_decimal(std::string_view text, double most);

/// A picture's size in pixels.
struct PixelSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

/// Parses `WIDTHxHEIGHT`, each 1 to `most`. Anything else is Errc::kBadArgument.
Result<PixelSize> parse_size(std::string_view text, std::uint32_t most);

/// What keeps `text` from being stored: it is empty, above `max_bytes`, not UTF-8, or holds a
/// control character. Empty if nothing does.
std::string text_fault(std::string_view text, std::size_t max_bytes);

}  // namespace semblance::tool
