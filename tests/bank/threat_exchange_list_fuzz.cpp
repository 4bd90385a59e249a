// SPDX-License-Identifier: Apache-2.0
// Pages of Meta's `threat_updates`.
#include "bank/list_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance::bank;
  list_fuzz::check_list({semblance::ListFormat::kThreatExchange, &read_threat_exchange,
                         make_threat_exchange_writer({}, 0)},
                        semblance::fuzz::text_of({data, size}));
  return 0;
}
