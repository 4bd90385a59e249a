// SPDX-License-Identifier: Apache-2.0
// TIFF, whatever its first bytes are: libtiff, and our own reading of its strips, tiles and
// samples.
#include "decode/checking_sink.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  Limits limits;
  limits.max_pixels = 1 << 14;
  limits.max_picture_bytes = 1 << 20;
  decode::decode_checked({data, size}, decode::Format::kTiff, limits);
  return 0;
}
