// SPDX-License-Identifier: Apache-2.0
// BMP, whatever its first two bytes are: our own headers, palettes and rows.
#include "decode/checking_sink.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  Limits limits;
  limits.max_pixels = 1 << 14;
  limits.max_picture_bytes = 1 << 20;
  decode::decode_checked({data, size}, decode::Format::kBmp, limits);
  return 0;
}
