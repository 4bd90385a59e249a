// SPDX-License-Identifier: Apache-2.0
// Words of the command line: numbers within their range, and text that may be stored.
#include "option_text.h"

#include "core/base64.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  const std::string_view text = fuzz::text_of({data, size});
  constexpr tool::NumberRange kRanges[] = {
      {}, {1, 1000, 0}, {0, UINT64_MAX, 1000}, {1, 1 << 30, 1024}};
  for (const tool::NumberRange& range : kRanges) {
    const auto number = tool::parse_number(text, range);
    if (!number) continue;
    SEMBLANCE_HOLDS(*number >= range.least && *number <= range.most);
    const auto again = tool::parse_number(std::to_string(*number), range);
    SEMBLANCE_HOLDS(again && *again == *number);
  }
  const auto decimal = tool::parse_decimal(text, 86'400);
  SEMBLANCE_HOLDS(!decimal || (*decimal >= 0 && *decimal <= 86'400));
  const auto sides = tool::parse_size(text, 8192);
  SEMBLANCE_HOLDS(!sides || (sides->width >= 1 && sides->width <= 8192 && sides->height >= 1 &&
                             sides->height <= 8192));
  const bool stored = tool::text_fault(text, 64).empty();
  SEMBLANCE_HOLDS(!stored || (size > 0 && size <= 64 && is_utf8(text)));
  return 0;
}
