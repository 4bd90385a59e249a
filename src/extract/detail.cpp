// SPDX-License-Identifier: Apache-2.0
#include "extract/detail.h"

#include <algorithm>
#include <utility>

#include "core/base64.h"
#include "extract/wire.h"

namespace semblance::extract {
namespace {

Reason reason_of(Errc code) {
  switch (code) {
    case Errc::kIo:
    case Errc::kNotFound:
      return Reason::kOpenFailed;
    case Errc::kLimit:
      return Reason::kOverLimit;
    case Errc::kTimeout:
      return Reason::kTimedOut;
    case Errc::kUnsupported:
      return Reason::kUnsupported;
    case Errc::kTruncated:
      return Reason::kTruncated;
    case Errc::kWorker:
      return Reason::kDecoderCrashed;
    default:
      return Reason::kDecodeFailed;
  }
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// Whether the UTF-8 character at `at` could steer a terminal: C1 controls, and what sets the
// direction of text or ends a line.
bool steers(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  if (byte(at) == 0xC2) return byte(at + 1) < 0xA0;
  if (byte(at) != 0xE2) return false;
  const unsigned low = byte(at + 2);
  if (byte(at + 1) == 0x80) return low == 0x8E || low == 0x8F || (low >= 0xA8 && low <= 0xAE);
  return byte(at + 1) == 0x81 && low >= 0xA6 && low <= 0xA9;
}

}  // namespace

std::string tidy(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    std::size_t end = kMaxTextBytes;
    while (end > 0 && is_continuation(text[end])) --end;  // never half a character
    text = text.substr(0, end);
  }
  std::string line(text);
  const bool utf8 = is_utf8(line);
  for (std::size_t at = 0; utf8 && at < line.size(); ++at) {
    if (steers(line, at)) line.replace(at, line[at] == '\xC2' ? 2 : 3, "?");
  }
  for (char& c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = ' ';
    if (byte >= 0x80 && !utf8) c = '?';
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::string tidy_lines(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (const std::string tidied = tidy(line); !tidied.empty()) lines += tidied + '\n';
  }
  return lines;
}

Facts tidy(Facts facts) {
  facts.format = tidy(facts.format);
  facts.decoder = tidy(facts.decoder);
  facts.codec = tidy(facts.codec);
  return facts;
}

Ending tidy(Ending ending) {
  ending.detail = tidy(ending.detail);
  return ending;
}

Ending out_of_memory() { return {Reason::kOverLimit, false, "decode: out of memory"}; }

Ending ending_of(const Error& error) { return {reason_of(error.code), false, tidy(error.what)}; }

}  // namespace semblance::extract
