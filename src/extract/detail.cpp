// SPDX-License-Identifier: Apache-2.0
#include "extract/detail.h"

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

}  // namespace

std::string tidy(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    std::size_t end = kMaxTextBytes;
    while (end > 0 && is_continuation(text[end])) --end;  // never half a character
    text = text.substr(0, end);
  }
  std::string line(text);
  const bool utf8 = is_utf8(line);
  for (char& c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = ' ';
    if (byte >= 0x80 && !utf8) c = '?';
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

Facts tidy(Facts facts) {
  facts.format = tidy(facts.format);
  facts.decoder = tidy(facts.decoder);
  return facts;
}

Ending tidy(Ending ending) {
  ending.detail = tidy(ending.detail);
  return ending;
}

Ending ending_of(const Error& error) { return {reason_of(error.code), false, tidy(error.what)}; }

}  // namespace semblance::extract
