// SPDX-License-Identifier: Apache-2.0
#include "query.h"

#include <optional>

namespace semblance::tool {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kSpace = " \t\r\n";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// SHA-256 has PDQ's length: only `sha256:` names it.
std::optional<SignalKind> kind_of_length(std::size_t digits) {
  switch (digits) {
    case 32:
      return SignalKind::kMd5;
    case 40:
      return SignalKind::kSha1;
    case 64:
      return SignalKind::kPdq;
    case 128:
      return SignalKind::kSha512;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string_view trimmed(std::string_view text) noexcept {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

Result<SignalValue> parse_query(std::string_view text) {
  text = trimmed(text);
  if (const std::size_t end = text.find_first_of(": \t"); end != std::string_view::npos) {
    const Result<SignalKind> kind = parse_signal_kind(lower(text.substr(0, end)));
    if (!kind) return Error{Errc::kBadHash, kind.error().what};
    return parse_signal_value(*kind, trimmed(text.substr(end + 1)));
  }
  if (const auto kind = kind_of_length(text.size()); kind) return parse_signal_value(*kind, text);
  return Error{Errc::kBadHash, "parse hash: " + std::to_string(text.size()) +
                                   " characters are no hash; write 64 (pdq), 32 (md5), 40 (sha1) "
                                   "or 128 (sha512) hex digits, or kind:HEX"};
}

}  // namespace semblance::tool
