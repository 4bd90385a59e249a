// SPDX-License-Identifier: Apache-2.0
// Tech Against Terrorism's TCAP hash lists.
#include "bank/list_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance::bank;
  list_fuzz::check_list({semblance::ListFormat::kTcap, &read_tcap, make_tcap_writer({}, 0)},
                        semblance::fuzz::text_of({data, size}));
  return 0;
}
