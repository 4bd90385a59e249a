// SPDX-License-Identifier: Apache-2.0
// Names that are no UTF-8: what is UTF-8 is decided as a decoder decides it, and base64 loses
// nothing.
#include "core/base64.h"

#include <openssl/evp.h>

#include <string>

#include "fuzz/fuzz.h"

namespace {

using semblance::fuzz::text_of;

// The length of the character at the head of `text`, by the arithmetic of RFC 3629; 0 if there is
// none.
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0x80             ? 1
                             : (byte(0) & 0xE0) == 0xC0 ? 2
                             : (byte(0) & 0xF0) == 0xE0 ? 3
                             : (byte(0) & 0xF8) == 0xF0 ? 4
                                                        : 0;
  if (length == 0 || length > text.size()) return 0;
  std::uint32_t point = length == 1 ? byte(0) : byte(0) & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    point = point << 6 | (byte(i) & 0x3FU);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return point >= kLeast[length] && point <= 0x10FFFF && !surrogate ? length : 0;
}

bool decodes(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = character(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = text_of({data, size});
  SEMBLANCE_HOLDS(semblance::is_utf8(text) == decodes(text));
  const std::string base64 = semblance::to_base64(text);
  SEMBLANCE_HOLDS(base64.size() == (size + 2) / 3 * 4);
  std::string back(base64.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(back.data()),
                                     reinterpret_cast<const unsigned char*>(base64.data()),
                                     static_cast<int>(base64.size()));
  SEMBLANCE_HOLDS(length == static_cast<int>(back.size()));
  SEMBLANCE_HOLDS(std::string_view(back).substr(0, size) == text);
  return 0;
}
