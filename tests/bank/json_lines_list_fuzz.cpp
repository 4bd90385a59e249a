// SPDX-License-Identifier: Apache-2.0
// Our own lists, which keep everything: one JSON object a line.
#include "bank/list_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance::bank;
  list_fuzz::check_list(
      {semblance::ListFormat::kJsonLines, &read_json_lines, make_json_lines_writer()},
      semblance::fuzz::text_of({data, size}));
  return 0;
}
