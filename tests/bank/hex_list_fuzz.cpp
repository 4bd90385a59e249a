// SPDX-License-Identifier: Apache-2.0
// Hex lists: one hash a line.
#include "bank/list_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance::bank;
  list_fuzz::check_list({semblance::ListFormat::kHex, &read_hex, make_hex_writer(0)},
                        semblance::fuzz::text_of({data, size}));
  return 0;
}
