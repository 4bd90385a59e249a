// SPDX-License-Identifier: Apache-2.0
// Dates of the command line: a date that is one is written as it was read.
#include "dates.h"

#include <string>

#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  const std::string_view text = fuzz::text_of({data, size});
  const auto when = tool::parse_date(text);
  if (!when) return 0;
  const std::string written = tool::format_date(*when);
  SEMBLANCE_HOLDS(written == (size == 10 ? std::string(text) + "T00:00:00Z" : std::string(text)));
  const auto again = tool::parse_date(written);
  SEMBLANCE_HOLDS(again && *again == *when);
  return 0;
}
