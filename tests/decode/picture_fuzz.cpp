// SPDX-License-Identifier: Apache-2.0
// A file as a worker meets it: sniffed, then decoded by whichever library its format has.
#include "decode/checking_sink.h"
#include "decode/sniff.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  Limits limits;
  limits.max_pixels = 1 << 18;
  limits.max_picture_bytes = 1 << 24;
  const std::span<const std::uint8_t> bytes(data, size);
  decode::decode_checked(bytes, decode::sniff(bytes.first(size < 4096 ? size : 4096)), limits);
  return 0;
}
