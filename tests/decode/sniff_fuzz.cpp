// SPDX-License-Identifier: Apache-2.0
// What a file is, from a head of any bytes: within the head, and named.
#include "decode/sniff.h"

#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  const decode::Format format = decode::sniff({data, size});
  SEMBLANCE_HOLDS(format <= decode::Format::kOtherContainer);
  const bool known = format != decode::Format::kUnknown;
  SEMBLANCE_HOLDS(decode::name(format).empty() != known);
  SEMBLANCE_HOLDS((decode::media_kind(format) != MediaKind::kUnknown) == known);
  SEMBLANCE_HOLDS(!decode::decodable(format) || decode::media_kind(format) == MediaKind::kImage);
  return 0;
}
