// SPDX-License-Identifier: Apache-2.0
// The hashes that `match` is asked for: what parses is found again by its kind and its digits.
#include "query.h"

#include <string>

#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  const std::string_view text = fuzz::text_of({data, size});
  const std::string_view inner = tool::trimmed(text);
  SEMBLANCE_HOLDS(inner.size() <= text.size());
  const auto value = tool::parse_query(text);
  if (!value) return 0;
  SEMBLANCE_HOLDS(value->bytes.size() == value_bytes(value->kind));
  const std::string hex = to_hex(value->bytes);
  for (const char* between : {":", " ", "\t"}) {
    const auto again = tool::parse_query(std::string(name(value->kind)) + between + hex);
    SEMBLANCE_HOLDS(again && *again == *value);
  }
  return 0;
}
