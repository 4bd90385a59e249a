// SPDX-License-Identifier: Apache-2.0
#include "option_text.h"

#include <charconv>
#include <system_error>

#include "core/base64.h"

namespace semblance::tool {
namespace {

bool has_control(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    // C1, in UTF-8: what a terminal obeys too.
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
      return true;
    }
  }
  return false;
}

// How often the unit is multiplied in: `K` once, `M` twice; none for anything else.
unsigned power_of(char suffix) noexcept {
  constexpr std::string_view kUpper = "KMGT";
  constexpr std::string_view kLower = "kmgt";
  for (unsigned i = 0; i < kUpper.size(); ++i) {
    if (suffix == kUpper[i] || suffix == kLower[i]) return i + 1;
  }
  return 0;
}

Error bad_number(std::string_view text, const NumberRange& range) {
  std::string what = "'" + std::string(text) + "' is not a whole number";
  if (range.most == UINT64_MAX) {
    if (range.least > 0) what += " of at least " + std::to_string(range.least);
  } else {
    what += " in " + std::to_string(range.least) + ".." + std::to_string(range.most);
  }
  if (range.kilo != 0) {
    what += "; K, M, G and T may follow it, K is " + std::to_string(range.kilo);
  }
  return {Errc::kBadArgument, std::move(what)};
}

}  // namespace

Result<std::uint64_t> parse_number(std::string_view text, const NumberRange& range) {
  std::string_view digits = text;
  const unsigned power = range.kilo != 0 && !text.empty() ? power_of(text.back()) : 0;
  if (power > 0) digits.remove_suffix(1);
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, failed] = std::from_chars(digits.data(), end, value);
  bool good = failed == std::errc() && stopped == end;
  for (unsigned i = 0; good && i < power; ++i) {
    good = !__builtin_mul_overflow(value, range.kilo, &value);
  }
  if (!good || value < range.least || value > range.most) return bad_number(text, range);
  return value;
}

Result<double> parse_decimal(std::string_view text, double most) {
  constexpr std::string_view kDigits = "0123456789.";
  double value = 0;
  const char* const end = text.data() + text.size();
  const bool plain = !text.empty() && text.find_first_not_of(kDigits) == std::string_view::npos;
  if (plain) {
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && rest == end && value <= most) return value;
  }
  return Error{Errc::kBadArgument, "'" + std::string(text) + "' is not a number in 0.." +
                                       std::to_string(static_cast<std::uint64_t>(most))};
}

Result<PixelSize> parse_size(std::string_view text, std::uint32_t most) {
  const std::size_t cross = text.find('x');
  if (cross != std::string_view::npos) {
    const NumberRange range{.least = 1, .most = most};
    const auto width = parse_number(text.substr(0, cross), range);
    const auto height = parse_number(text.substr(cross + 1), range);
    if (width && height) {
      return PixelSize{static_cast<std::uint32_t>(*width), static_cast<std::uint32_t>(*height)};
    }
  }
  return Error{Errc::kBadArgument,
               "'" + std::string(text) + "' is not WIDTHxHEIGHT, each 1.." + std::to_string(most)};
}

std::string text_fault(std::string_view text, std::size_t max_bytes) {
  if (text.empty()) return "must not be empty";
  if (text.size() > max_bytes) return "must have at most " + std::to_string(max_bytes) + " bytes";
  if (!is_utf8(text)) return "must be UTF-8";
  if (has_control(text)) return "must not hold control characters";
  return {};
}

}  // namespace semblance::tool
