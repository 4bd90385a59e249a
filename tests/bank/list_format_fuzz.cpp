// SPDX-License-Identifier: Apache-2.0
// The beginning of a list, and its words: what is recognised has a name, and reads back.
#include "bank/list_codec.h"
#include "fuzz/fuzz.h"
#include "semblance/exchange.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  const std::string_view text = fuzz::text_of({data, size});
  if (const auto format = sniff_list_format(text)) {
    const auto again = parse_list_format(name(*format));
    SEMBLANCE_HOLDS(again && *again == *format);
  }
  if (const auto kind = bank::parse_kind_spelling(text)) {
    const auto again = bank::parse_kind_spelling(name(*kind));
    SEMBLANCE_HOLDS(again && *again == *kind);
  }
  if (const auto value = bank::parse_hex_line(text)) {
    const auto again =
        bank::parse_hex_line(std::string(name(value->kind)) + ' ' + to_hex(value->bytes));
    SEMBLANCE_HOLDS(again && *again == *value);
  }
  return 0;
}
